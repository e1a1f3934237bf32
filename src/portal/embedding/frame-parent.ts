/** Whether the portal is in a frame of another page. */
export const isFramed = window.parent !== window;

/** Whether the browser stores cookies here. Tests this with a cookie, because `navigator.cookieEnabled` is unreliable. */
function storesCookies(): boolean {
  const probe = 'portal_probe=1';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not available everywhere, and is asynchronous.
  document.cookie = `${probe}; SameSite=Lax`;
  const isStored = document.cookie.includes(probe);
  // biome-ignore lint/suspicious/noDocumentCookie: as above.
  document.cookie = `${probe}; Max-Age=0`;
  return isStored;
}

/**
 * Whether the session token must be sent as a bearer token, because the browser stores no cookie: no browser does in a
 * frame of another site, and some do nowhere. The page then stores the token in memory and does not reload between tabs.
 */
export const usesBearerToken = isFramed || !storesCookies();

/** A message to the page that embeds the portal. */
export type FrameMessage =
  | { type: 'portico:session-expired' }
  | { type: 'portico:signed-out' }
  | { type: 'portico:height'; height: number }
  | { type: 'portico:color-scheme'; scheme: 'light' | 'dark' };

/**
 * Sends a message to the embedding page, if it has one of these origins. The browser drops a message to any other origin,
 * so no other page can read it.
 */
export function notifyParent(message: FrameMessage, embeddingOrigins: readonly string[] = []): void {
  if (!isFramed) return;
  // Not every browser exposes the origin of the parent.
  for (const origin of embeddingOrigins) window.parent.postMessage(message, origin);
}

/** Whether the portal is shown in a frame of another page. */
export const isFramed = window.parent !== window;

/** Whether the browser keeps cookies here. What it says of itself is not always so; what it does is. */
function keepsCookies(): boolean {
  const probe = 'portico_probe=1';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere, and answers too late.
  document.cookie = `${probe}; SameSite=Lax`;
  const isKept = document.cookie.includes(probe);
  // biome-ignore lint/suspicious/noDocumentCookie: as above.
  document.cookie = `${probe}; Max-Age=0`;
  return isKept;
}

/**
 * Whether the cookie cannot be counted on: browsers keep none in a frame of another site, and some none at all. The token
 * is then kept in memory, for as long as the page is there, and the page is never left from tab to tab.
 */
export const bearsToken = isFramed || !keepsCookies();

/** What the page that frames the portal is told. */
export type FrameMessage = { type: 'portico:session-expired' } | { type: 'portico:signed-out' };

/**
 * Tells the page that frames the portal, where it is of one of these origins. A message to an origin that the parent
 * does not have is dropped by the browser, so it reaches no other page.
 */
export function tellParent(message: FrameMessage, embeddingOrigins: readonly string[] = []): void {
  if (!isFramed) return;
  // Which of them the parent is of, not every browser tells.
  for (const origin of embeddingOrigins) window.parent.postMessage(message, origin);
}

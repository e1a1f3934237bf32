/** Whether the portal is shown in a frame of another page. */
export const isFramed = window.parent !== window;

/** What the page that frames the portal is told. */
export type FrameMessage = { type: 'portico:session-expired' } | { type: 'portico:signed-out' };

/**
 * Tells the page that frames the portal, where it is of one of these origins. A message to an origin that the parent
 * does not have is dropped by the browser, so it reaches no other page.
 */
export function tellParent(message: FrameMessage, embeddingOrigins: readonly string[] = []): void {
  if (!isFramed) return;
  // Not every browser tells who the parent is; where it does, the others need not be tried.
  const parent = location.ancestorOrigins?.[0];
  const origins = parent === undefined ? embeddingOrigins : embeddingOrigins.filter((origin) => origin === parent);
  for (const origin of origins) window.parent.postMessage(message, origin);
}

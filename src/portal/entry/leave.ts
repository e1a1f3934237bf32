import type { SessionPortal } from '../../../generated/client/types.gen.ts';
import type { Page } from '../boot.ts';
import { bearsToken, isFramed, tellParent } from '../embedding/frame-parent.ts';
import { tellOtherTabs } from './other-tabs.ts';

/** When this tab last asked the server where to go, so that it never asks in a circle. In ms since 1970. */
const askedKey = 'portico:asked-where-to-go';
/** Longer than a round takes where server and network are slow. */
const askAgainAfterMs = 60_000;

function hasJustAsked(): boolean {
  try {
    const asked = Number(sessionStorage.getItem(askedKey) ?? 0);
    sessionStorage.setItem(askedKey, String(Date.now()));
    return Date.now() - asked < askAgainAfterMs;
  } catch {
    // A browser that keeps nothing could go round in a circle, so it does not ask at all.
    return true;
  }
}

/** Whether the user is logging out: then that the session is over is no news, and must not lead them elsewhere. */
let isLoggingOut = false;

/** Whether this page has told already that the session is over. */
let hasLeft = false;

/** Does what logs the user out. Other calls may still be under way, and find the session over before this has its answer. */
export async function loggingOut(work: () => Promise<void>): Promise<void> {
  isLoggingOut = true;
  try {
    await work();
  } catch (error) {
    isLoggingOut = false;
    throw error;
  }
}

/**
 * The session is over. The server knows where to send people then, so it is asked for this page again: it answers with the
 * return URL or with a page that says so. In a frame the parent is told, and decides.
 *
 * @param show shows a page in place, at once: nothing of the portal is to be seen any more, whatever the server says
 */
export function leave(
  page: Page & ('session-expired' | 'portal-disabled'),
  portal: SessionPortal | undefined,
  show: (page: Page) => void,
): void {
  // Several calls may find it over at once; the page around a frame is told once, or it would mint a session for each.
  if (isLoggingOut || hasLeft) return;
  hasLeft = true;
  show(page);
  if (isFramed) tellParent({ type: 'portico:session-expired' }, portal?.embeddingOrigins);
  else if (!bearsToken && !hasJustAsked()) location.reload();
}

/** The session has been ended by its user. The server leads to the return URL, or to a page that says so. */
export function signedOut(portal: SessionPortal | undefined, show: (page: Page) => void): void {
  // Before the page is left: a browser that keeps it for the way back keeps this.
  show('signed-out');
  tellParent({ type: 'portico:signed-out' }, portal?.embeddingOrigins);
  tellOtherTabs();
  if (!bearsToken) location.assign('/signed-out');
}

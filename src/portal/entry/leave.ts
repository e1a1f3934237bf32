import { flushSync } from 'react-dom';
import type { SessionPortal } from '../../../generated/client/types.gen.ts';
import type { Page } from '../boot.ts';
import { isFramed, notifyParent, usesBearerToken } from '../embedding/frame-parent.ts';
import { now } from '../server/clock.ts';
import { notifyOtherTabs } from './other-tabs.ts';

/** When this tab last reloaded to ask the server where to go, in Unix ms. Prevents a reload loop. */
const reloadedAtKey = 'portal:asked-where-to-go';
/** Longer than a reload on a slow server and network, in ms. */
const reloadAgainAfterMs = 60_000;

function hasJustReloaded(): boolean {
  try {
    const asked = Number(sessionStorage.getItem(reloadedAtKey) ?? 0);
    sessionStorage.setItem(reloadedAtKey, String(now()));
    return now() - asked < reloadAgainAfterMs;
  } catch {
    // Without storage a reload loop is possible, so the page does not reload.
    return true;
  }
}

/** Whether the user is signing out. An ended session is then expected, and must not redirect the user. */
let isSigningOut = false;

/** Whether this page has already reported the end of the session. */
let hasLeft = false;

/** Signs the user out. Other calls in progress may find that the session has ended before this call has its response. */
export async function signOut<Result>(work: () => Promise<Result>): Promise<Result> {
  isSigningOut = true;
  try {
    return await work();
  } catch (error) {
    isSigningOut = false;
    throw error;
  }
}

/** A page that explains why the visit has ended. */
export type EndPage = Page & ('session-expired' | 'portal-disabled' | 'workspace-disabled');

/**
 * Leaves the portal, because the session has ended. Reloads the page, because the server knows where to go: it redirects
 * to the return URL or returns a page that explains the end. In a frame, sends a message to the parent, which decides.
 *
 * @param show shows a page immediately, so that nothing of the portal stays visible while the page reloads
 */
export function leave(page: EndPage, portal: SessionPortal | undefined, show: (page: Page) => void): void {
  // Several calls may find the end at the same time. The parent gets one message, or it would create a session for each.
  if (isSigningOut || hasLeft) return;
  hasLeft = true;
  show(page);
  if (isFramed) notifyParent({ type: 'portico:session-expired' }, portal?.embeddingOrigins);
  else if (!usesBearerToken && !hasJustReloaded()) location.reload();
}

/** Leaves the portal after a sign-out. The server redirects to the return URL, or returns a page that confirms it. */
export function signedOut(portal: SessionPortal | undefined, show: (page: Page) => void): void {
  // Before the page unloads: the browser may restore this page from its back/forward cache.
  flushSync(() => show('signed-out'));
  notifyParent({ type: 'portico:signed-out' }, portal?.embeddingOrigins);
  notifyOtherTabs();
  if (!usesBearerToken) location.assign('/signed-out');
}

import type { SessionPortal } from '../../generated/client/types.gen.ts';

/** The pages that the server can select. The server decides, because only it can read the cookie. */
export type Page =
  | 'enter'
  | 'app'
  | 'session-expired'
  | 'come-from-your-app'
  | 'portal-disabled'
  | 'several-sessions'
  | 'signed-out'
  | 'not-found'
  | 'unreachable'
  | 'too-many-requests';

/** The data that the server wrote into the page. */
export interface Boot {
  page: Page;
  /** The portal, if the server knows it. */
  portal?: SessionPortal;
  /** The locale of the session, if it has one. */
  locale?: string;
  /** The origins of the customer's API that the policy of the page allows calls to. */
  apiOrigins?: string[];
  /** The link for visitors without a known portal. */
  homeUrl?: string;
}

/** Reads the server's data from the page, and takes the session id that the first script stored. */
export function readBoot(): Boot & { sessionId?: string } {
  const boot: Boot = JSON.parse(document.getElementById('boot')?.textContent ?? '{"page":"app"}');
  const sessionId = globalThis.portalSessionId;
  globalThis.portalSessionId = undefined;
  return { ...boot, ...(sessionId !== undefined && { sessionId }) };
}

import type { SessionPortal } from '../../generated/client/types.gen.ts';

/** What the server can ask this app to show. It decides that, since it alone sees the cookie. */
export type Page =
  | 'enter'
  | 'app'
  | 'session-expired'
  | 'come-from-your-app'
  | 'portal-disabled'
  | 'signed-out'
  | 'not-found'
  | 'unreachable';

/** What the server wrote into the page. */
export interface Boot {
  page: Page;
  /** The portal, where the server knows which one this is about. */
  portal?: SessionPortal;
  /** Where the style sheet of the documentation's renderer is. */
  documentationStyle?: string;
  /** Where people go of whom nothing is known. */
  homeUrl?: string;
}

/** Reads what the server wrote into the page, and takes the session id that the page's first script has put aside. */
export function readBoot(): Boot & { sessionId?: string } {
  const boot: Boot = JSON.parse(document.getElementById('boot')?.textContent ?? '{"page":"app"}');
  const sessionId = globalThis.porticoSessionId;
  globalThis.porticoSessionId = undefined;
  return { ...boot, ...(sessionId !== undefined && { sessionId }) };
}

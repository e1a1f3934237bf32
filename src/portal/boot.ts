import type { SessionPortal } from '../../generated/client/types.gen.ts';
import type { Known } from '../../generated/known-values.ts';
import type { StartedExchange } from './first-requests.ts';

/** The pages that the server can select. The server decides, because only it can read the cookie. */
export type Page =
  | 'enter'
  | 'app'
  | 'session-expired'
  | 'come-from-your-app'
  | 'portal-disabled'
  | 'workspace-disabled'
  | 'several-sessions'
  | 'signed-out'
  | 'not-found'
  | 'unreachable'
  | 'too-many-requests';

/** The data that the server wrote into the page. */
export interface Boot {
  page: Page;
  /** The tab that the page shows, or that its link opens. */
  tab?: Known<'Tab'>;
  /** The portal, if the server knows it. */
  portal?: SessionPortal;
  /** The locale of the session, if it has one. */
  locale?: string;
  /** The origins of the customer's API that the policy of the page allows calls to. */
  apiOrigins?: string[];
  /** Whether the portal has an OpenAPI document. */
  hasDocument?: boolean;
  /** The link for visitors without a known portal. */
  homeUrl?: string;
}

/** The link of the page: its session id, and its exchange, which the first script has started. */
export interface OpenedLink {
  sessionId: string;
  exchange: StartedExchange | undefined;
}

/** Reads the server's data from the page. */
export const readBoot = (): Boot => JSON.parse(document.getElementById('boot')?.textContent ?? '{"page":"app"}');

/** Takes what the first script of the page of a link has stored, so that no other script finds it. */
export function takeLink(): OpenedLink | undefined {
  const { portalSessionId: sessionId, portalExchange: exchange } = globalThis;
  globalThis.portalSessionId = undefined;
  globalThis.portalExchange = undefined;
  return sessionId === undefined ? undefined : { sessionId, exchange };
}

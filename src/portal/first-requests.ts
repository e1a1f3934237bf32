import { pathOfTab, type Tab } from './frame/tabs.ts';
import type { FirstRequest } from './server/started.ts';

/** What the list of keys requests first if it has no filter. */
export const firstPage = { limit: 20, sort: 'newest' } as const;

const post = (operation: string, body: object): FirstRequest => ({
  path: `/v2/portal.${operation}`,
  body: JSON.stringify(body),
});

/** What the app requests first if it opens with this tab: the session, the content of the tab, and its page for the cookie that names the portal. */
export const firstRequestsOf = (tab: Tab): FirstRequest[] => [
  post('getSession', {}),
  ...(tab === 'keys' ? [post('listApis', {}), post('listKeys', firstPage)] : []),
  { path: pathOfTab[tab] },
];

/** An exchange under way. */
export interface StartedExchange {
  idempotencyKey: string;
  response: Promise<Response>;
}

declare global {
  /** What the first script of a link's page leaves for the app. */
  var portalSessionId: string | undefined;
  var portalExchange: StartedExchange | undefined;
}

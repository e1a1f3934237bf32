import type { CaseRequest, Fixture } from './case.ts';
import type { ApiResponse } from './check-response.ts';
import type { Trial } from './trial.ts';

/** Steps that many flows share. Each response is validated against the contract. */

interface CreatedSession {
  sessionId: string;
  url: string;
  expiresAt: number;
}

interface BrowserSession {
  token: string;
  expiresAt: number;
}

/** The part of `data` of `portal.getSession` that flows read. */
export interface SessionData {
  externalId: string;
  actor?: { id: string; name?: string };
  permissions: string[];
  tabs: string[];
  preview: boolean;
  locale?: string;
  tab?: string;
  expiresAt: number;
  portal: { slug: string };
}

const notFound = { status: 401, error: 'unkey/authentication/portal_session_not_found' };

/** `data` of a successful response. */
export const dataOf = <T>({ body }: ApiResponse): T => (body as { data: T }).data;

/** The Set-Cookie lines of a response. */
export const cookiesOf = ({ headers }: ApiResponse): string[] => [headers['set-cookie'] ?? []].flat();

/**
 * The time of the response in Unix ms, by the clock of the server, with a precision of 1 s: clocks of two machines can differ. No promise is
 * about the header `Date`; without it, by ours.
 */
export function clockOf({ headers }: ApiResponse): number {
  const date = Date.parse(String(headers['date']));
  return Number.isNaN(date) ? Date.now() : date;
}

/** The URL in a response. Its form is a bound, which has a check of its own. */
export function urlIn(trial: Trial, text: string): URL {
  trial.assert(URL.canParse(text), `the response has a URL, not ${text}`);
  return new URL(text);
}

/** Creates a session, for user_123 by default. */
export async function createSession(
  trial: Trial,
  over: Record<string, unknown> = {},
): Promise<{ created: CreatedSession; response: ApiResponse; fixture: Fixture }> {
  const fixture = await trial.arrange('portal');
  const body = { slug: fixture.slug, externalId: 'user_123', permissions: ['api.*.read_key'], ...over };
  const request = { authorization: `Bearer ${fixture.rootKey}`, body };
  const response = await trial.call('portal.createSession', request, { status: 200 });
  return { created: dataOf<CreatedSession>(response), response, fixture };
}

/** Exchanges a session id. */
export async function exchangeSession(
  trial: Trial,
  sessionId: string,
  more: CaseRequest = {},
): Promise<BrowserSession & { response: ApiResponse }> {
  const response = await trial.call('portal.exchangeSession', { body: { sessionId }, ...more }, { status: 200 });
  return { ...dataOf<BrowserSession>(response), response };
}

/** Exchanges a session id, and expects 401. */
export const expectExchangeRefused = (trial: Trial, sessionId: string, more: CaseRequest = {}): Promise<ApiResponse> =>
  trial.call('portal.exchangeSession', { body: { sessionId }, ...more }, notFound);

/** Creates a session and exchanges it. */
export async function signIn(
  trial: Trial,
  over: Record<string, unknown> = {},
): Promise<BrowserSession & { response: ApiResponse }> {
  const { created } = await createSession(trial, over);
  return exchangeSession(trial, created.sessionId);
}

/** The session of this token. */
export async function getSession(trial: Trial, token: string): Promise<SessionData> {
  const request = { authorization: `Bearer ${token}` };
  return dataOf<SessionData>(await trial.call('portal.getSession', request, { status: 200 }));
}

/** Expects 401 for this token, as a bearer token and as a cookie. */
export async function expectSessionEnded(trial: Trial, token: string): Promise<void> {
  await trial.call('portal.getSession', { authorization: `Bearer ${token}` }, notFound);
  await trial.call('portal.getSession', { cookie: token }, notFound);
}

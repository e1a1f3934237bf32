import type { CaseRequest, Facts } from './case.ts';
import type { Answer } from './check-response.ts';
import type { Trial } from './trial.ts';

/** What the flows do again and again, each step held against the contract. */

interface Minted {
  sessionId: string;
  url: string;
  expiresAt: number;
}

interface Exchanged {
  token: string;
  expiresAt: number;
}

/** What `portal.getSession` tells. */
export interface SessionData {
  externalId: string;
  permissions: string[];
  tabs: string[];
  preview: boolean;
  expiresAt: number;
  portal: { slug: string };
}

const notFound = { status: 401, error: 'unkey/authentication/portal_session_not_found' };

/** `data` of a success. */
export const dataOf = <T>({ body }: Answer): T => (body as { data: T }).data;

/** The cookies that an answer sets, each as its whole header line. */
export const cookiesOf = ({ headers }: Answer): string[] => [headers['set-cookie'] ?? []].flat();

/** When the server gave the answer by its own clock, in Unix ms, to the second. Clocks of two machines may differ. */
export const clockOf = ({ headers }: Answer): number => Date.parse(String(headers['date']));

/** Mints a session, for user_123 where nothing else is said. */
export async function mint(
  trial: Trial,
  over: Record<string, unknown> = {},
): Promise<{ minted: Minted; answer: Answer; facts: Facts }> {
  const facts = await trial.arrange('portal');
  const body = { slug: facts.slug, externalId: 'user_123', permissions: ['api.*.read_key'], ...over };
  const request = { authorization: `Bearer ${facts.rootKey}`, body };
  const answer = await trial.call('portal.createSession', request, { status: 200 });
  return { minted: dataOf<Minted>(answer), answer, facts };
}

/** Exchanges a session id. */
export async function exchange(
  trial: Trial,
  sessionId: string,
  more: CaseRequest = {},
): Promise<Exchanged & { answer: Answer }> {
  const answer = await trial.call('portal.exchangeSession', { body: { sessionId }, ...more }, { status: 200 });
  return { ...dataOf<Exchanged>(answer), answer };
}

/** Exchanges a session id that must not work. */
export const exchangeInVain = (trial: Trial, sessionId: string, more: CaseRequest = {}): Promise<Answer> =>
  trial.call('portal.exchangeSession', { body: { sessionId }, ...more }, notFound);

/** Mints and exchanges. */
export async function enter(trial: Trial, over: Record<string, unknown> = {}): Promise<Exchanged & { answer: Answer }> {
  const { minted } = await mint(trial, over);
  return exchange(trial, minted.sessionId);
}

/** Who is signed in with this token. */
export async function look(trial: Trial, token: string): Promise<SessionData> {
  const request = { authorization: `Bearer ${token}` };
  return dataOf<SessionData>(await trial.call('portal.getSession', request, { status: 200 }));
}

/** The session of this token must be over, however it is sent. */
export async function lookInVain(trial: Trial, token: string): Promise<void> {
  await trial.call('portal.getSession', { authorization: `Bearer ${token}` }, notFound);
  await trial.call('portal.getSession', { cookie: token }, notFound);
}

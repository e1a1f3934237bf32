/** Steps of the checks of the profile `seeds`. They rely on nothing but the pages. */
import type { CaseRequest, Fixture } from '../engine/case.ts';
import type { ApiResponse } from '../engine/check-response.ts';
import { cookiesOf } from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

/** The user of all sessions. */
const grant = { externalId: 'user_123', permissions: ['api.*.read_key', 'api.*.read_analytics'] };

/** A valid body of `portal.createSession`. */
export const sessionBody = ({ slug }: Fixture): Record<string, unknown> => ({ slug, ...grant });

/** Sends a request, and asserts the status alone. */
export async function expectStatus(
  trial: Trial,
  operation: string,
  request: CaseRequest,
  status: number,
): Promise<ApiResponse> {
  const response = await trial.observe(operation, request);
  trial.assert(response.status === status, `the status is ${status}, not ${response.status}`);
  return response;
}

/** The value at a path such as `data.url`; undefined if there is none. */
export const at = ({ body }: ApiResponse, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], body);

/** The text at a path. Fails the check if there is none. */
export function textAt(trial: Trial, response: ApiResponse, path: string): string {
  const value = at(response, path);
  trial.assert(typeof value === 'string' && value !== '', `${path} is a text`);
  return String(value);
}

/** Creates a session with the root key of the target. */
export async function create(trial: Trial, body: (fixture: Fixture) => unknown = sessionBody): Promise<ApiResponse> {
  const fixture = await trial.arrange('portal');
  const request = { authorization: `Bearer ${fixture.rootKey}`, body: body(fixture) };
  return expectStatus(trial, 'portal.createSession', request, 200);
}

/** A new session id. */
export const newSessionId = async (trial: Trial): Promise<string> =>
  textAt(trial, await create(trial), 'data.sessionId');

/** Exchanges a session id. */
export const exchange = (trial: Trial, sessionId: string, status = 200): Promise<ApiResponse> =>
  expectStatus(trial, 'portal.exchangeSession', { body: { sessionId } }, status);

/** A cookie of a response: `name=value`, and its attributes in lower case. */
interface Cookie {
  pair: string;
  attributes: Map<string, string>;
}

/** The cookie with which a browser stays signed in: the first one that is HttpOnly, or else the first one. */
export function sessionCookie(trial: Trial, response: ApiResponse): Cookie {
  const cookies = cookiesOf(response).map((line): Cookie => {
    const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
    const attributes = rest.map((part): [string, string] => {
      const [name = '', value = ''] = part.split('=');
      return [name.toLowerCase(), value];
    });
    return { pair, attributes: new Map(attributes) };
  });
  const [cookie] = [...cookies.filter(({ attributes }) => attributes.has('httponly')), ...cookies];
  trial.assert(cookie !== undefined, 'the exchange sets a cookie');
  return cookie ?? { pair: '', attributes: new Map() };
}

/** A new browser session, as the cookie that a browser sends. */
export const signIn = async (trial: Trial): Promise<Cookie> =>
  sessionCookie(trial, await exchange(trial, await newSessionId(trial)));

/** A part of an error about which a page promises something. */
export type ErrorPart = 'status' | 'error.type' | 'error.title' | 'error.detail' | 'error.status';

/**
 * Asserts one part of an error, and nothing else of it.
 *
 * @param value of `error.type`, only its end: the code
 */
export function expectPart(trial: Trial, response: ApiResponse, part: ErrorPart, value: string | number): void {
  const found = part === 'status' ? response.status : at(response, part);
  const holds = part === 'error.type' ? String(found).endsWith(`/errors/${value}`) : found === value;
  const promised = part === 'error.type' ? `…/errors/${value}` : JSON.stringify(value);
  trial.assert(holds, `${part === 'status' ? 'the status' : part} is ${promised}, not ${JSON.stringify(found)}`);
}

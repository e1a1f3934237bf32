/** Pages of other origins that call the portal's operations in a real browser, which enforces CORS and SameSite. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { otherSite, portalWorld } from '../support/portal.ts';

const { world, createPortal, createSession, cookie, isAlive } = portalWorld();

const blank = () => '<!doctype html><title>Own front end</title>';
// Cookies ignore ports, so pages on localhost are of the portal's site, and those on 127.0.0.1 are not.
const sibling = otherSite('localhost', blank);
const foreign = otherSite('127.0.0.1', blank);
const elsewhere = otherSite('127.0.0.1', blank);
const stranger = otherSite('127.0.0.1', blank);

beforeAll(async () => {
  await createPortal({ slug: 'my-portal', allowedOrigins: [sibling.origin, foreign.origin] });
  await createPortal({ slug: 'other-portal', allowedOrigins: [elsewhere.origin] });
});

interface Outcome {
  status: number;
  data?: Record<string, unknown>;
  code?: string;
  /** Whether the page can read the header Date. */
  hasDate: boolean;
}

/** Sends a request as the script of a page does. Throws what `fetch` throws. */
async function send(
  operation: string,
  { body = {}, token, credentials }: { body?: object; token?: string; credentials?: 'include' } = {},
): Promise<Outcome> {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  const init = { method: 'POST', headers, body: JSON.stringify(body), ...(credentials && { credentials }) };
  return (await world.page.evaluate(
    `fetch(${JSON.stringify(`${world.base}/v2/${operation}`)}, ${JSON.stringify(init)}).then(async (response) => {
      const { data, error } = await response.json();
      const code = error && error.type.split('/').at(-1);
      return { status: response.status, data, code, hasDate: response.headers.has('date') };
    })`,
  )) as Outcome;
}

/** Exchanges a new link on the page, as its only call without a session. */
async function signIn(credentials?: 'include'): Promise<Outcome> {
  const { sessionId } = await createSession();
  return send('portal.exchangeSession', { body: { sessionId }, ...(credentials && { credentials }) });
}

describe('a page of the same site that the portal allows', () => {
  beforeEach(() => world.page.goto(sibling.origin));

  test('signs in, calls and logs out with the cookie', async () => {
    expect(await signIn('include')).toMatchObject({ status: 200 });
    const token = await cookie('portal_session');
    const seen = await send('portal.getSession', { credentials: 'include' });
    expect(seen).toMatchObject({ status: 200, data: { externalId: 'user_123' }, hasDate: true });
    expect(await send('portal.getSession')).toMatchObject({ status: 401, code: 'portal_token_missing' });
    expect(await send('portal.endSession', { credentials: 'include' })).toMatchObject({ status: 200 });
    expect(await isAlive(token)).toBe(false);
    expect(await cookie('portal_session')).toBeUndefined();
  });
});

describe('a page of another site that the portal allows', () => {
  beforeEach(() => world.page.goto(foreign.origin));

  test('calls with the token, because the browser stores no cookie', async () => {
    const { status, data } = await signIn('include');
    expect(status).toBe(200);
    expect(await world.context.cookies()).toEqual([]);
    const token = String(data?.['token']);
    expect(await send('portal.getSession', { token })).toMatchObject({ status: 200, data: { externalId: 'user_123' } });
    // Errors can be read too.
    expect(await send('portal.getSession', { credentials: 'include' })).toMatchObject({ code: 'portal_token_missing' });
    expect(await send('portal.listKeys', { token, body: { limit: 0 } })).toMatchObject({ status: 400 });
    expect(await send('portal.endSession', { token })).toMatchObject({ status: 200 });
    expect(await send('portal.getSession', { token })).toMatchObject({ code: 'portal_session_not_found' });
  });
});

test('a page that only another portal allows learns that it may not, and changes nothing', async () => {
  await world.page.goto(elsewhere.origin);
  expect(await signIn()).toMatchObject({ status: 403, code: 'foreign_origin' });
  const { sessionId } = await createSession();
  const { token } = await world.backend.portal.exchangeSession({ sessionId });
  expect(await send('portal.endSession', { token })).toMatchObject({ status: 403, code: 'foreign_origin' });
  expect(await isAlive(token)).toBe(true);
});

test('a page that no portal allows, and a page of an allowed origin with a root key, cannot send anything', async () => {
  await world.page.goto(stranger.origin);
  await expect(signIn()).rejects.toThrow('Failed to fetch');
  await expect(send('portal.getSession', { token: 'ps_any' })).rejects.toThrow('Failed to fetch');
  await world.page.goto(foreign.origin);
  await expect(send('portal.listConfigurations', { token: world.rootKey })).rejects.toThrow('Failed to fetch');
});

/** Tests that need several requests, or access to Redis: concurrency, lifetimes, cookies, isolation, secrets. */
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { CaseRequest } from '../../contract-tests/engine/case.ts';
import type { ApiResponse } from '../../contract-tests/engine/check-response.ts';
import { send } from '../../contract-tests/engine/send.ts';
import { everythingIn } from '../support/redis-contents.ts';
import { sharedServerTarget, startServerTarget } from '../support/server-target.ts';

const secure = await startServerTarget();
const plain = await sharedServerTarget({ PORTAL_BASE_URL: 'http://localhost:3000' });
afterAll(() => Promise.all([secure.stop(), plain.stop()]));

const call = (operation: string, request: CaseRequest, baseUrl = secure.baseUrl): Promise<ApiResponse> =>
  send(baseUrl, { method: 'post', path: `/v2/${operation}` }, request);

const dataOf = <T>({ body }: ApiResponse) => (body as { data: T }).data;
const codeOf = ({ body }: ApiResponse) => (body as { error: { type: string } }).error.type.split('/').at(-1);
const exchange = (sessionId: string, more: CaseRequest = {}) =>
  call('portal.exchangeSession', { body: { sessionId }, ...more });
const getSession = (token: string) => call('portal.getSession', { authorization: `Bearer ${token}` });
const cookiesOf = ({ headers }: ApiResponse) => [headers['set-cookie'] ?? []].flat();

describe('a session id works once', () => {
  test('exactly one of 250 concurrent exchanges succeeds, and its session is active', async () => {
    const { sessionId } = await secure.arrange('session');
    const responses = await Promise.all(Array.from({ length: 250 }, () => exchange(sessionId)));
    const winners = responses.filter(({ status }) => status === 200);
    const losers = responses.filter(({ status }) => status !== 200);
    expect(winners).toHaveLength(1);
    expect(new Set(losers.map(codeOf))).toEqual(new Set(['portal_session_not_found']));
    expect((await getSession(dataOf<{ token: string }>(winners[0] as ApiResponse).token)).status).toBe(200);
  });

  test('250 concurrent exchanges with one Idempotency-Key return the same session', async () => {
    const { sessionId } = await secure.arrange('session');
    const headers = { 'Idempotency-Key': randomUUID() };
    const responses = await Promise.all(Array.from({ length: 250 }, () => exchange(sessionId, { headers })));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(responses.map((response) => dataOf<{ token: string }>(response).token)).size).toBe(1);
    const found = await call('auditLogs.listEntries', {
      authorization: `Bearer ${(await secure.arrange('portal')).rootKey}`,
      body: { action: 'session.exchange', limit: 2 },
    });
    const [last, before] = dataOf<{ actor: { id: string } }[]>(found);
    expect(last?.actor.id).not.toBe(before?.actor.id);
  });

  test('concurrent exchanges of ten ids return ten different sessions', async () => {
    const created = await Promise.all(Array.from({ length: 10 }, () => secure.arrange('session')));
    const ids = created.flatMap(({ sessionId }) => Array.from({ length: 20 }, () => sessionId));
    const responses = await Promise.all(ids.map((sessionId) => exchange(sessionId)));
    const tokens = responses
      .filter(({ status }) => status === 200)
      .map((response) => dataOf<{ token: string }>(response).token);
    expect(new Set(tokens).size).toBe(10);
    expect(tokens).toHaveLength(10);
  });

  test('a disabled portal does not use up the id', async () => {
    const facts = await secure.arrange('sessionOfDisabledPortal');
    expect((await exchange(facts.sessionId)).status).toBe(403);
    expect(await secure.redis.exists(await secure.keyOf(facts.sessionId))).toBe(1);
  });
});

describe('text that is not valid UTF-8', () => {
  const createSession = async (externalId: string) => {
    const { rootKey, slug } = await secure.arrange('portal');
    const rawBody = `{"slug":"${slug}","externalId":"${externalId}","permissions":["api.*.read_key"]}`;
    return call('portal.createSession', { authorization: `Bearer ${rootKey}`, rawBody });
  };

  test.each(['\\ud800', 'user\\udc00', '\\ud83d user'])(
    'half a surrogate pair is refused, because all halves would be the same user: %s',
    async (half) => {
      const response = await createSession(half);
      expect([response.status, codeOf(response)]).toEqual([400, 'invalid_input']);
    },
  );

  test.each(['\\ud83d\\ude00', '\\\\ud800', '\u{1f600}'])(
    'a whole surrogate pair, and an escaped backslash, are valid: %s',
    async (whole) => {
      const { sessionId } = dataOf<{ sessionId: string }>(await createSession(whole));
      const { token } = dataOf<{ token: string }>(await exchange(sessionId));
      expect(dataOf<{ externalId: string }>(await getSession(token)).externalId).toBe(JSON.parse(`"${whole}"`));
    },
  );

  test('a damaged record does not use up the id', async () => {
    const { sessionId } = await secure.arrange('session');
    const key = await secure.keyOf(sessionId);
    const value = String(await secure.redis.get(key));
    await secure.redis.set(key, value.replace('user_123', '\\ud800'), { expiration: 'KEEPTTL' });
    expect((await exchange(sessionId)).status).toBe(500);
    await secure.redis.set(key, value, { expiration: 'KEEPTTL', condition: 'XX' });
    expect((await exchange(sessionId)).status).toBe(200);
  });
});

describe('lifetimes', () => {
  test('a session id is valid for 900 s, until expiresAt', async () => {
    const { rootKey, slug } = await secure.arrange('portal');
    const body = { slug, externalId: 'user_123', permissions: ['api.*.read_key'] };
    const created = dataOf<{ sessionId: string; expiresAt: number }>(
      await call('portal.createSession', { authorization: `Bearer ${rootKey}`, body }),
    );
    const key = await secure.keyOf(created.sessionId);
    expect(await secure.redis.ttl(key)).toBeGreaterThan(895);
    expect(await secure.redis.ttl(key)).toBeLessThanOrEqual(900);
    expect(created.expiresAt).toBe(await secure.redis.pExpireTime(key));
  });

  test('a browser session is valid for 86400 s, until expiresAt, and use does not extend it', async () => {
    const { sessionId } = await secure.arrange('session');
    const { token, expiresAt } = dataOf<{ token: string; expiresAt: number }>(await exchange(sessionId));
    const key = await secure.keyOf(token);
    expect(await secure.redis.ttl(key)).toBeGreaterThan(86_395);
    expect(await secure.redis.ttl(key)).toBeLessThanOrEqual(86_400);
    expect(dataOf<{ expiresAt: number }>(await getSession(token)).expiresAt).toBe(expiresAt);
    expect(await secure.redis.pExpireTime(key)).toBe(expiresAt);
  });

  test('exchangeSession deletes the session id from Redis, endSession deletes the token', async () => {
    const { sessionId } = await secure.arrange('session');
    const sessionKey = await secure.keyOf(sessionId);
    const { token } = dataOf<{ token: string }>(await exchange(sessionId));
    expect(await secure.redis.exists(sessionKey)).toBe(0);
    const tokenKey = await secure.keyOf(token);
    await call('portal.endSession', { authorization: `Bearer ${token}` });
    expect(await secure.redis.exists(tokenKey)).toBe(0);
  });

  test('one of 50 concurrent log outs ends the session, and the others get 401', async () => {
    const { token } = await secure.arrange('browserSession');
    const ends = Array.from({ length: 50 }, () => call('portal.endSession', { authorization: `Bearer ${token}` }));
    const statuses = (await Promise.all(ends)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(49);
  });
});

describe('the cookie', () => {
  const attributes = (cookie = '') =>
    cookie
      .split('; ')
      .slice(1)
      .filter((part) => !part.startsWith('Expires='))
      .sort();

  test('is Secure if the portal is served over https', async () => {
    const { sessionId } = await secure.arrange('session');
    const [cookie] = cookiesOf(await exchange(sessionId));
    expect(attributes(cookie)).toEqual(['HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax', 'Secure']);
  });

  test('is not Secure over http, because a browser would drop it', async () => {
    const { sessionId } = await plain.arrange('session');
    const [cookie] = cookiesOf(await call('portal.exchangeSession', { body: { sessionId } }, plain.baseUrl));
    expect(attributes(cookie)).toEqual(['HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax']);
  });

  test('contains the token, and is cleared with the attributes it was set with', async () => {
    const { sessionId } = await secure.arrange('session');
    const exchanged = await exchange(sessionId);
    const { token } = dataOf<{ token: string }>(exchanged);
    expect(cookiesOf(exchanged)).toHaveLength(1);
    expect(cookiesOf(exchanged)[0]).toMatch(new RegExp(`^portal_session=${token};`));
    const [cleared] = cookiesOf(await call('portal.endSession', { cookie: token }));
    expect(cleared).toMatch(/^portal_session=;.*Expires=Thu, 01 Jan 1970/);
    expect(attributes(cleared)).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
  });

  test('of an earlier user does not take precedence over the link', async () => {
    const earlier = await secure.arrange('browserSession');
    const { rootKey, slug } = await secure.arrange('portal');
    const body = { slug, externalId: 'someone_else', permissions: ['api.*.read_key'] };
    const created = await call('portal.createSession', { authorization: `Bearer ${rootKey}`, body });
    const { sessionId } = dataOf<{ sessionId: string }>(created);
    const { token } = dataOf<{ token: string }>(await exchange(sessionId, { cookie: earlier.token }));
    expect(dataOf<{ externalId: string }>(await getSession(token)).externalId).toBe('someone_else');
  });

  test('is not set by a failed request', async () => {
    expect(cookiesOf(await exchange('pst_unknown'))).toEqual([]);
  });
});

describe('the link', () => {
  test('is the URL of the portal with only the session id', async () => {
    const { rootKey, slug } = await secure.arrange('portal');
    const body = { slug, externalId: 'user_123', permissions: ['api.*.read_key'] };
    const created = await call('portal.createSession', { authorization: `Bearer ${rootKey}`, body });
    const { url, sessionId } = dataOf<{ url: string; sessionId: string }>(created);
    expect(url).toBe(`https://portal.acme.example/?session=${sessionId}`);
  });
});

describe('tabs follow the permissions', () => {
  test.each([
    [['api.*.read_key'], ['keys', 'docs']],
    [['api.*.create_key'], ['keys', 'docs']],
    [['api.*.update_key'], ['keys', 'docs']],
    [['api.*.delete_key'], ['keys', 'docs']],
    [['api.*.read_analytics'], ['analytics', 'docs']],
    [
      ['api.api_1.read_analytics', 'api.api_1.read_key'],
      ['keys', 'analytics', 'docs'],
    ],
    [['api.*.something_else'], ['docs']],
    [['read_key.*.other'], ['docs']],
  ])('%j shows %j', async (permissions, tabs) => {
    const { rootKey, slug } = await secure.arrange('portal');
    const body = { slug, externalId: 'user_123', permissions };
    const created = await call('portal.createSession', { authorization: `Bearer ${rootKey}`, body });
    const { token } = dataOf<{ token: string }>(await exchange(dataOf<{ sessionId: string }>(created).sessionId));
    expect(dataOf<{ tabs: string[]; permissions: string[] }>(await getSession(token))).toMatchObject({
      tabs,
      permissions,
    });
  });
});

describe('workspaces do not see each other', () => {
  test("another workspace's portal gets the same response as one that never existed", async () => {
    const { rootKey, slug } = await secure.arrange('foreignRootKey');
    const attempt = async (wanted: string) => {
      const body = { slug: wanted, externalId: 'user_123', permissions: ['api.*.read_key'] };
      const response = await call('portal.createSession', { authorization: `Bearer ${rootKey}`, body });
      return [response.status, (response.body as { error: unknown }).error];
    };
    expect(await attempt(slug)).toEqual(await attempt('never-was'));
  });

  test('a refused createSession writes nothing', async () => {
    const before = await secure.redis.dbSize();
    const narrow = await secure.arrange('limitedRootKey');
    const body = { slug: narrow.slug, externalId: 'user_123', permissions: ['api.*.delete_key'] };
    const response = await call('portal.createSession', { authorization: `Bearer ${narrow.rootKey}`, body });
    expect(codeOf(response)).toBe('insufficient_permissions');
    expect(await secure.redis.dbSize()).toBe(before);
  });
});

describe('no credential leaks', () => {
  test('neither Redis, the log nor an error contains one', async () => {
    const { sessionId, rootKey, slug } = await secure.arrange('session');
    const used = await secure.arrange('browserSession');
    const secrets = [sessionId, rootKey, used.token, used.sessionId];
    const failures = await Promise.all([
      exchange(used.sessionId, { query: `?session=${sessionId}` }),
      exchange(used.token),
      call(`portal.getSession/${used.token}`, {}),
      call('portal.createSession', { authorization: `Bearer ${used.token}` }),
      call('portal.createSession', { authorization: `Bearer ${rootKey}`, body: { [sessionId]: rootKey, slug } }),
      call('portal.createSession', { authorization: `Bearer ${rootKey}`, rawBody: `{"slug": ${sessionId}` }),
      call('portal.getSession', { cookie: sessionId }),
    ]);
    expect(failures.map(({ status }) => status)).toEqual([400, 401, 404, 401, 400, 400, 401]);

    const places = {
      redis: await everythingIn(secure),
      log: secure.server.log(),
      errors: JSON.stringify(failures.map(({ body, headers }) => [body, headers])),
    };
    expect(places.redis.length).toBeGreaterThan(1000);
    expect(places.log).toContain('"operation":"portal.exchangeSession"');
    for (const [place, text] of Object.entries(places)) {
      // Search for the secret part alone, without the prefix and the workspace's tag.
      const found = secrets.filter((secret) => text.includes(secret.slice(-32)));
      expect([place, found]).toEqual([place, []]);
    }
  });
});

describe('outside the operations', () => {
  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])(
    '%s on an operation is a 405 that names POST',
    async (method) => {
      const response = await fetch(`${secure.baseUrl}/v2/portal.createSession`, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
      expect(await response.text()).toMatch(method === 'HEAD' ? /^$/ : /"title":"Method Not Allowed"/);
    },
  );

  test.each(['/v2/portal.nothing', '/v2/', '/v2/portal.createSession/', '/v2/Portal.createSession', '/nothing'])(
    '%s is not found, also for a browser',
    async (path) => {
      const response = await fetch(secure.baseUrl + path, { method: 'POST', headers: { accept: 'text/html' } });
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(codeOf({ status: 404, headers: {}, body: await response.json() })).toBe('route_not_found');
    },
  );

  test('a response does not name the software, and has the security headers', async () => {
    const { headers } = await fetch(`${secure.baseUrl}/v2/liveness`);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toMatch(/max-age=\d+/);
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
  });
});

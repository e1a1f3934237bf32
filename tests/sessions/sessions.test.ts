/** How sessions end: by revocation or with their portal, and where the user goes then. Races run concurrently. */
import { afterAll, describe, expect, test } from '@jest/globals';
import type { ApiResponse } from '../../contract-tests/engine/check-response.ts';
import { send } from '../../contract-tests/engine/send.ts';
import { startServerTarget } from '../support/server-target.ts';

const target = await startServerTarget({ PORTAL_BASE_URL: 'http://localhost:3000' });
afterAll(() => target.stop());
const { rootKey } = await target.arrange('portal');

const call = (operation: string, body: unknown, authorization = `Bearer ${rootKey}`): Promise<ApiResponse> =>
  send(target.baseUrl, { method: 'post', path: `/v2/${operation}` }, { body, authorization });
const codeOf = ({ body }: ApiResponse) => (body as { error?: { type: string } }).error?.type.split('/').at(-1);

async function data<T>(operation: string, body: unknown, authorization?: string): Promise<T> {
  const response = await call(operation, body, authorization);
  expect([operation, response.status, codeOf(response)]).toEqual([operation, 200, undefined]);
  return (response.body as { data: T }).data;
}

interface Listed {
  handle: string;
  state: string;
  externalId: string;
  slug: string;
}

let count = 0;
const unique = (name: string) => `${name}-${process.pid}-${count++}`;
const permissions = ['api.*.read_key'];
async function newPortal(more: object = {}): Promise<string> {
  const slug = unique('portal');
  await data('portal.createConfiguration', { slug, ...more });
  return slug;
}
const createSession = async (slug: string, externalId: string, more: object = {}) =>
  (await data<{ sessionId: string }>('portal.createSession', { slug, externalId, permissions, ...more })).sessionId;
const exchange = (sessionId: string) => call('portal.exchangeSession', { sessionId });
const enter = async (slug: string, externalId: string, more: object = {}) =>
  (await data<{ token: string }>('portal.exchangeSession', { sessionId: await createSession(slug, externalId, more) }))
    .token;
const getSession = (token: string) => call('portal.getSession', {}, `Bearer ${token}`);
const statusOf = async (token: string) => {
  const response = await getSession(token);
  return [response.status, codeOf(response)];
};
const gone = [401, 'portal_session_not_found'];
const list = (filter: object) => data<Listed[]>('portal.listSessions', filter);
const update = async (slug: string, changes: object) => {
  const { version } = await data<{ version: number }>('portal.getConfiguration', { portal: slug });
  return data('portal.updateConfiguration', { portal: slug, version, ...changes });
};

describe('the list', () => {
  test('contains pending and active sessions, newest first, and no ended ones', async () => {
    const slug = await newPortal();
    const user = unique('user');
    const token = await enter(slug, user);
    const out = await enter(slug, user);
    const expired = await createSession(slug, user);
    await createSession(slug, user);
    await call('portal.endSession', {}, `Bearer ${out}`);
    await target.redis.pExpireAt(await target.keyOf(expired), 1);
    const listed = await list({ externalId: user });
    expect(listed.map(({ state }) => state)).toEqual(['pending', 'active']);
    expect(await list({ slug })).toEqual(listed);
    expect(await list({ slug, externalId: user })).toEqual(listed);
    expect(await list({ handle: listed[1]?.handle })).toEqual([listed[1]]);
    expect(await list({ handle: listed[1]?.handle, externalId: 'someone else' })).toEqual([]);
    expect(JSON.stringify(listed)).not.toContain(token.slice(-32));
  });

  test('pages stay correct while sessions are created and revoked', async () => {
    const slug = await newPortal();
    for (let i = 0; i < 7; i++) await createSession(slug, `user-${i}`);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await call('portal.listSessions', { slug, limit: 2, ...(cursor && { cursor }) });
      const page = body as { data: Listed[]; pagination: { cursor?: string; hasMore: boolean } };
      seen.push(...page.data.map(({ externalId }) => externalId));
      expect(page.pagination.hasMore).toBe(page.pagination.cursor !== undefined);
      cursor = page.pagination.cursor;
      // Create a session before the page, and revoke one that a page has shown.
      await createSession(slug, unique('late'));
      await data('portal.revokeSessions', { handle: page.data[0]?.handle });
    } while (cursor !== undefined);
    expect(seen).toEqual(['user-6', 'user-5', 'user-4', 'user-3', 'user-2', 'user-1', 'user-0']);
  });

  test('takes as many commands as the page needs, not as there are sessions', async () => {
    const slug = await newPortal();
    const commands = async () => {
      const all = await target.everyNode('INFO', 'stats');
      return all.reduce((sum, text) => sum + Number(/total_commands_processed:(\d+)/.exec(text)?.[1]), 0);
    };
    const cost = async () => {
      const before = await commands();
      await list({ slug, limit: 10 });
      return (await commands()) - before;
    };
    for (let i = 0; i < 12; i++) await createSession(slug, `user-${i}`);
    const few = await cost();
    await Promise.all(Array.from({ length: 300 }, (_, i) => createSession(slug, `user-${i}`)));
    // The count includes pings of the connections.
    expect(Math.abs((await cost()) - few)).toBeLessThan(15);
  });

  test('an index drops ended sessions, and expires with its last session', async () => {
    const slug = await newPortal();
    const key = `portico:{${target.workspaceId}}:portal-sessions:${slug}`;
    const dead = Array.from({ length: 20 }, (_, i) => ({ score: 0, value: `000000000000${i % 10}:sess_dead${i}` }));
    await target.redis.zAdd(key, dead);
    for (let i = 0; i < 5; i++) await createSession(slug, 'user_123');
    expect(await target.redis.zCard(key)).toBe(5);
    expect(await target.redis.ttl(key)).toBeLessThanOrEqual(87_300);
    expect(await target.redis.ttl(key)).toBeGreaterThan(87_000);
  });
});

describe('revocation', () => {
  test('by handle revokes pending and active sessions, and a second call revokes none', async () => {
    const slug = await newPortal();
    const user = unique('user');
    const [token, other] = [await enter(slug, user), await enter(slug, user)];
    const pending = await createSession(slug, user);
    const [newest, , oldest] = await list({ externalId: user });
    expect(await data('portal.revokeSessions', { handle: oldest?.handle })).toEqual({ revoked: 1 });
    expect(await data('portal.revokeSessions', { handle: oldest?.handle })).toEqual({ revoked: 0 });
    expect(await statusOf(token)).toEqual(gone);
    expect((await statusOf(other))[0]).toBe(200);
    expect(await data('portal.revokeSessions', { handle: newest?.handle })).toEqual({ revoked: 1 });
    expect(codeOf(await exchange(pending))).toBe('portal_session_not_found');
  });

  test('by user revokes sessions of one portal or of all', async () => {
    const [one, two] = [await newPortal(), await newPortal()];
    const user = unique('user');
    const [a, b, c] = [await enter(one, user), await enter(two, user), await enter(one, unique('user'))];
    expect(await data('portal.revokeSessions', { externalId: user, slug: one })).toEqual({ revoked: 1 });
    expect([await statusOf(a), (await statusOf(b))[0]]).toEqual([gone, 200]);
    expect(await data('portal.revokeSessions', { externalId: user })).toEqual({ revoked: 1 });
    expect([await statusOf(b), (await statusOf(c))[0]]).toEqual([gone, 200]);
  });

  test('by portal revokes all sessions at once, and new sessions are active', async () => {
    const slug = await newPortal();
    const tokens = await Promise.all(Array.from({ length: 30 }, (_, i) => enter(slug, `user-${i}`)));
    expect(await data('portal.revokeSessions', { slug })).toEqual({ revoked: 30 });
    for (const token of tokens) expect(await statusOf(token)).toEqual(gone);
    expect(await list({ slug })).toEqual([]);
    expect(await list({ externalId: 'user-7', slug })).toEqual([]);
    expect((await statusOf(await enter(slug, 'user-7')))[0]).toBe(200);
  });
});

describe('the portal of sessions', () => {
  test('is disabled: every session is refused at once, and enabling does not restore any', async () => {
    const slug = await newPortal();
    const token = await enter(slug, 'user_123');
    const pending = await createSession(slug, 'user_123');
    await update(slug, { enabled: false });
    expect(await statusOf(token)).toEqual([403, 'forbidden']);
    expect(codeOf(await exchange(pending))).toBe('forbidden');
    await update(slug, { enabled: true });
    expect(await statusOf(token)).toEqual(gone);
    expect(codeOf(await exchange(pending))).toBe('portal_session_not_found');
    expect(await list({ slug })).toEqual([]);
    expect((await statusOf(await enter(slug, 'user_123')))[0]).toBe(200);
  });

  test('is deleted: its sessions end, even if a new portal takes the slug', async () => {
    const slug = await newPortal();
    const token = await enter(slug, 'user_123');
    await data('portal.deleteConfiguration', { portal: slug });
    expect(await statusOf(token)).toEqual(gone);
    await data('portal.createConfiguration', { slug });
    expect(await statusOf(token)).toEqual(gone);
    expect(await list({ slug })).toEqual([]);
  });
});

describe('the return URL of a session', () => {
  const portalSettings = { returnUrl: 'https://app.acme.example/home', allowedReturnOrigins: ['https://b.example'] };
  const portalOf = async (token: string) =>
    ((await getSession(token)).body as { data: { portal: object } }).data.portal;

  /** The redirect for a browser with this cookie after the end of its session. */
  async function redirect(cookie: string, path = '/keys'): Promise<string | null> {
    const headers = { accept: 'text/html', cookie };
    return (await fetch(target.baseUrl + path, { headers, redirect: 'manual' })).headers.get('location');
  }

  async function lastPortal(token: string): Promise<string> {
    const headers = { accept: 'text/html', cookie: `portal_session=${token}` };
    const response = await fetch(`${target.baseUrl}/keys`, { headers });
    return /portal_last=[^;]+/.exec(String(response.headers.get('set-cookie')))?.[0] ?? '';
  }

  test("takes precedence over the portal's, while the portal allows it", async () => {
    const slug = await newPortal(portalSettings);
    const token = await enter(slug, 'user_123', { returnUrl: 'https://b.example/teams/7?x=1' });
    const plain = await enter(slug, 'user_123');
    expect(await portalOf(token)).toMatchObject({ returnUrl: 'https://b.example/teams/7?x=1' });
    expect(await portalOf(plain)).toMatchObject({ returnUrl: 'https://app.acme.example/home' });
    const cookie = await lastPortal(token);
    expect(await redirect(cookie)).toBe('https://b.example/teams/7?x=1&reason=session_expired');
    expect(await redirect(cookie, '/signed-out')).toBe('https://b.example/teams/7?x=1');
    await update(slug, { allowedReturnOrigins: [] });
    expect(await portalOf(token)).toMatchObject({ returnUrl: 'https://app.acme.example/home' });
    expect(await redirect(cookie)).toBe('https://app.acme.example/home?reason=session_expired');
  });

  test.each(['https://evil.example/x', 'https://app.acme.example.evil.example', 'javascript:alert(1)', 'not a URL'])(
    'is not taken from a cookie that was changed to %s',
    async (wish) => {
      const slug = await newPortal(portalSettings);
      const cookie = await lastPortal(await enter(slug, 'user_123'));
      const forged = `${cookie}.${Buffer.from(wish).toString('base64url')}`;
      expect(await redirect(forged)).toBe('https://app.acme.example/home?reason=session_expired');
    },
  );
});

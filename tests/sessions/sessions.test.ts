/** How sessions end: by revocation, with their portal, and where their user goes then. Races are raced. */
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
  const answer = await call(operation, body, authorization);
  expect([operation, answer.status, codeOf(answer)]).toEqual([operation, 200, undefined]);
  return (answer.body as { data: T }).data;
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
const mint = async (slug: string, externalId: string, more: object = {}) =>
  (await data<{ sessionId: string }>('portal.createSession', { slug, externalId, permissions, ...more })).sessionId;
const exchange = (sessionId: string) => call('portal.exchangeSession', { sessionId });
const enter = async (slug: string, externalId: string, more: object = {}) =>
  (await data<{ token: string }>('portal.exchangeSession', { sessionId: await mint(slug, externalId, more) })).token;
const getSession = (token: string) => call('portal.getSession', {}, `Bearer ${token}`);
const statusOf = async (token: string) => {
  const answer = await getSession(token);
  return [answer.status, codeOf(answer)];
};
const gone = [401, 'portal_session_not_found'];
const list = (filter: object) => data<Listed[]>('portal.listSessions', filter);
const update = async (slug: string, changes: object) => {
  const { version } = await data<{ version: number }>('portal.getConfiguration', { portal: slug });
  return data('portal.updateConfiguration', { portal: slug, version, ...changes });
};

describe('the list', () => {
  test('has pending and active ones, newest first, and none that is over', async () => {
    const slug = await newPortal();
    const user = unique('user');
    const token = await enter(slug, user);
    const out = await enter(slug, user);
    const expired = await mint(slug, user);
    await mint(slug, user);
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

  test('pages stay right while sessions come and go', async () => {
    const slug = await newPortal();
    for (let i = 0; i < 7; i++) await mint(slug, `user-${i}`);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await call('portal.listSessions', { slug, limit: 2, ...(cursor && { cursor }) });
      const page = body as { data: Listed[]; pagination: { cursor?: string; hasMore: boolean } };
      seen.push(...page.data.map(({ externalId }) => externalId));
      expect(page.pagination.hasMore).toBe(page.pagination.cursor !== undefined);
      cursor = page.pagination.cursor;
      // One comes in front, and one that was shown goes.
      await mint(slug, unique('late'));
      await data('portal.revokeSessions', { handle: page.data[0]?.handle });
    } while (cursor !== undefined);
    expect(seen).toEqual(['user-6', 'user-5', 'user-4', 'user-3', 'user-2', 'user-1', 'user-0']);
  });

  test('costs by the page, not by the number of sessions', async () => {
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
    for (let i = 0; i < 12; i++) await mint(slug, `user-${i}`);
    const few = await cost();
    await Promise.all(Array.from({ length: 300 }, (_, i) => mint(slug, `user-${i}`)));
    // Pings of the connections come in between.
    expect(Math.abs((await cost()) - few)).toBeLessThan(15);
  });

  test('an index drops what is long dead, and lives no longer than its sessions', async () => {
    const slug = await newPortal();
    const key = `portico:{${target.workspaceId}}:portal-sessions:${slug}`;
    const dead = Array.from({ length: 20 }, (_, i) => ({ score: 0, value: `000000000000${i % 10}:sess_dead${i}` }));
    await target.redis.zAdd(key, dead);
    for (let i = 0; i < 5; i++) await mint(slug, 'user_123');
    expect(await target.redis.zCard(key)).toBe(5);
    expect(await target.redis.ttl(key)).toBeLessThanOrEqual(87_300);
    expect(await target.redis.ttl(key)).toBeGreaterThan(87_000);
  });
});

describe('revoked', () => {
  test('by handle, pending and active alike, and the second time there is nothing to revoke', async () => {
    const slug = await newPortal();
    const user = unique('user');
    const [token, other] = [await enter(slug, user), await enter(slug, user)];
    const pending = await mint(slug, user);
    const [newest, , oldest] = await list({ externalId: user });
    expect(await data('portal.revokeSessions', { handle: oldest?.handle })).toEqual({ revoked: 1 });
    expect(await data('portal.revokeSessions', { handle: oldest?.handle })).toEqual({ revoked: 0 });
    expect(await statusOf(token)).toEqual(gone);
    expect((await statusOf(other))[0]).toBe(200);
    expect(await data('portal.revokeSessions', { handle: newest?.handle })).toEqual({ revoked: 1 });
    expect(codeOf(await exchange(pending))).toBe('portal_session_not_found');
  });

  test('by user, in one portal or in all', async () => {
    const [one, two] = [await newPortal(), await newPortal()];
    const user = unique('user');
    const [a, b, c] = [await enter(one, user), await enter(two, user), await enter(one, unique('user'))];
    expect(await data('portal.revokeSessions', { externalId: user, slug: one })).toEqual({ revoked: 1 });
    expect([await statusOf(a), (await statusOf(b))[0]]).toEqual([gone, 200]);
    expect(await data('portal.revokeSessions', { externalId: user })).toEqual({ revoked: 1 });
    expect([await statusOf(b), (await statusOf(c))[0]]).toEqual([gone, 200]);
  });

  test('by portal, all in one step, and new ones live', async () => {
    const slug = await newPortal();
    const tokens = await Promise.all(Array.from({ length: 30 }, (_, i) => enter(slug, `user-${i}`)));
    expect(await data('portal.revokeSessions', { slug })).toEqual({ revoked: 30 });
    for (const token of tokens) expect(await statusOf(token)).toEqual(gone);
    expect(await list({ slug })).toEqual([]);
    expect(await list({ externalId: 'user-7', slug })).toEqual([]);
    expect((await statusOf(await enter(slug, 'user-7')))[0]).toBe(200);
  });

  test('while it is exchanged: whoever comes first, nobody is in afterwards', async () => {
    const slug = await newPortal();
    await Promise.all(
      Array.from({ length: 120 }, async (_, i) => {
        const user = unique(`racer-${i}`);
        const sessionId = await mint(slug, user);
        const [session] = await list({ externalId: user });
        const [exchanged, revoked] = await Promise.all([
          exchange(sessionId),
          data<{ revoked: number }>('portal.revokeSessions', { handle: session?.handle }),
        ]);
        // A revocation that has been answered holds, also where the exchange came in between.
        expect(revoked).toEqual({ revoked: 1 });
        if (exchanged.status === 200) {
          expect(await statusOf((exchanged.body as { data: { token: string } }).data.token)).toEqual(gone);
        } else expect(codeOf(exchanged)).toBe('portal_session_not_found');
      }),
    );
  });
});

describe('with its portal', () => {
  test('disabled, every session is refused at once, and enabling brings none back', async () => {
    const slug = await newPortal();
    const token = await enter(slug, 'user_123');
    const pending = await mint(slug, 'user_123');
    await update(slug, { enabled: false });
    expect(await statusOf(token)).toEqual([403, 'forbidden']);
    expect(codeOf(await exchange(pending))).toBe('forbidden');
    await update(slug, { enabled: true });
    expect(await statusOf(token)).toEqual(gone);
    expect(codeOf(await exchange(pending))).toBe('portal_session_not_found');
    expect(await list({ slug })).toEqual([]);
    expect((await statusOf(await enter(slug, 'user_123')))[0]).toBe(200);
  });

  test('deleted, they are gone, also where a new portal takes the slug', async () => {
    const slug = await newPortal();
    const token = await enter(slug, 'user_123');
    await data('portal.deleteConfiguration', { portal: slug });
    expect(await statusOf(token)).toEqual(gone);
    await data('portal.createConfiguration', { slug });
    expect(await statusOf(token)).toEqual(gone);
    expect(await list({ slug })).toEqual([]);
  });

  test('disabled while sessions are minted: none that was minted lives on', async () => {
    const slug = await newPortal();
    const body = { slug, externalId: 'racer', permissions };
    const mints = Array.from({ length: 60 }, () => call('portal.createSession', body));
    const [minted] = await Promise.all([Promise.all(mints), update(slug, { enabled: false })]);
    await update(slug, { enabled: true });
    for (const { status, body } of minted.filter(({ status }) => status === 200)) {
      expect(status).toBe(200);
      expect((await exchange((body as { data: { sessionId: string } }).data.sessionId)).status).toBe(401);
    }
  });
});

describe("a return URL of the session's own", () => {
  const portalSettings = { returnUrl: 'https://app.acme.example/home', allowedReturnOrigins: ['https://b.example'] };
  const portalOf = async (token: string) =>
    ((await getSession(token)).body as { data: { portal: object } }).data.portal;

  /** Where a browser with this cookie is sent, whose session is over. */
  async function redirect(cookie: string, path = '/keys'): Promise<string | null> {
    const headers = { accept: 'text/html', cookie };
    return (await fetch(target.baseUrl + path, { headers, redirect: 'manual' })).headers.get('location');
  }

  async function lastPortal(token: string): Promise<string> {
    const headers = { accept: 'text/html', cookie: `portal_session=${token}` };
    const response = await fetch(`${target.baseUrl}/keys`, { headers });
    return /portal_last=[^;]+/.exec(String(response.headers.get('set-cookie')))?.[0] ?? '';
  }

  test("wins over the portal's, while the portal allows it", async () => {
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
    'a cookie that was changed to lead to %s leads nowhere but home',
    async (wish) => {
      const slug = await newPortal(portalSettings);
      const cookie = await lastPortal(await enter(slug, 'user_123'));
      const forged = `${cookie}.${Buffer.from(wish).toString('base64url')}`;
      expect(await redirect(forged)).toBe('https://app.acme.example/home?reason=session_expired');
    },
  );
});

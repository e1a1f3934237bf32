/** Which origins some portal allows, across workspaces: the index agrees with the portals at any moment of a change. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { readStoreConfig } from '../../src/server/config/index.ts';
import {
  createPortal,
  deletePortal,
  getPortal,
  isAllowedOrigin,
  updatePortal,
} from '../../src/server/domain/portals/portals.ts';
import { authenticatePortalSession, exchangeSession } from '../../src/server/domain/sessions/sessions.ts';
import { allowedOriginIndex } from '../../src/server/store/allowed-origins.ts';
import { keys } from '../../src/server/store/keys.ts';
import { noRateLimits } from '../../src/server/store/rate-limits.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { withHooks } from '../support/redis-hooks.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { newWorkspace, numbers, openStore, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, redis, hooks } = opened;
afterAll(opened.stop);

const refused = { code: 'unkey/authorization/foreign_origin' };
const gone = { code: 'unkey/authentication/portal_session_not_found' };

let workspace: TestWorkspace;
let workspaceId: string;
beforeAll(async () => {
  workspace = await newWorkspace(store);
  workspaceId = workspace.workspaceId;
});
afterEach(() => {
  hooks.between = undefined;
  hooks.commands = undefined;
  hooks.refuse = undefined;
});

const freshOrigin = () => `https://${randomUUID()}.example`;
const allow = (portal: string, ...allowedOrigins: string[]) =>
  updatePortal(store, workspaceId, portal, { allowedOrigins }, commandLine);
const candidates = (origin: string) => redis.sCard(keys.originPortals(origin));

describe('an origin', () => {
  test('is allowed from the creation of its portal to its deletion', async () => {
    const [origin, other] = [freshOrigin(), freshOrigin()];
    expect(await isAllowedOrigin(store, origin)).toBe(false);
    const portal = await workspace.newPortal({ allowedOrigins: [origin, other] });
    expect(await isAllowedOrigin(store, origin)).toBe(true);
    await allow(portal, other);
    expect([await isAllowedOrigin(store, origin), await isAllowedOrigin(store, other)]).toEqual([false, true]);
    expect([await candidates(origin), await candidates(other)]).toEqual([0, 1]);
    await updatePortal(store, workspaceId, portal, { name: 'Named' }, commandLine);
    expect(await isAllowedOrigin(store, other)).toBe(true);
    await deletePortal(store, workspaceId, portal, commandLine);
    expect(await isAllowedOrigin(store, other)).toBe(false);
    expect(await candidates(other)).toBe(0);
  });

  test('stays allowed while a portal of any workspace allows it', async () => {
    const origin = freshOrigin();
    const elsewhere = await newWorkspace(store);
    const portals = [
      await workspace.newPortal({ allowedOrigins: [origin] }),
      await workspace.newPortal({ allowedOrigins: [origin] }),
    ];
    const last = await elsewhere.newPortal({ allowedOrigins: [origin] });
    for (const portal of portals) {
      await allow(portal);
      expect(await isAllowedOrigin(store, origin)).toBe(true);
    }
    await deletePortal(store, elsewhere.workspaceId, last, commandLine);
    expect(await isAllowedOrigin(store, origin)).toBe(false);
  });

  test('of a portal that was not created is not allowed, and leaves nothing behind', async () => {
    const origin = freshOrigin();
    const slug = await workspace.newPortal();
    const taken = createPortal(store, workspaceId, { slug, allowedOrigins: [origin] }, commandLine);
    await expect(taken).rejects.toMatchObject({ code: 'unkey/data/portal_config_already_exists' });
    expect([await isAllowedOrigin(store, origin), await candidates(origin)]).toEqual([false, 0]);
  });

  test('is found among many candidates that no longer allow it, which are then removed', async () => {
    const origin = freshOrigin();
    await redis.sAdd(
      keys.originPortals(origin),
      numbers(30).map((i) => `${workspaceId} portal_${i}`),
    );
    const portal = await workspace.newPortal({ allowedOrigins: [origin] });
    expect(await isAllowedOrigin(store, origin)).toBe(true);
    await allow(portal);
    expect(await isAllowedOrigin(store, origin)).toBe(false);
    expect(await candidates(origin)).toBe(0);
  });

  test.each([
    'null',
    '*',
    '',
    'https://a;b',
    'https://A.example',
    'https://a.example/',
    'ftp://a.example',
    'x'.repeat(9999),
  ])('in the form %j is not even looked up', async (origin) => {
    hooks.commands = 0;
    expect(await isAllowedOrigin(store, origin)).toBe(false);
    expect(hooks.commands).toBe(0);
  });
});

describe.each(numbers(7))('after %i round trips of a change', (roundTrips) => {
  test.each([
    ['removes', 'adds'],
    ['adds', 'removes'],
  ])('that %s an origin, another one that %s it leaves the index as the portal says', async (first) => {
    const origin = freshOrigin();
    const portal = await workspace.newPortal({ allowedOrigins: first === 'removes' ? [origin] : [] });
    const [one, two] = first === 'removes' ? [[], [origin]] : [[origin], []];
    let isDone = false;
    const step = async () => {
      await allow(portal, ...two);
      isDone = true;
    };
    hooks.between = { roundTrips, step };
    await allow(portal, ...one);
    // A change that has fewer round trips than that is over first.
    if (!isDone) await step();
    const { allowedOrigins = [] } = await getPortal(store, workspaceId, portal);
    expect(await isAllowedOrigin(store, origin)).toBe(allowedOrigins.includes(origin));
  });

  test('a crash leaves no portal whose origin is not found', async () => {
    const origin = freshOrigin();
    const portal = await workspace.newPortal();
    const crash = async () => Promise.reject(new Error('crashed'));
    hooks.between = { roundTrips, step: crash };
    await Promise.allSettled([allow(portal, origin)]);
    hooks.between = undefined;
    const { allowedOrigins = [] } = await getPortal(store, workspaceId, portal);
    expect(await isAllowedOrigin(store, origin)).toBe(allowedOrigins.includes(origin));
  });
});

describe('a session', () => {
  const origin = freshOrigin();
  let slug: string;
  beforeAll(async () => {
    slug = await workspace.newPortal({ allowedOrigins: [freshOrigin(), origin] });
  });
  const newToken = async () => (await exchangeSession(store, await workspace.pend(slug, 'user'), {})).token;

  test('is found for a page that its portal allows, in one round trip', async () => {
    const token = await newToken();
    for (const page of [undefined, origin]) {
      hooks.commands = 0;
      expect(await authenticatePortalSession(store, [token], page)).toMatchObject({ grant: { slug } });
      expect(hooks.commands).toBe(1);
    }
    for (const page of ['null', freshOrigin(), `${origin}.evil.example`, `${origin}:8443`])
      await expect(authenticatePortalSession(store, [token], page)).rejects.toMatchObject(refused);
  });

  test('of a page that its portal does not allow is refused before anything else, and is not counted', async () => {
    const token = await newToken();
    const limits = { ...noRateLimits, session: 1 };
    const limited = await openStore({ rateLimits: limits });
    const attempt = (page?: string) => authenticatePortalSession(limited.store, [token], page);
    for (const _ of numbers(3)) await expect(attempt(freshOrigin())).rejects.toMatchObject(refused);
    expect(await attempt(origin)).toMatchObject({ grant: { slug } });
    await limited.stop();
    await updatePortal(store, workspaceId, slug, { enabled: false }, commandLine);
    await expect(authenticatePortalSession(store, [token], freshOrigin())).rejects.toMatchObject(refused);
    await updatePortal(store, workspaceId, slug, { enabled: true }, commandLine);
    await expect(authenticatePortalSession(store, [token], freshOrigin())).rejects.toMatchObject(refused);
    await expect(authenticatePortalSession(store, [token], origin)).rejects.toMatchObject(gone);
  });

  test('of a portal without a list allows no page', async () => {
    const old = await workspace.newPortal();
    const portal = await getPortal(store, workspaceId, old);
    const { allowedOrigins: _, ...record } = portal;
    await redis.hSet(keys.portals(workspaceId), portal.portalId, JSON.stringify(record));
    const { token } = await exchangeSession(store, await workspace.pend(old, 'user'), {});
    await expect(authenticatePortalSession(store, [token], origin)).rejects.toMatchObject(refused);
    expect(await authenticatePortalSession(store, [token])).toMatchObject({ grant: { slug: old } });
  });

  test('is started by a page that its portal allows; another page does not spend the id, nor repeat the exchange', async () => {
    const sessionId = await workspace.pend(slug, 'user');
    const exchange = (page?: string) => exchangeSession(store, sessionId, {}, 'secret', page);
    for (const page of ['null', freshOrigin()]) await expect(exchange(page)).rejects.toMatchObject(refused);
    const { token } = await exchange(origin);
    await expect(exchange(freshOrigin())).rejects.toMatchObject(refused);
    expect(await exchange(origin)).toMatchObject({ token });
    expect(await exchange()).toMatchObject({ token });
  });

  test('of several tokens, the one of an active session is used, and more than four are refused without a look', async () => {
    const [one, two] = [await newToken(), await newToken()];
    const unknown = numbers(4).map((i) => `${one.slice(0, -4)}00z${i}`);
    const first = async (...tokens: string[]) => (await authenticatePortalSession(store, tokens)).ref.hash;
    const ofOne = await first(one);
    expect(await first('', 'nonsense', 'pst_x', ...unknown.slice(1), one)).toBe(ofOne);
    await expect(first(two, one)).rejects.toMatchObject(gone);
    hooks.commands = 0;
    await expect(first(...unknown, one)).rejects.toMatchObject(gone);
    expect(hooks.commands).toBe(0);
    await expect(first()).rejects.toMatchObject(gone);
  });

  test('of several tokens of no active session, the reason is that of a session that exists', async () => {
    const token = await newToken();
    const unknown = `${token.slice(0, -2)}zz`;
    await updatePortal(store, workspaceId, slug, { enabled: false }, commandLine);
    const forbidden = { code: 'unkey/authorization/forbidden' };
    for (const tokens of [
      [unknown, token],
      [token, unknown],
    ])
      await expect(authenticatePortalSession(store, tokens)).rejects.toMatchObject(forbidden);
    await updatePortal(store, workspaceId, slug, { enabled: true }, commandLine);
  });
});

describe('the index of allowed origins follows a portal', () => {
  let connection: ReturnType<typeof connectRedis>;
  let index: ReturnType<typeof allowedOriginIndex>;
  beforeAll(async () => {
    connection = connectRedis(readStoreConfig((await sharedRedis()).env).redis);
    await connection.ready;
    index = allowedOriginIndex(withHooks(connection, hooks));
  });
  afterAll(() => connection.close());

  const portalWith = (allowedOrigins?: string[], portalId = 'portal_1') => ({
    ...{ workspaceId, portalId },
    ...(allowedOrigins !== undefined && { allowedOrigins }),
  });
  type Record = ReturnType<typeof portalWith>;
  const record = (portal: Record) => redis.hSet(keys.portals(workspaceId), portal.portalId, JSON.stringify(portal));
  const members = (origin: string) => redis.sMembers(keys.originPortals(origin));

  test('with no command if none of its origins changes', async () => {
    const [a, b] = [freshOrigin(), freshOrigin()];
    hooks.refuse = () => true;
    const change = async () => 'changed';
    const pairs: [Record | undefined, Record | undefined][] = [
      [portalWith([a, b]), portalWith([b, a])],
      [portalWith(), portalWith([])],
      [portalWith(), undefined],
      [undefined, portalWith()],
      [undefined, undefined],
    ];
    const outcomes = await Promise.all(pairs.map(([before, after]) => index.follow(before, after, change)));
    expect(outcomes).toEqual(pairs.map(() => 'changed'));
  });

  test('before the change with what is new, and after it with what is gone, and never without what stays', async () => {
    const [gone, stays, fresh] = [freshOrigin(), freshOrigin(), freshOrigin()];
    const [before, after] = [portalWith([gone, stays]), portalWith([stays, fresh])];
    await index.follow(undefined, before, () => record(before));
    const all = () => Promise.all([gone, stays, fresh].map(members));
    const member = `${workspaceId} portal_1`;
    expect(await all()).toEqual([[member], [member], []]);
    const meanwhile = await index.follow(before, after, async () => {
      await record(after);
      return all();
    });
    expect(meanwhile).toEqual([[member], [member], [member]]);
    expect(await all()).toEqual([[], [member], [member]]);
    hooks.refuse = (command) => command === 'sRem';
    const more = portalWith([stays, fresh, gone]);
    await index.follow(after, more, () => record(more));
    hooks.refuse = undefined;
    expect(await all()).toEqual([[member], [member], [member]]);
    await index.follow(more, undefined, () => redis.hDel(keys.portals(workspaceId), 'portal_1'));
    expect(await all()).toEqual([[], [], []]);
  });

  test('and is as before if the change fails', async () => {
    const [stays, fresh] = [freshOrigin(), freshOrigin()];
    const before = portalWith([stays], 'portal_2');
    await index.follow(undefined, before, () => record(before));
    const failed = index.follow(before, portalWith([fresh], 'portal_2'), () => Promise.reject(new Error('refused')));
    await expect(failed).rejects.toThrow('refused');
    expect([await members(stays), await members(fresh)]).toEqual([[`${workspaceId} portal_2`], []]);
  });

  test('which another change lets allow the origin again meanwhile', async () => {
    const origin = freshOrigin();
    const [before, after] = [portalWith([origin], 'portal_3'), portalWith([], 'portal_3')];
    await index.follow(undefined, before, () => record(before));
    await record(after);
    // It is removed in the second round trip, and read again in the third.
    hooks.between = { roundTrips: 2, step: () => record(before) };
    await index.follow(before, after, async () => {});
    expect(await members(origin)).toEqual([`${workspaceId} portal_3`]);
  });

  test('whose record has no list of origins: it allows none', async () => {
    const origin = freshOrigin();
    await record(portalWith(undefined, 'portal_4'));
    await redis.sAdd(keys.originPortals(origin), `${workspaceId} portal_4`);
    expect(await index.isAllowed(origin)).toBe(false);
    expect(await members(origin)).toEqual([]);
  });
});

/**
 * The session store of one process: what each of its calls returns, the commands that it sends, and what it does when control data changes
 * between two of them. sessions.test.ts tests the calls of the domain that depend on it.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { newSessionId, newToken } from '../../src/server/domain/credentials.ts';
import { createStore } from '../../src/server/store/index.ts';
import { keys } from '../../src/server/store/keys.ts';
import { defaultLimits, type StoreLimits } from '../../src/server/store/limits.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import type { Portal } from '../../src/server/store/portals.ts';
import type {
  CachedRootKey,
  RootKey,
  RootKeyToVerify,
  SessionRef,
  VerifiedRootKey,
} from '../../src/server/store/proof.ts';
import { noRateLimits } from '../../src/server/store/rate-limits.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import type { SessionGrant } from '../../src/server/store/session-reader.ts';
import type { SignedIn } from '../../src/server/store/sessions.ts';
import '../support/patient-redis.ts';
import { type Hooks, withHooks } from '../support/redis-hooks.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { usersOf } from '../support/store.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const shared = await sharedRedis();
const { client: redis, stop } = await openTargetRedis(shared);
const connected = connectRedis(shared.url);
await connected.ready;
afterAll(() => Promise.all([connected.close(), stop()]));

const gone = { code: 'unkey/authentication/portal_session_not_found' };
const full = (limit: string) => ({ code: 'unkey/data/limit_exceeded', message: `The limit is ${limit}.` });
const overQuota = full('12.8 MB per workspace, of which each of 64 partitions of its users has 0.1 MB');
const quotaBytes = 100_000;
const smallQuota = { ...defaultLimits, workspaceMegabytes: (128 * quotaBytes) / 1e6 };

/** A process that serves requests. It knows nothing yet. */
function newServer(limits: Partial<StoreLimits> = {}, session = 0) {
  const commands: string[] = [];
  const hooks: Hooks = {
    refuse(command) {
      commands.push(command);
      return false;
    },
  };
  const audit = { maxEntries: 10_000, maxAgeDays: 30 };
  const rates = { ...noRateLimits, rootKey: session, session };
  const store = createStore(withHooks(connected, hooks), audit, rates, { ...defaultLimits, ...limits });
  return {
    store,
    hooks,
    /** What a call returns or throws, and the commands that it has sent. */
    async sent<T>(call: () => Promise<T>) {
      commands.length = 0;
      const [outcome] = await Promise.allSettled([call()]);
      return { outcome, commands: [...commands] };
    },
  };
}
type Server = ReturnType<typeof newServer>;
/** Another process than the one of a test. */
const other = newServer();

const slug = 'acme';
const portalId = 'portal_1';
let workspaceId: string;
let rootKey: VerifiedRootKey;
/** Writes a portal as other processes do. */
async function addPortal(id: string, more: Partial<Portal> = {}) {
  const portal: Portal = {
    ...{ portalId: id, workspaceId, slug: id, enabled: true, allowedReturnOrigins: [], apiIds: [] },
    ...{ branding: { primaryColor: '#123456' }, version: 1, createdAt: 3, updatedAt: 3, ...more },
  };
  await Promise.all([
    redis.hSet(keys.portals(workspaceId), id, JSON.stringify(portal)),
    redis.hSet(keys.portalSlugs(workspaceId), portal.slug, id),
  ]);
}
const versionKeys = () => [keys.control, keys.published].map((name) => name(workspaceId));
beforeEach(async () => {
  workspaceId = `ws_${randomUUID().slice(-12)}`;
  const record: RootKey = { rootKeyId: 'rkid_1', workspaceId, permissions: [], createdAt: 2 };
  const actor = { type: 'root_key', id: record.rootKeyId } as const;
  rootKey = { ...record, hash: 'c'.repeat(64), actor, verification: 'verified' } as VerifiedRootKey;
  const workspace = { workspaceId, name: 'Acme', enabled: true, createdAt: 1 };
  await Promise.all([
    ...[...versionKeys(), keys.controlSeen(placeOf())].map((name) => redis.set(name, '7')),
    redis.set(keys.workspace(workspaceId), JSON.stringify(workspace)),
    redis.hSet(keys.rootKeys(workspaceId), rootKey.hash, JSON.stringify(record)),
    addPortal(portalId, { slug }),
  ]);
});
const owner = (externalId = 'ada') => ({ workspaceId, externalId });
const placeOf = (externalId = 'ada') => partitionOf(owner(externalId));
const recordOf = (ref: SessionRef) => keys.session(ref, ref.handle);
/** When the session expires, by Redis. */
const endOf = (ref: SessionRef) => redis.pExpireTime(recordOf(ref));

/** Creates a session on a process. */
async function create(
  { store: { sessions } }: Server,
  externalId = 'ada',
  more: Partial<SessionGrant> = {},
  proof: RootKeyToVerify = rootKey,
) {
  const { plaintext: _, ...ref } = newSessionId(placeOf(externalId));
  const grant = { slug, externalId, permissions: [], preview: false, createdAt: Date.now(), ...more };
  const resource = { type: 'session', id: ref.handle } as const;
  const created = await sessions.create(ref, grant, {
    proof,
    entry: { actor: proof.actor, action: 'session.create', resource },
  });
  return { ref, grant, created };
}
/** A session id that another process has created. */
const pend = async (externalId = 'ada', more = {}) => (await create(other, externalId, more)).ref;

/** Exchanges a session id on a process. */
async function exchange(
  { store: { sessions } }: Server,
  ref: SessionRef,
  options?: Parameters<typeof sessions.exchange>[3],
) {
  const { plaintext: _, ...token } = newToken(ref);
  const id = ref.handle;
  const resource = { type: 'session', id } as const;
  const entry = { actor: { type: 'user', id }, action: 'session.exchange', resource } as const;
  const { expiresAt } = await sessions.exchange(ref, token, entry, options);
  return { token, expiresAt };
}
/** A browser session that another process has started. */
const enter = async (externalId = 'ada', more = {}) => (await exchange(other, await pend(externalId, more))).token;
const verify = (server: Server, token: SessionRef, origin?: string) => server.store.sessions.verify(token, origin);

/** Changes control data as another process does, of which the partition of the user then knows. */
async function change(write: () => Promise<unknown>) {
  await write();
  const version = String(await redis.incr(keys.control(workspaceId)));
  await Promise.all([keys.published(workspaceId), keys.controlSeen(placeOf())].map((key) => redis.set(key, version)));
}
const editPortal = (more: Partial<Portal>) =>
  change(async () => {
    const portal = JSON.parse(String(await redis.hGet(keys.portals(workspaceId), portalId)));
    await redis.hSet(keys.portals(workspaceId), portalId, JSON.stringify({ ...portal, ...more }));
  });
const disable = () => editPortal({ enabled: false });
const disableWorkspace = () =>
  change(() => redis.set(keys.workspace(workspaceId), JSON.stringify({ workspaceId, name: 'Acme', enabled: false })));
const removeRootKey = () => change(() => redis.del(keys.rootKeys(workspaceId)));
const removePortal = () => change(() => redis.hDel(keys.portals(workspaceId), portalId));
const startEpoch = () => change(() => redis.hIncrBy(keys.portalEpochs(workspaceId), portalId, 1));
/** How a process learns which root key, or which portal, a call is about. */
const read = 'readControl';

describe('a session that is created', () => {
  test('costs one command, once its process knows the root key and the portal', async () => {
    const server = newServer();
    const twice = [await server.sent(() => create(server)), await server.sent(() => create(server))];
    expect(twice.map(({ commands }) => commands)).toEqual([[read, read, 'createSession'], ['createSession']]);
  });

  test('has its user and person, is in two lists, ends when Redis says, and is counted with 63 more', async () => {
    const actor = { id: 'p "1"', name: 'Zoë 😀' };
    const { ref, grant, created } = await create(newServer(), 'ada', { actor });
    expect(created).toStrictEqual({ expiresAt: await endOf(ref) });
    const who = `"ada","portalId":"${portalId}","person":${JSON.stringify(actor)}`;
    const record = `${ref.hash} 0000000000000\n${portalId} 0\n${who}\n${JSON.stringify(grant)}`;
    expect(await redis.get(recordOf(ref))).toBe(record);
    const lists = [keys.portalSessions(ref, portalId, '0'), keys.userSessions(owner())];
    const listed = await Promise.all(lists.map((list) => redis.zRange(list, 0, -1)));
    expect(listed.flat()).toEqual(Array(2).fill(`${grant.createdAt}:${ref.handle}`));
    const identity = Buffer.byteLength(String(await redis.get(keys.identity(owner())))) + 300;
    const total = await redis.hGet(keys.partitionQuota(ref), 'total');
    expect(Number(total) - identity).toBe(64 * (Buffer.byteLength(record) + 500));
  });

  test('has the host name of its portal, if that has one', async () => {
    const hostname = `${randomUUID()}.example`;
    await addPortal('portal_2', { hostname });
    const { ref, created } = await create(newServer(), 'ada', { slug: 'portal_2' });
    expect(created).toStrictEqual({ expiresAt: await endOf(ref), hostname });
  });

  test('removes from its lists those that ended before, with the first one that a process writes', async () => {
    const place = placeOf();
    const [bob = '', eve = ''] = usersOf(place, 2);
    await pend('ada');
    const server = newServer({ sessionsPerUser: 1 });
    const createdAt = Date.now();
    // No session lives longer than 15 minutes and a day.
    const longAgo = createdAt - 87_300_000;
    const [over, last] = [`${longAgo - 1}:sess_over`, `${longAgo}:sess_last`];
    const list = keys.portalSessions(place, portalId, '0');
    const add = (value: string) => redis.zAdd(list, { score: 0, value });
    const left = async () => (await redis.zRange(list, 0, -1)).filter((one) => [over, last].includes(one));
    await Promise.all([over, last].map(add));
    await expect(create(server, 'ada', { createdAt })).rejects.toMatchObject(full('1 sessions per user'));
    expect(await left()).toEqual([over, last]);
    await create(server, bob, { createdAt });
    expect(await left()).toEqual([last]);
    await add(over);
    await create(server, eve, { createdAt });
    expect(await left()).toEqual([over, last]);
  });

  test('uses the bytes that were lent, and borrows again over another connection', async () => {
    const server = newServer();
    const totalOver = async (connection: number) => {
      server.hooks.connection = connection;
      const { ref } = await create(server);
      const { total } = await redis.hGetAll(keys.partitionQuota(ref));
      return { total: Number(total), bytes: (await redis.strLen(recordOf(ref))) + 500 };
    };
    const { total, bytes } = await totalOver(1);
    const totals = [await totalOver(1), await totalOver(2), await totalOver(2)].map((after) => after.total - total);
    expect(totals).toEqual([0, 64 * bytes, 64 * bytes]);
  });

  test.each<[string, number, object]>([
    ['is created where the quota has only sessions that have ended', -2, { status: 'fulfilled' }],
    ['is refused where they have not', 2, { reason: overQuota }],
  ])('%s, after a second attempt', async (_, hours, outcome) => {
    const hour = String(Math.floor(Date.now() / 3_600_000) + hours);
    await redis.hSet(keys.partitionQuota(placeOf()), { total: quotaBytes, [hour]: quotaBytes });
    const server = newServer(smallQuota);
    const commands = [read, read, 'createSession', 'sweepQuota', 'createSession'];
    expect(await server.sent(() => create(server))).toMatchObject({ outcome, commands });
  });

  test.each<[string, () => Promise<unknown>, object]>([
    ['has as many as allowed', () => pend(), full('1 sessions per user')],
    [
      'is being erased',
      () => redis.set(keys.identity(owner()), '!id_1'),
      { code: 'unkey/data/identity_deletion_in_progress' },
    ],
  ])('is refused for a user who %s, without another attempt', async (_, prepare, reason) => {
    await prepare();
    const server = newServer({ sessionsPerUser: 1 });
    const commands = [read, read, 'createSession'];
    expect(await server.sent(() => create(server))).toMatchObject({ outcome: { reason }, commands });
  });

  test.each<[string, () => Promise<unknown>, object]>([
    ['the root key is gone', removeRootKey, { code: 'unkey/authentication/key_not_found' }],
    ['the workspace is disabled', disableWorkspace, { code: 'unkey/authorization/workspace_disabled' }],
    ['the portal is gone', removePortal, { code: 'unkey/data/portal_config_not_found' }],
    ['the portal is disabled', disable, { code: 'unkey/authorization/forbidden' }],
    [
      'its user may not return there any more',
      () => editPortal({ returnUrl: 'https://other.example' }),
      { failures: [{ location: 'body.returnUrl' }] },
    ],
  ])('is not written if %s, and its process does not know that yet', async (_, step, reason) => {
    await editPortal({ returnUrl: 'https://app.example/home' });
    const server = newServer();
    const returnUrl = 'https://app.example/done';
    await create(server, 'ada', { returnUrl });
    await step();
    const { outcome, commands } = await server.sent(() => create(server, 'ada', { returnUrl }));
    expect([outcome, commands[0]]).toMatchObject([{ reason }, 'createSession']);
    expect(await redis.zCard(keys.userSessions(owner()))).toBe(1);
  });

  test('by a root key that is gone is refused before it is counted', async () => {
    const { actor, hash } = rootKey;
    const cached: CachedRootKey = { verification: 'cached', actor, hash, unverified: rootKey };
    await removeRootKey();
    const server = newServer({}, 100);
    const reason = { code: 'unkey/authentication/key_not_found' };
    expect(await server.sent(() => create(server, 'ada', {}, cached))).toMatchObject({
      outcome: { reason },
      commands: [read],
    });
  });
});

/** Lets Redis reply as if it knew none of the portals that a process names. */
const knowsNoPortal = (_: string, script: string) => script.replace('string.find(openPortals', "string.find(''");

describe('a session that is exchanged', () => {
  test('costs one command, once its process knows the portal, and ends when Redis says', async () => {
    const [one, two] = [await pend(), await pend()];
    const server = newServer();
    const first = await server.sent(() => exchange(server, one));
    expect(first.commands).toEqual([read, 'exchangeSession', read, 'exchangeSession']);
    const { outcome, commands } = await server.sent(() => exchange(server, two));
    expect(commands).toEqual(['exchangeSession']);
    expect(outcome).toMatchObject({ value: { expiresAt: await endOf(two) } });
  });

  test('has its user, portal and person in the audit log', async () => {
    const person = { id: 'p "1"', name: 'Zoë' };
    const ref = await pend('a "b"', { actor: person });
    await exchange(newServer(), ref);
    const { items } = await other.store.audit.listOf(
      owner('a "b"'),
      ({ action }) => action === 'session.exchange',
      {},
      { limit: 5 },
    );
    const actor = { type: 'user', id: ref.handle, externalId: 'a "b"', portalId, person };
    expect(items.map((item) => item.actor)).toEqual([actor]);
  });

  test.each<[string, SignedIn, boolean]>([
    ['nobody is', 'nobody', true],
    ['its own user is', { portalId, externalId: 'a "b"' }, true],
    ['several are', 'several', false],
    ['another user is', { portalId, externalId: 'a "b' }, false],
    ['its user is at another portal', { portalId: 'portal_2', externalId: 'a "b"' }, false],
  ])('takes the place of nobody else who is signed in: %s', async (_, signedIn, isEntered) => {
    const ref = await pend('a "b"');
    const [outcome] = await Promise.allSettled([exchange(newServer(), ref, { signedIn })]);
    const refused = { reason: { code: 'unkey/authentication/other_user_signed_in' } };
    expect(outcome).toMatchObject(isEntered ? { status: 'fulfilled' } : refused);
  });

  test('is refused and not spent where its portal cannot be used, among the portals that its process knows', async () => {
    await addPortal('portal_2');
    const server = newServer();
    const refs = () => Promise.all([pend(), pend('ada', { slug: 'portal_2' })]);
    for (const ref of await refs()) await exchange(server, ref);
    const requirePortal = (portal: Portal) => {
      if (portal.slug === slug) throw new Error('not here');
    };
    const [here, there] = await refs();
    expect(await server.sent(() => exchange(server, here, { requirePortal }))).toMatchObject({
      outcome: { reason: { message: 'not here' } },
      commands: ['exchangeSession'],
    });
    expect(await server.sent(() => exchange(server, there, { requirePortal }))).toMatchObject({
      outcome: { status: 'fulfilled' },
      commands: ['exchangeSession'],
    });
    expect(await exchange(server, here)).toHaveProperty('expiresAt', await endOf(here));
  });

  test('is exchanged by the portal that was just read, also if its process has forgotten that', async () => {
    const ref = await pend();
    const server = newServer();
    server.hooks.connection = 1;
    server.hooks.between = { roundTrips: 2, step: async () => Object.assign(server.hooks, { connection: 2 }) };
    const commands = [read, 'exchangeSession', read, 'exchangeSession'];
    expect(await server.sent(() => exchange(server, ref))).toMatchObject({
      outcome: { status: 'fulfilled' },
      commands,
    });
  });

  test('is exchanged once if its portal changes before that is read', async () => {
    const ref = await pend();
    const server = newServer();
    server.hooks.between = { roundTrips: 2, step: () => editPortal({ name: 'Renamed' }) };
    const { token, expiresAt } = await exchange(server, ref);
    expect(server.hooks.between).toBeUndefined();
    expect(expiresAt).toBe(await endOf(ref));
    expect(await verify(server, token)).toMatchObject({ expiresAt, portal: { name: 'Renamed' } });
  });

  test('fails if its portal stays unknown', async () => {
    const ref = await pend();
    const server = newServer();
    server.hooks.changed = knowsNoPortal;
    await expect(exchange(server, ref)).rejects.toThrow('a portal that was just read is known');
  });
});

describe('a browser session that is verified', () => {
  test('is read in one command, with its user, its portal and its end', async () => {
    const origin = 'https://app.example';
    await editPortal({ allowedOrigins: [origin] });
    const person = { id: 'p' };
    const { ref, grant } = await create(newServer(), 'ada', { actor: person });
    const { token, expiresAt } = await exchange(newServer(), ref);
    const server = newServer();
    const first = await server.sent(() => verify(server, token, origin));
    expect(first.commands).toEqual([read, 'mGet', read]);
    const { handle } = ref;
    const value = {
      ...{ grant, portalId, epoch: '0', expiresAt, handle, ref: token, pageOrigin: origin },
      portal: expect.objectContaining({ portalId, slug }),
      actor: { type: 'user', id: handle, externalId: 'ada', portalId, person },
    };
    const found = { outcome: { status: 'fulfilled', value }, commands: ['mGet'] };
    expect(await server.sent(() => verify(server, token, origin))).toEqual(found);
  });

  test.each<[string, () => Promise<unknown>, object]>([
    ['its portal is disabled', disable, { code: 'unkey/authorization/forbidden' }],
    ['the workspace is disabled', disableWorkspace, { code: 'unkey/authorization/workspace_disabled' }],
    ['all of its portal have ended', startEpoch, gone],
    ['its portal is gone', removePortal, gone],
  ])('is refused if %s, and its process does not know that yet', async (_, step, reason) => {
    const token = await enter();
    const server = newServer();
    await verify(server, token);
    await step();
    const { outcome, commands } = await server.sent(() => verify(server, token));
    expect([outcome, commands[0]]).toMatchObject([{ reason }, 'mGet']);
  });

  test('has its portal as it is now, also if that changes between the two reads', async () => {
    const token = await enter();
    const server = newServer();
    server.hooks.between = { roundTrips: 2, step: () => editPortal({ name: 'Renamed' }) };
    expect(await verify(server, token)).toMatchObject({ handle: token.handle, portal: { name: 'Renamed' } });
    expect(server.hooks.between).toBeUndefined();
  });

  test('needs no version of control data that has never changed', async () => {
    const token = await enter();
    await redis.del([...versionKeys(), keys.controlSeen(token)]);
    const server = newServer();
    const { outcome, commands } = await server.sent(() => verify(server, token));
    expect([outcome.status, commands]).toEqual(['fulfilled', [read, 'mGet', read]]);
  });

  test('lets its partition know of the control data again, if that has lost the version', async () => {
    const token = await enter();
    await editPortal({ name: 'Renamed' });
    await redis.del(keys.controlSeen(token));
    expect(await verify(newServer(), token)).toMatchObject({ portal: { name: 'Renamed' } });
    expect(await redis.get(keys.controlSeen(token))).toBe('8');
  });

  test.each([
    ['without a limit', 0],
    ['with one', 100],
  ])('is not found before its exchange, nor with another secret: %s', async (_, limit) => {
    const [pending, token] = [await pend(), await enter()];
    const server = newServer({}, limit);
    const refused = [newToken(pending), newToken(token)].map((ref) => verify(server, ref));
    expect(await Promise.allSettled(refused)).toMatchObject([{ reason: gone }, { reason: gone }]);
  });
});

describe('a browser session with a limit', () => {
  const limited = (limit: number) => newServer({}, limit);
  const counts = (token: SessionRef) => redis.hGetAll(keys.sessionCalls(token, token.handle));
  /** A browser session, and a process that knows its portal. */
  async function known(limit: number) {
    const server = limited(limit);
    await verify(server, await enter());
    return { server, token: await enter() };
  }

  test('is counted in one command, and then takes the calls that were lent', async () => {
    const token = await enter();
    // One call is lent with each that is counted.
    const server = limited(100);
    const call = async () => (await server.sent(() => verify(server, token))).commands;
    const commands = [await call(), await call(), await call()];
    expect(commands).toEqual([[read, 'findSession', read, 'findSession'], ['mGet'], ['findSession']]);
    expect({ ...(await counts(token)) }).toEqual({ counted: '4', lent: '1' });
  });

  test('is counted by the portal that was just read, also if its process has forgotten that', async () => {
    const token = await enter();
    const server = limited(20);
    server.hooks.connection = 1;
    server.hooks.between = { roundTrips: 2, step: async () => Object.assign(server.hooks, { connection: 2 }) };
    expect(await verify(server, token)).toHaveProperty('handle', token.handle);
    expect(await counts(token)).toMatchObject({ counted: '1' });
  });

  test('is counted once if its portal changes before it is counted, and its partition does not know of that', async () => {
    const token = await enter();
    const server = limited(20);
    const step = async () => {
      await editPortal({ name: 'Renamed' });
      await redis.set(keys.controlSeen(token), '7');
    };
    server.hooks.between = { roundTrips: 2, step };
    expect(await verify(server, token)).toMatchObject({ portal: { name: 'Renamed' } });
    expect(await counts(token)).toMatchObject({ counted: '1' });
  });

  test('is counted once if its portal changes after it was counted', async () => {
    const token = await enter();
    const server = limited(20);
    server.hooks.connection = 1;
    /** The process forgets the portal while the call is counted, and the portal changes before it is read again. */
    const step = async () => {
      server.hooks.connection = 2;
      server.hooks.between = { roundTrips: 0, step: () => editPortal({ name: 'Renamed' }) };
    };
    server.hooks.between = { roundTrips: 3, step };
    const { outcome, commands } = await server.sent(() => verify(server, token));
    expect(outcome).toMatchObject({ value: { portal: { name: 'Renamed' } } });
    expect(commands.slice(0, 5)).toEqual([read, 'findSession', read, 'findSession', read]);
    expect(await counts(token)).toMatchObject({ counted: '1' });
  });

  test('counts a call itself if another one has taken the last that was lent', async () => {
    const { server, token } = await known(100);
    await verify(server, token);
    await Promise.all([verify(server, token), verify(server, token)]);
    expect(await counts(token)).toMatchObject({ counted: '4' });
  });

  test('keeps the calls that were lent if another call finds the control data outdated', async () => {
    const { server, token } = await known(500);
    server.hooks.between = { roundTrips: 1, step: () => editPortal({ name: 'Renamed' }) };
    const { commands } = await server.sent(() => Promise.all([verify(server, token), verify(server, token)]));
    expect(commands).toEqual(['findSession', 'findSession', read, read, 'mGet', read]);
    expect((await server.sent(() => verify(server, token))).commands).toEqual(['mGet']);
  });

  test('fails if its portal stays unknown', async () => {
    const token = await enter();
    const server = limited(20);
    server.hooks.changed = knowsNoPortal;
    await expect(verify(server, token)).rejects.toThrow('a portal that was just read is known');
  });
});

describe('a session that is ended', () => {
  const end = ({ store: { sessions } }: Server, ref: SessionRef, grant: SessionGrant) => {
    const { actor } = rootKey;
    const resource = { type: 'session', id: ref.handle } as const;
    return sessions.end(
      workspaceId,
      { handle: ref.handle, grant, portalId, epoch: '0' },
      { proof: rootKey, entry: { actor, action: 'session.revoke', resource } },
    );
  };

  test('costs one command, leaves both lists and the quota, and ends once; its link leads nowhere', async () => {
    const { ref, grant } = await create(newServer());
    const quota = async () => Number(await redis.hGet(keys.partitionQuota(ref), 'total'));
    const [before, bytes] = [await quota(), (await redis.strLen(recordOf(ref))) + 500];
    const server = newServer();
    const twice = [await server.sent(() => end(server, ref, grant)), await server.sent(() => end(server, ref, grant))];
    expect(twice.map(({ outcome }) => outcome)).toMatchObject([{ value: true }, { value: false }]);
    expect(twice.map(({ commands }) => commands)).toEqual([[read, 'endSession'], ['endSession']]);
    const names = [recordOf(ref), keys.portalSessions(ref, portalId, '0'), keys.userSessions(owner())];
    expect([await redis.exists(names), before - (await quota())]).toEqual([0, bytes]);
    expect(await server.store.sessions.findLinked(ref)).toBeUndefined();
  });

  test('does not end by a root key that is gone, of which its process does not know yet', async () => {
    const server = newServer();
    const [one, two] = [await create(server), await create(server)];
    expect(await end(server, one.ref, one.grant)).toBe(true);
    await removeRootKey();
    const refused = { code: 'unkey/authentication/key_not_found' };
    await expect(end(server, two.ref, two.grant)).rejects.toMatchObject(refused);
    expect(await redis.exists(recordOf(two.ref))).toBe(1);
  });
});

describe('all sessions of a portal that are ended', () => {
  const sizes = Array(64).fill('zCard');
  const endAll = ({ store: { sessions } }: Server, one = slug, even?: 'without any') => {
    const { proof } = commandLine;
    const resource = { type: 'portal', id: one } as const;
    return sessions.endAll(
      workspaceId,
      one,
      { proof, entry: { actor: proof.actor, action: 'session.revoke', resource } },
      even,
    );
  };
  const isPublished = async () => {
    const [version, published] = await redis.mGet(versionKeys());
    return version === published;
  };

  test('are counted, end in one step, and leave no list', async () => {
    const refs = [await pend('ada'), await pend('ada'), await pend('bob')];
    expect(await endAll(newServer())).toBe(3);
    const server = newServer();
    const outcomes = await Promise.allSettled(refs.map((ref) => exchange(server, ref)));
    expect(outcomes).toMatchObject(refs.map(() => ({ reason: gone })));
    expect(await redis.exists(refs.map((ref) => keys.portalSessions(ref, portalId, '0')))).toBe(0);
    expect(await isPublished()).toBe(true);
  });

  test('are none if the portal is gone by then', async () => {
    await pend();
    const server = newServer();
    server.hooks.between = { roundTrips: 2, step: removePortal };
    expect(await endAll(server)).toBe(0);
    expect(server.hooks.between).toBeUndefined();
  });

  test('end also if a list has lost them, where that is asked for', async () => {
    const ref = await pend();
    await redis.del(keys.portalSessions(ref, portalId, '0'));
    const server = newServer();
    expect(await endAll(server)).toBe(0);
    expect(await server.store.sessions.findByHandle(workspaceId, ref.handle)).toHaveProperty('handle', ref.handle);
    expect(await endAll(server, slug, 'without any')).toBe(0);
    expect(await server.store.sessions.findByHandle(workspaceId, ref.handle)).toBeUndefined();
  });

  test.each<[string, string | undefined, 'without any' | undefined, string[]]>([
    ['a portal without any', undefined, undefined, [read, ...sizes, 'mGet']],
    ['an unknown portal', 'never-was', undefined, [read, 'mGet']],
    ['an unknown portal, even without any', 'never-was', 'without any', [read, 'mGet']],
  ])('are none, and nothing is written: %s', async (_, one, even, commands) => {
    const server = newServer();
    expect(await server.sent(() => endAll(server, one, even))).toMatchObject({ outcome: { value: 0 }, commands });
  });

  test('are none, and what another process has changed is published', async () => {
    await redis.incr(keys.control(workspaceId));
    expect(await endAll(newServer(), 'never-was')).toBe(0);
    expect(await isPublished()).toBe(true);
  });
});

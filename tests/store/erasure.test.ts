/** After the erasure of a user, Redis has no trace of them, at any moment a process dies, and with any other call meanwhile. */
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../src/server/domain/credentials.ts';
import { completeErasures, deleteIdentity } from '../../src/server/domain/identities/erasure.ts';
import { getIdentity, updateIdentity } from '../../src/server/domain/identities/identities.ts';
import { createKey, rerollKey } from '../../src/server/domain/keys/keys.ts';
import { updatePortal } from '../../src/server/domain/portals/portals.ts';
import {
  authenticatePortalSession,
  createSession,
  exchangeSession,
} from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { Problem } from '../../src/server/problem.ts';
import { keys } from '../../src/server/store/keys.ts';
import { defaultLimits } from '../../src/server/store/limits.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import { StoreUnavailable } from '../../src/server/store/redis.ts';
import { startRedis } from '../support/redis.ts';
import { everythingIn } from '../support/redis-contents.ts';
import { contentsOf, newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

// It is searched as a whole.
const local = await startRedis();
// So small a quota lends no bytes in advance: each is of a record.
const limits = { ...defaultLimits, workspaceMegabytes: 12.8 };
const audit = { maxEntries: 1_000_000, maxAgeDays: 30 };
const one = await openStore({ audit, limits, on: local });
const two = await openStore({ audit, on: local });
const { store, redis, hooks } = one;
afterAll(async () => {
  await one.stop();
  await two.stop();
  await local.stop();
});

const minute = 60_000;
const from = { ip: '192.0.2.77', userAgent: 'agent', requestId: 'req_1' };
const permissions = ['api.*.create_key', 'api.*.read_key', 'portal.*.read_account'];

interface House extends TestWorkspace {
  apiId: string;
  slug: string;
  by: { proof: TestWorkspace['rootKey'] };
}

/** A workspace with an API and a portal. */
async function newHouse(): Promise<House> {
  const workspace = await newWorkspace(store);
  const apiId = await workspace.newApi();
  const slug = await workspace.newPortal({ apiIds: [apiId] });
  return { ...workspace, apiId, slug, by: { proof: workspace.rootKey } };
}

/** What names a user, in every form in which a record can have it. */
function tracesOf(externalId: string): string[] {
  const bytes = Buffer.from(externalId);
  return [
    externalId,
    sha256(externalId),
    ...(['base64', 'base64url', 'hex'] as const).map((form) => bytes.toString(form)),
  ];
}

/** The traces of a user in Redis. Everything that is entered for a user begins with their externalId. */
async function foundOf(externalId: string): Promise<string[]> {
  const everything = await everythingIn({ redis });
  return tracesOf(externalId).filter((trace) => everything.includes(trace));
}

/** Runs with a clock of Redis that is ahead. */
async function later<T>(ms: number, work: () => Promise<T>): Promise<T> {
  hooks.now = Date.now() + ms;
  try {
    return await work();
  } finally {
    hooks.now = undefined;
  }
}

/** A user with a session, a key and a verification. */
async function signUp({ slug, apiId, rootKey }: House, externalId: string) {
  const actor = { id: `${externalId} person`, name: `${externalId} Ada` };
  const request = { slug, externalId, actor, permissions, preview: false };
  const { sessionId } = await createSession(store, rootKey, request, from);
  const { token } = await exchangeSession(store, sessionId, from);
  const session = await authenticatePortalSession(store, [token]);
  const settings = { name: `${externalId} key`, meta: { of: externalId }, ratelimit: { limit: 5, duration: minute } };
  const created = await createKey(store, session, { apiId, ...settings }, 10);
  await verifyKey(store, rootKey, { key: created.key });
  return { session, token, ...created };
}

/** A user with everything that can be stored about one. */
async function everythingOf(house: House, externalId: string) {
  const { workspaceId, slug, apiId, rootKey, by, pend } = house;
  const name = `${externalId} Ltd`;
  const policy = {
    perUser: { quota: { limit: 1000, period: 'month' }, ratelimit: { limit: 1000, duration: minute } },
  };
  await updateIdentity(store, workspaceId, externalId, { name, meta: { of: externalId }, policy }, by);
  const { session, keyId, key } = await signUp(house, externalId);
  const request = { operationId: 'portal.createKey', requestId: 'req_1', key: 'once', body: {}, credential: 'secret' };
  await createKey(store, session, { apiId, name: `${externalId} once` }, 10, request);
  await rerollKey(store, session, { keyId, overlap: minute }, request);
  await later(10 * minute, () => store.usage.rollUp(90, { workspaceId }));
  await verifyKey(store, rootKey, { key });
  await pend(slug, externalId);
  // As 0.1.0 has written it, at home.
  const entry = { action: 'session.create', actor: { type: 'root_key', id: 'rkid_1' }, after: { slug, externalId } };
  const old = JSON.stringify({ ...entry, resource: { type: 'session', id: 'sess_1' } });
  await redis.xAdd(keys.audit(workspaceId), '*', { entry: old });
  return session;
}

/** Another user in the partition of a user. */
function neighbourOf(workspaceId: string, externalId: string): string {
  const { partition } = partitionOf({ workspaceId, externalId });
  for (;;) {
    const other = `neighbour-${randomUUID()}`;
    if (partitionOf({ workspaceId, externalId: other }).partition === partition) return other;
  }
}

describe('after an erasure', () => {
  test('nothing in Redis names the user, and a planted trace is found', async () => {
    const house = await newHouse();
    const { workspaceId, by } = house;
    const externalId = `gone-${randomUUID()}`;
    await everythingOf(house, externalId);
    // All forms but the plain one are found where names and values have them.
    expect(await foundOf(externalId)).toContain(Buffer.from(externalId).toString('base64url'));
    const { identityId } = await getIdentity(store, workspaceId, externalId);
    expect(await deleteIdentity(store, workspaceId, externalId, by)).toEqual({ identityId });
    expect(await foundOf(externalId)).toEqual([]);
    await expect(getIdentity(store, workspaceId, externalId)).rejects.toMatchObject({
      code: 'unkey/data/identity_not_found',
    });
    for (const [i, trace] of tracesOf(externalId).entries()) {
      const name = `portico:{${workspaceId}}:planted`;
      await (i % 2 === 0 ? redis.hSet(name, 'field', `a ${trace} b`) : redis.set(`${name}:${trace}`, 'value'));
      expect(await foundOf(externalId)).toContain(trace);
      await redis.del([name, `${name}:${trace}`]);
    }
  });

  test('sessions that ended with their portal are gone, too', async () => {
    const house = await newHouse();
    const { workspaceId, slug, by } = house;
    const externalId = `gone-${randomUUID()}`;
    await signUp(house, externalId);
    await updatePortal(store, workspaceId, slug, { enabled: false }, by);
    await store.sessions.list(workspaceId, { externalId }, { limit: 10 });
    await deleteIdentity(store, workspaceId, externalId, by);
    expect(await foundOf(externalId)).toEqual([]);
  });

  test('other users, and what the log has about them, are as before', async () => {
    const house = await newHouse();
    const { workspaceId, by } = house;
    const externalId = `gone-${randomUUID()}`;
    const neighbour = neighbourOf(workspaceId, externalId);
    await everythingOf(house, neighbour);
    await later(20 * minute, () => store.usage.rollUp(90, { workspaceId }));
    const part = Buffer.from(neighbour).toString('base64url');
    const own = async () => {
      const all = Object.entries(await contentsOf(one, workspaceId));
      return Object.fromEntries(all.filter(([name]) => name.includes(part) || name.includes('session')));
    };
    const log = async () =>
      ((await redis.xRange(keys.sessionAudit(partitionOf({ workspaceId, externalId })), '-', '+')) ?? []).filter(
        ({ message }) => message['entry']?.includes(neighbour),
      );
    const before = { records: await own(), log: await log() };
    await everythingOf(house, externalId);
    await deleteIdentity(store, workspaceId, externalId, by);
    expect({ records: await own(), log: await log() }).toEqual(before);
    expect(before.log.length).toBeGreaterThan(3);
  });

  test('the log has what happened, with the id of the identity in the place of the user', async () => {
    const house = await newHouse();
    const { workspaceId, by, rootKey } = house;
    const externalId = `gone-${randomUUID()}`;
    const { session } = await signUp(house, externalId);
    const length = () => redis.xLen(keys.sessionAudit(partitionOf({ workspaceId, externalId })));
    const before = await length();
    const { identityId } = await deleteIdentity(store, workspaceId, externalId, by);
    expect(await length()).toBe(before);
    const subject = { identityId, erased: true };
    const { items } = await store.audit.list(workspaceId, {}, { limit: 100 });
    const exchange = items.find(({ action }) => action === 'session.exchange');
    expect(exchange).toEqual({
      ...{ auditId: expect.any(String), time: expect.any(Number), requestId: 'req_1', action: 'session.exchange' },
      actor: { type: 'user', id: session.handle },
      resource: { type: 'session', id: session.handle },
      subject,
    });
    const created = items.find(({ action }) => action === 'session.create');
    expect(created).toMatchObject({ actor: rootKey.actor, ip: from.ip, subject });
    expect(created).not.toHaveProperty('after');
    expect(items.filter(({ action }) => action === 'identity.delete')).toMatchObject([{ subject }]);
  });

  test('the quota of the partition has nothing of the user', async () => {
    const house = await newHouse();
    const { workspaceId, by } = house;
    const externalId = `gone-${randomUUID()}`;
    const total = async () =>
      Number((await redis.hGet(keys.partitionQuota(partitionOf({ workspaceId, externalId })), 'total')) ?? 0);
    await updateIdentity(store, workspaceId, externalId, { name: 'Acme', policy: { maxLifetime: minute } }, by);
    await signUp(house, externalId);
    expect(await total()).toBeGreaterThan(1000);
    await deleteIdentity(store, workspaceId, externalId, by);
    expect(await total()).toBe(0);
  });

  test('the same externalId is a new user', async () => {
    const house = await newHouse();
    const { workspaceId, by } = house;
    const externalId = `again-${randomUUID()}`;
    await signUp(house, externalId);
    const { identityId } = await deleteIdentity(store, workspaceId, externalId, by);
    await signUp(house, externalId);
    expect((await getIdentity(store, workspaceId, externalId)).identityId).not.toBe(identityId);
  });
});

/** Erases a user with a process that dies before its command number `many`, or before one of this name. Returns whether it died. */
async function dies(house: House, externalId: string, before: number | string): Promise<boolean> {
  let commands = 0;
  let isDead = false;
  hooks.refuse = (command) => {
    isDead ||= typeof before === 'number' ? ++commands > before : command === before;
    return isDead;
  };
  try {
    await deleteIdentity(store, house.workspaceId, externalId, house.by);
    return false;
  } catch (error) {
    if (error instanceof StoreUnavailable) return true;
    throw error;
  } finally {
    hooks.refuse = undefined;
  }
}

test('a process that dies at any command leaves an erasure that another one completes, once', async () => {
  const house = await newHouse();
  const { workspaceId } = house;
  let many = 0;
  for (let hasDied = true; hasDied; many++) {
    const externalId = `killed-${randomUUID()}`;
    await signUp(house, externalId);
    hasDied = await dies(house, externalId, many);
    const begun = await two.store.erasures.list(workspaceId);
    await completeErasures(two.store, workspaceId, 0);
    // A process that has died before the step that counts has done nothing.
    const isErased = begun.length > 0 || !hasDied;
    const isThere = (await two.store.identities.find({ workspaceId, externalId })) !== undefined;
    const hasTraces = (await foundOf(externalId)).length > 0;
    expect([many, isThere, hasTraces]).toEqual([many, !isErased, !isErased]);
    expect(await two.store.erasures.list(workspaceId)).toEqual([]);
  }
  expect(many).toBeGreaterThan(15);
});

test('a repeated call completes an erasure, and two calls at once erase one user once', async () => {
  const house = await newHouse();
  const { workspaceId, by } = house;
  const externalId = `twice-${randomUUID()}`;
  await everythingOf(house, externalId);
  expect(await dies(house, externalId, 6)).toBe(true);
  const outcomes = await Promise.all([one, two].map((each) => deleteIdentity(each.store, workspaceId, externalId, by)));
  expect(outcomes[0]).toEqual(outcomes[1]);
  expect(await foundOf(externalId)).toEqual([]);
  const { items } = await store.audit.list(workspaceId, { action: 'identity.delete' }, { limit: 10 });
  expect(items).toHaveLength(1);
});

test('two users of one partition can be erased at once, and one after the other was left half done', async () => {
  const house = await newHouse();
  const { workspaceId, by } = house;
  const first = `first-${randomUUID()}`;
  const second = neighbourOf(workspaceId, first);
  for (const [before, erase] of [
    ['swapLogs', () => deleteIdentity(two.store, workspaceId, second, by)],
    [
      'copyEntries',
      () =>
        Promise.all([
          deleteIdentity(store, workspaceId, first, by),
          deleteIdentity(two.store, workspaceId, second, by),
        ]),
    ],
  ] as const) {
    for (const externalId of [first, second]) await signUp(house, externalId);
    expect(await dies(house, first, before)).toBe(true);
    await erase();
    await completeErasures(store, workspaceId, 0);
    expect([await foundOf(first), await foundOf(second)]).toEqual([[], []]);
  }
});

const codeOf = (error: unknown) => (error instanceof Problem ? error.code : Promise.reject(error));

test('one who acts as the user or for them during an erasure leaves nothing of the old user', async () => {
  const house = await newHouse();
  const { workspaceId, slug, apiId, rootKey, by } = house;
  const codes = new Set<string>();
  let roundTrips = 0;
  for (let isBetween = true; isBetween; roundTrips++) {
    const externalId = `raced-${randomUUID()}`;
    const { session, key } = await signUp(house, externalId);
    const request = { slug, externalId, permissions, preview: false };
    let created: string | undefined;
    hooks.between = {
      roundTrips,
      async step() {
        const acts: (() => Promise<unknown>)[] = [
          async () => {
            created = (await createSession(two.store, rootKey, request, from)).sessionId;
          },
          () => createKey(two.store, session, { apiId, name: `${externalId} late` }, 10),
          () => updateIdentity(two.store, workspaceId, externalId, { name: `${externalId} late` }, by),
          () => verifyKey(two.store, rootKey, { key }),
        ];
        for (const act of acts) codes.add(await act().then(() => 'ok', codeOf));
      },
    };
    const { identityId } = await deleteIdentity(store, workspaceId, externalId, by);
    isBetween = hooks.between === undefined;
    hooks.between = undefined;
    const now = await store.identities.findId({ workspaceId, externalId });
    expect(now).not.toBe(identityId);
    // Who signs in after the last step is a new user, who has only this session.
    const traces = now === undefined ? await foundOf(externalId) : [];
    expect([roundTrips, traces]).toEqual([roundTrips, []]);
    if (now !== undefined) await exchangeSession(two.store, String(created), from);
    expect(await verifyKey(store, rootKey, { key })).toMatchObject({ code: 'NOT_FOUND' });
  }
  expect(codes).toContain('unkey/data/identity_deletion_in_progress');
  expect(codes).toContain('unkey/authentication/portal_session_not_found');
});

test('entries that are added while the log is written again are in it, once and in order', async () => {
  const house = await newHouse();
  const { workspaceId, by } = house;
  const externalId = `busy-${randomUUID()}`;
  const neighbour = neighbourOf(workspaceId, externalId);
  await signUp(house, externalId);
  const log = keys.sessionAudit(partitionOf({ workspaceId, externalId }));
  for (let i = 0; i < 450; i++)
    await redis.xAdd(log, '*', { entry: JSON.stringify({ action: 'filler', actor: {}, i }) });
  const ids = async () => ((await redis.xRange(log, '-', '+')) ?? []).map(({ id }) => id);
  let writing = true;
  let added = 0;
  const write = (async () => {
    for (; writing; added++) await house.pend(house.slug, neighbour);
  })();
  const before = await ids();
  await deleteIdentity(two.store, workspaceId, externalId, by);
  writing = false;
  await write;
  const after = await ids();
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after).toEqual([...new Set(after)].sort((a, b) => Number(a.split('-')[0]) - Number(b.split('-')[0])));
  const entries = ((await redis.xRange(log, '-', '+')) ?? []).map(({ message }) => String(message['entry']));
  expect(entries.filter((entry) => entry.includes(neighbour))).toHaveLength(added);
  expect(await redis.exists([keys.redaction(log), keys.redactedLog(log)])).toBe(0);
});

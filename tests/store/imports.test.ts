/**
 * Imports of keys by their SHA-256. A key whose hash names another partition than its user takes two steps, so two processes race for it,
 * and one of them dies before each command in turn: there is one outcome, and a repetition completes it.
 */
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { importKeys } from '../../src/server/domain/keys/imports.ts';
import { deleteKey, getKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import type { Store } from '../../src/server/store/index.ts';
import { keys } from '../../src/server/store/keys.ts';
import { defaultLimits } from '../../src/server/store/limits.ts';
import { partitionOf, partitionOfHash } from '../../src/server/store/partitions.ts';
import { bytesIn, newWorkspace, numbers, openStore, type TestWorkspace } from '../support/store.ts';

// Two processes with one Redis. A test interrupts the first.
const opened = await openStore({ limits: { ...defaultLimits, keysPerUser: 50 } });
const other = await openStore({ limits: { ...defaultLimits, keysPerUser: 50 } });
const { store, hooks, redis } = opened;
afterAll(() => Promise.all([opened.stop(), other.stop()]));
afterEach(() => {
  for (const one of [hooks, other.hooks]) Object.assign(one, { now: undefined, refuse: undefined, between: undefined });
});

let workspace: TestWorkspace;
let workspaceId: string;
let apiId: string;
beforeEach(async () => {
  workspace = await newWorkspace(store);
  workspaceId = workspace.workspaceId;
  apiId = await workspace.newApi('acme');
});

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const placeOf = (externalId: string) => partitionOf({ workspaceId, externalId });
let made = 0;
/** A key of the customer whose hash names the partition of the user, or another one. */
function keyFor(externalId: string, isElsewhere: boolean): string {
  for (;;) {
    const key = `old_${made++}`;
    if ((partitionOfHash(hashOf(key)) !== placeOf(externalId).partition) === isElsewhere) return key;
  }
}
/** A user of another partition than these. */
function strangerTo(...users: string[]): string {
  for (let i = 0; ; i++) {
    const externalId = `stranger ${i}`;
    if (users.every((user) => placeOf(user).partition !== placeOf(externalId).partition)) return externalId;
  }
}

const toImport = (key: string, externalId: string, more: object = {}) => ({
  hash: hashOf(key),
  start: 'old_',
  externalId,
  ...more,
});
const importAll = (all: ReturnType<typeof toImport>[], by: Store = store, limit = 100) =>
  importKeys(by, workspace.rootKey, { apiId, keys: all }, limit);
const importOne = async (key: string, externalId: string, by: Store = store, more: object = {}) =>
  (await importAll([toImport(key, externalId, more)], by))[0];
const verify = (key: string, by: Store = other.store) => verifyKey(by, workspace.rootKey, { key });

/** Every value that Redis has for the hash of a key: its record, and its forward. */
async function valuesOf(key: string): Promise<string[]> {
  const names = await redis.keys(`portico:{*}:${workspaceId}:api-key:${hashOf(key)}`);
  return (await Promise.all(names.map((name) => redis.get(name)))).map(String);
}
const recordsOf = async (key: string) => (await valuesOf(key)).filter((value) => !value.startsWith('>'));
const forwardOf = async (key: string) => (await valuesOf(key)).find((value) => value.startsWith('>'));

/** From the next command but `commands` on, the first process is dead. */
function dieAfter(commands: number): void {
  let sent = 0;
  hooks.refuse = () => sent++ >= commands;
}

test('keys with one hash in one import are decided in their order, in whatever partitions their users are', async () => {
  const user = 'user in order';
  const stranger = strangerTo(user);
  const pairs = [user, stranger].flatMap((first) =>
    [false, true].map((isElsewhere) => ({ first, key: keyFor(user, isElsewhere) })),
  );
  const batch = pairs.flatMap(({ first, key }) =>
    [first, first === user ? stranger : user, first].map((externalId) => toImport(key, externalId)),
  );
  const statuses = (await importAll(batch)).map(({ status }) => status);
  expect(statuses).toEqual(pairs.flatMap(() => ['created', 'failed', 'exists']));
  expect(await Promise.all(pairs.map(({ key }) => recordsOf(key)))).toEqual(
    pairs.map(({ first }) => [expect.stringContaining(` ${Buffer.from(first).toString('base64url')} `)]),
  );
});

describe('an import that a kill interrupts', () => {
  test('before any of its commands is completed by another process, once', async () => {
    let deaths = 0;
    let completed: Awaited<ReturnType<typeof importAll>> | undefined;
    for (let commands = 0; completed === undefined; commands++) {
      const users = [`user ${commands}`, `user ${commands} b`];
      const own = users.flatMap((user) =>
        [true, false].map((isElsewhere) => ({ user, key: keyFor(user, isElsewhere) })),
      );
      const batch = own.map(({ key, user }) => toImport(key, user, { expires: Date.now() + 9e9 }));
      dieAfter(commands);
      completed = await importAll(batch).catch(() => undefined);
      hooks.refuse = undefined;
      const second = await importAll(batch, other.store);
      const ids = second.map(({ keyId }) => keyId);
      expect(ids.filter((id) => id === undefined)).toEqual([]);
      for (const { key, user } of own) {
        expect(await recordsOf(key)).toHaveLength(1);
        expect(await verify(key)).toMatchObject({ valid: true, externalId: user });
      }
      expect((await importAll(batch, other.store)).map(({ status, keyId }) => [status, keyId])).toEqual(
        ids.map((id) => ['exists', id]),
      );
      if (completed === undefined) deaths += 1;
    }
    expect(completed.map(({ status }) => status)).toEqual(Array(4).fill('created'));
    // Of two keys, a claim and a record; of two others, a look and a record; and the look at the API.
    expect(deaths).toBeGreaterThanOrEqual(8);
    // The forwards of these keys count nothing. The record of each user counts once, for the workspace alone.
    const valuesIn = async (pattern: string) => {
      const names = await redis.keys(`portico:{*}:${workspaceId}:${pattern}`);
      return (await Promise.all(names.map((name) => redis.get(name)))).map(String);
    };
    const bytesOf = (kind: string, values: string[]) =>
      bytesIn(Object.fromEntries(values.map((value, i) => [`${kind}:${i}`, value])));
    const records = (await valuesIn('api-key:*')).filter((value) => !value.startsWith('>'));
    const identities = await valuesIn('identity:*');
    expect(identities).toHaveLength(2 * (deaths + 1));
    const ofKeys = bytesOf('api-key', records);
    for (const [quota, bytes] of [
      ['quota', ofKeys + bytesOf('identity', identities)],
      ['user-quota:*', ofKeys],
    ] as const) {
      const counters = await redis.keys(`portico:{*}:${workspaceId}:${quota}`);
      const totals = await Promise.all(counters.map((name) => redis.hGet(name, 'total')));
      expect(totals.reduce((sum, total) => sum + Number(total), 0)).toBe(bytes);
    }
  });

  test('after its claim keeps the hash from another user, and no longer than ten minutes', async () => {
    const key = keyFor('user', true);
    // The looks at the API and at the policy of the user, and the claim.
    dieAfter(3);
    await expect(importOne(key, 'user')).rejects.toThrow();
    hooks.refuse = undefined;
    expect(await valuesOf(key)).toEqual([expect.stringMatching(new RegExp(`^>${placeOf('user').partition} \\d+$`))]);
    let stranger = strangerTo('user');
    for (let i = 0; placeOf(stranger).partition === partitionOfHash(hashOf(key)); i++)
      stranger = `${strangerTo('user')} ${i}`;
    expect(await importOne(key, stranger, other.store)).toMatchObject({ status: 'failed' });
    expect(await recordsOf(key)).toEqual([]);
    other.hooks.now = Date.now() + 601_000;
    expect(await importOne(key, stranger, other.store)).toMatchObject({ status: 'created' });
    other.hooks.now = undefined;
    expect(await verify(key)).toMatchObject({ valid: true, externalId: stranger });
    // The first user is too late.
    expect(await importOne(key, 'user')).toMatchObject({ status: 'failed', error: { location: 'body.keys[0].hash' } });
    expect(await recordsOf(key)).toHaveLength(1);
  });

  test('after its claim leaves a forward that a verification removes, when no import can be at it any more', async () => {
    const key = keyFor('user', true);
    dieAfter(3);
    await expect(importOne(key, 'user')).rejects.toThrow();
    hooks.refuse = undefined;
    expect(await verify(key)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await valuesOf(key)).toHaveLength(1);
    other.hooks.now = Date.now() + 601_000;
    expect(await verify(key)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await valuesOf(key)).toEqual([]);
  });
});

describe('two imports of one hash at the same time', () => {
  test('for two users: one of them gets it, whatever their partitions', async () => {
    const outcomes = new Set<string>();
    await Promise.all(
      numbers(60).map(async (i) => {
        const users = [`first ${i}`, `second ${i}`] as const;
        const key = keyFor(users[i % 2] as string, i % 3 > 0);
        const results = await Promise.all([importOne(key, users[0]), importOne(key, users[1], other.store)]);
        const statuses = results.map((result) => result?.status);
        outcomes.add(statuses.join());
        expect([...statuses].sort()).toEqual(['created', 'failed']);
        const winner = users[statuses.indexOf('created')];
        expect(await recordsOf(key)).toHaveLength(1);
        expect(await verify(key)).toMatchObject({ valid: true, externalId: winner });
      }),
    );
    expect([...outcomes]).not.toEqual([]);
  });

  test('for one user: both get one key', async () => {
    const races = await Promise.all(
      numbers(30).map(async (i) => {
        const key = keyFor(`user ${i}`, i % 2 === 0);
        const [one, two] = await Promise.all([importOne(key, `user ${i}`), importOne(key, `user ${i}`, other.store)]);
        const { valid, keyId } = await verify(key);
        const keyIds = new Set([one?.keyId, two?.keyId, keyId]);
        return { statuses: [one?.status, two?.status].sort(), valid, keyIds: keyIds.size };
      }),
    );
    expect(races).toEqual(Array(30).fill({ statuses: ['created', 'exists'], valid: true, keyIds: 1 }));
  });

  test('in one request: the second is there already', async () => {
    const key = keyFor('user', true);
    const [first, second] = await importAll([toImport(key, 'user'), toImport(key, 'user', { name: 'Another' })]);
    expect([first?.status, second]).toEqual(['created', { status: 'exists', keyId: first?.keyId }]);
    expect(await getKey(store, workspace.rootKey, String(first?.keyId))).not.toHaveProperty('name');
  });
});

describe('between the two steps of an import', () => {
  test('a verification finds nothing, and leaves the forward', async () => {
    const key = keyFor('user', true);
    let code = '';
    // After the looks at the API and at the policy of the user, and the claim.
    hooks.between = {
      roundTrips: 3,
      step: async () => {
        code = (await verify(key)).code;
      },
    };
    expect(await importOne(key, 'user')).toMatchObject({ status: 'created' });
    expect(code).toBe('NOT_FOUND');
    expect(await verify(key)).toMatchObject({ code: 'VALID' });
  });

  test('a refused import of another user of the partition leaves the forward', async () => {
    const key = keyFor('user', true);
    let refused: unknown;
    hooks.between = {
      roundTrips: 3,
      step: async () => {
        refused = (await importAll([toImport(key, 'user', { name: 'x' })], other.store, 0))[0];
      },
    };
    expect(await importOne(key, 'user')).toMatchObject({ status: 'created' });
    expect(refused).toMatchObject({ status: 'failed', error: { location: 'body.keys[0]' } });
    expect(await verify(key)).toMatchObject({ code: 'VALID' });
  });

  test('of a deletion, an import of the same key leaves the forward', async () => {
    const key = keyFor('user', true);
    const first = await importOne(key, 'user');
    let again: unknown;
    // After both reads of the key, that of the forward, and the removal of the record.
    hooks.between = {
      roundTrips: 4,
      step: async () => {
        again = await importOne(key, 'user', other.store);
      },
    };
    await deleteKey(store, workspace.rootKey, String(first?.keyId));
    expect(again).toMatchObject({ status: 'created' });
    expect(await verify(key)).toMatchObject({ code: 'VALID' });
  });
});

test('a key that cannot be written leaves nothing, and the others are written', async () => {
  const all = [keyFor('user', true), keyFor('user', true), keyFor('user', false)];
  const results = await importAll(
    all.map((key) => toImport(key, 'user')),
    store,
    1,
  );
  expect(results.map(({ status }) => status).sort()).toEqual(['created', 'failed', 'failed']);
  expect(results.find(({ status }) => status === 'failed')?.error).toMatchObject({
    message: expect.stringContaining('at most 1'),
  });
  expect((await Promise.all(all.map(valuesOf))).filter((values) => values.length > 0)).toHaveLength(1);
});

test('a start that is the whole key is refused, and not stored', async () => {
  const key = keyFor('user', false);
  const imported = await importAll([toImport(key, 'user', { start: key }), toImport(keyFor('user', false), 'user')]);
  expect(imported).toMatchObject([
    { status: 'failed', error: { location: 'body.keys[0].start', message: 'is the whole key' } },
    { status: 'created' },
  ]);
  expect(JSON.stringify(await redis.keys(`*${workspaceId}*`))).not.toContain(hashOf(key));
});

test('a user who has no room for another key leaves no forward either', async () => {
  const keys = numbers(52).map(() => keyFor('user', true));
  const results = await importAll(keys.map((key) => toImport(key, 'user')));
  const refused = results.flatMap(({ status, error }, i) =>
    status === 'failed' ? [{ key: keys[i] ?? '', error }] : [],
  );
  expect(refused.map(({ error }) => error?.message)).toEqual(
    Array(2).fill(expect.stringContaining('50 keys per user')),
  );
  for (const { key } of refused) expect(await valuesOf(key)).toEqual([]);
});

test('the forward has the lifetime of the key, and follows it', async () => {
  const key = keyFor('user', true);
  const expires = Date.now() + 3_600_000;
  const imported = await importOne(key, 'user', store, { expires });
  const keyId = String(imported?.keyId);
  const [name = ''] = (await redis.keys(`portico:{*}:${workspaceId}:api-key:${hashOf(key)}`)).filter(
    (one) => one !== keys.apiKey(placeOf('user'), hashOf(key)),
  );
  const endsAt = () => redis.pExpireTime(name);
  const graceMs = 30 * 86_400_000;
  expect(await endsAt()).toBe(expires + graceMs);
  // A repeated import with another end changes neither the key nor its forward.
  for (const other of [{}, { expires: expires + 5000 }, { expires: expires - 5000 }]) {
    expect(await importOne(key, 'user', store, other)).toEqual({ status: 'exists', keyId });
    expect(await endsAt()).toBe(expires + graceMs);
  }
  await updateKey(store, workspace.rootKey, keyId, { expires: null }, 100);
  expect(await endsAt()).toBe(-1);
  await deleteKey(store, workspace.rootKey, keyId);
  expect(await valuesOf(key)).toEqual([]);
  expect(await forwardOf(key)).toBeUndefined();
});

test('a key of another API or user is not imported, also one that Portico has made', async () => {
  const otherApi = await workspace.newApi();
  const session = await workspace.enter(await workspace.newPortal({ apiIds: [apiId] }), 'user');
  const { key } = await workspace.newKey(session, apiId);
  const failure = { status: 'failed', error: { location: 'body.keys[0].hash' } };
  expect(await importOne(key, strangerTo('user'))).toMatchObject(failure);
  expect(await importOne(key, 'user')).toMatchObject({ status: 'exists' });
  const inOther = await importKeys(store, workspace.rootKey, { apiId: otherApi, keys: [toImport(key, 'user')] }, 100);
  expect(inOther).toMatchObject([failure]);
  expect(await verify(key)).toMatchObject({ valid: true, externalId: 'user', apiId });
});

test('the successor of an imported key is a new key with the same prefix', async () => {
  const key = keyFor('user', true);
  const [imported] = await importAll([toImport(key, 'user', { start: 'sk_live_abcd', name: 'Old' })]);
  const { key: fresh } = await rerollKey(store, workspace.rootKey, { keyId: String(imported?.keyId), overlap: 60_000 });
  expect(fresh).toMatch(/^sk_live_[0-9A-Za-z]{33}$/);
  expect(await verify(fresh)).toMatchObject({ valid: true, name: 'Old', externalId: 'user' });
  expect(await verify(key)).toMatchObject({ valid: true });
});

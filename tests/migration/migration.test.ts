/** Data that 0.1.0 has written is migrated, at once or in parts, and everything that it has answered is answered again. */
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { readStoreConfig } from '../../src/server/config/index.ts';
import { sha256 } from '../../src/server/domain/credentials.ts';
import { listIdentities } from '../../src/server/domain/identities/identities.ts';
import { deletionOf } from '../../src/server/domain/keys/key-audit.ts';
import { listKeys } from '../../src/server/domain/keys/key-list.ts';
import { deleteKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { configurationOf } from '../../src/server/domain/portals/portals.ts';
import {
  authenticatePortalSession,
  createSession,
  exchangeSession,
} from '../../src/server/domain/sessions/sessions.ts';
import { getVerifications, verifyKey } from '../../src/server/domain/usage/usage.ts';
import { type Migrated, migrate } from '../../src/server/domain/workspaces/migration.ts';
import { authenticateRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { createStore, type Store } from '../../src/server/store/index.ts';
import { partitionOf, partitionOfHash } from '../../src/server/store/partitions.ts';
import type { Commands } from '../../src/server/store/redis/client.ts';
import { connectRedis, type Redis } from '../../src/server/store/redis.ts';
import '../support/patient-redis.ts';
import { namesIn } from '../support/redis-contents.ts';
import { runCommand } from '../support/run-command.ts';
import { allOnKeys, walk } from '../support/store.ts';
import { startTargetRedis } from '../support/target-redis.ts';
import { recording, restore, shiftMs } from './restore.ts';

const retentionDays = 90;
const audit = { maxEntries: 10_000, maxAgeDays: 10_000 };

const target = await startTargetRedis();
const { client: redis } = target;
const connected = connectRedis(readStoreConfig({ REDIS_MODE: 'standalone', ...target.env }).redis);
await connected.ready;
const store = createStore(connected, audit);
afterAll(async () => {
  await store.close();
  await target.stop();
});
beforeEach(() => restore(target));

const migrateAll = async (by: Store, onProgress?: (sums: Migrated) => void) =>
  migrate(by, await by.workspaces.list(), { retentionDays, ...(onProgress && { onProgress }) }, commandLine);

/** A store that dies before its command number `many`, or before the first one with a name. */
function mortal(dies: { before?: string; many?: number }): { store: Store; commands: () => number } {
  let commands = 0;
  let isDead = false;
  const check = (name: string) => {
    commands += 1;
    if (name === dies.before || commands > (dies.many ?? Number.POSITIVE_INFINITY)) isDead = true;
    if (isDead) throw new Error('killed');
  };
  const watched = (client: Commands) =>
    new Proxy(client, {
      get(target, name) {
        const value = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          check(String(name));
          return value.apply(target, args);
        };
      },
    });
  const dying: Redis = { ...connected, run: (command) => connected.run(async (client) => command(watched(client))) };
  return { store: createStore(dying, audit), commands: () => commands };
}

/** What each of our types has, as text. */
const readers: Record<string, (name: string) => Promise<unknown>> = {
  string: (name) => redis.get(name),
  hash: async (name) => Object.entries(await redis.hGetAll(name)).sort(([a], [b]) => (a < b ? -1 : 1)),
  set: async (name) => (await redis.sMembers(name)).sort(),
  zset: (name) => redis.zRangeWithScores(name, 0, -1),
};

/** The records with such names, with their contents and when they end. */
async function recordsOf(name: RegExp): Promise<Record<string, unknown>> {
  const names = (await namesIn(redis, '*')).filter((one) => name.test(one)).sort();
  const records = names.map(async (one) => {
    const read = readers[await redis.type(one)];
    return [one, [await read?.(one), await redis.pExpireTime(one)]] as const;
  });
  return Object.fromEntries(await Promise.all(records));
}

/** The same records with one id for all identities: each attempt makes new ones. */
const withOneId = (records: Record<string, unknown>) =>
  JSON.parse(JSON.stringify(records).replaceAll(/identity_\w{20}/g, 'identity_1'));

/** Records of users, which a repetition must write as the first attempt would have. The rest is named by the time of the change. */
const ofUsers = /^portico:\{\d+\}:ws_[^:]+:(?!control$)/;
const [acme, other] = recording.workspaces;
if (acme === undefined || other === undefined) throw new Error('the recording has two workspaces');
const { workspaceId } = acme;
const [rootSecret = ''] = acme.rootKeys;
const firstUser = { workspaceId, externalId: 'user_1' };

async function enter(externalId: string, made = acme) {
  const rootKey = await authenticateRootKey(store, String(made?.rootKeys[0]));
  const session = { slug: String(made?.slug), externalId, permissions: allOnKeys, preview: false };
  const { sessionId } = await createSession(store, rootKey, session, {});
  const { token } = await exchangeSession(store, sessionId, {});
  return authenticatePortalSession(store, [token]);
}

/** The same with later times where something ends. */
const later = <T extends object>(record: T): T =>
  'expires' in record ? { ...record, expires: Number(record.expires) + shiftMs } : record;

/** The outcomes that 0.1.0 did not have. */
const noneOfPolicies = { usageExceeded: 0, insufficientPermissions: 0, forbidden: 0 };

/** The most used keys without the order of those that were used equally often, and of those used once only that they are there. */
const ranked = (topKeys: { keyId: string; total: number }[]) =>
  topKeys
    .map((key) => (key.total > 1 ? key : { keyId: '', total: 1 }))
    .sort((a, b) => b.total - a.total || (a.keyId < b.keyId ? -1 : 1));

/** The id of an entry names its log now. */
const withoutId = (entry: object) => ({ ...entry, auditId: undefined });

/** The first key of the recording that has such an answer. */
function keyNamed(name: string): { key: string; keyId: string } {
  const found = recording.keys.find(({ answer }) => answer?.['name'] === name);
  return { key: String(found?.key), keyId: String(found?.answer?.['keyId']) };
}
const verify = async (key: string, secret = rootSecret) =>
  verifyKey(store, await authenticateRootKey(store, secret), { key });

describe('after the migration', () => {
  beforeEach(() => migrateAll(store));

  test.each(recording.workspaces)('$workspaceId has its control data and its audit log', async (made) => {
    const { entries, apis, portals, rootKeys, workspaceId: id } = made;
    const log = await walk((page) => store.audit.list(id, {}, page), 100);
    expect(log.flat()[0]).toMatchObject({
      action: 'workspace.update',
      actor: { type: 'cli' },
      after: { partitions: 64 },
    });
    expect(log.flat().slice(1).map(withoutId)).toEqual(entries.map(withoutId));
    for (const secret of rootKeys) expect(await authenticateRootKey(store, secret)).toMatchObject({ workspaceId: id });
    expect((await store.apis.list(id, { limit: 100 })).items).toEqual(apis);
    expect((await store.portals.list(id, { limit: 100 })).items.map(configurationOf)).toEqual(portals);
  });

  test.each(recording.workspaces)('$workspaceId has the keys and the usage of its users', async (made) => {
    expect(made.users.length).toBeGreaterThan(1);
    for (const { externalId, keys, usage } of made.users) {
      const session = await enter(externalId, made);
      const listed = (await listKeys(store, session, { limit: 100 })).keys.map(({ usage: _, ...key }) => key);
      expect(listed).toEqual(keys?.map((key) => ({ ...later(key), managed: false })));
      for (const { startTime, endTime, granularity, totals, series, topKeys } of usage ?? []) {
        const window = { startTime: startTime + shiftMs, endTime: endTime + shiftMs };
        const found = await getVerifications(store, session, window, retentionDays);
        expect({ ...found, series: found.series.filter(({ total }) => total > 0) }).toMatchObject({
          ...{ ...window, granularity, totals },
          series: series.map((bucket) => ({ ...bucket, time: bucket.time + shiftMs })),
        });
        const withoutTrend = found.topKeys.map(({ trend: _, ...key }) => key);
        expect(ranked(withoutTrend)).toEqual(ranked(topKeys.map((key) => ({ ...noneOfPolicies, ...key }))));
      }
    }
  });

  test.each(recording.workspaces)('$workspaceId has a record of each of its users', async (made) => {
    const { items } = await listIdentities(store, made.workspaceId, undefined, { limit: 100 });
    const externalIds = made.users.map((user) => user.externalId).sort();
    const [identityId, time] = [expect.stringMatching(/^identity_\w{20}$/), expect.any(Number)];
    expect(items).toEqual(
      externalIds.map((externalId) => ({ identityId, externalId, createdAt: time, updatedAt: time })),
    );
    expect(new Set(items.map((user) => user.identityId)).size).toBe(externalIds.length);
  });

  test('every key gets the answer that it got before', async () => {
    expect(new Set(recording.keys.map(({ answer }) => answer?.['code'])).size).toBe(5);
    for (const { key, workspaceId: id, answer = {} } of recording.keys) {
      const { ratelimit, ...rest } = later(answer) as { ratelimit?: { remaining: number } };
      const remaining = Math.max((ratelimit?.remaining ?? 0) - 1, 0);
      expect(await verify(key, id === workspaceId ? rootSecret : other.rootKeys[0])).toEqual({
        ...rest,
        ...(ratelimit && { ratelimit: { ...ratelimit, remaining, reset: expect.any(Number) } }),
      });
    }
  });

  test('no record has an old place, and no session of 0.1.0 is active', async () => {
    const kinds =
      /^portico:\{ws_[^}]+\}:(workspace|root-keys|root-key-records|root-key-ids|portals|portal-slugs|portal-order|portal-epochs|apis|api-order|deleted-apis|audit|quota|control|published|openapi-\S+|idempotency:rkid_\S+:apis\.createApi:\S+)$/;
    const names = await namesIn(redis, '*');
    expect(names.filter((name) => name.startsWith('portico:{ws_') && !kinds.test(name))).toEqual([]);
    expect(names.filter((name) => /:migrated$|:session:|:migration$/.test(name))).toEqual([]);
    await expect(authenticatePortalSession(store, [String(acme.users[0]?.token)])).rejects.toThrow();
  });

  test('the quotas are those of the contents', async () => {
    const records = await recordsOf(ofUsers);
    const sums: Record<string, number> = {};
    for (const [name, [value]] of Object.entries(records) as [string, [string]][]) {
      const [, place, kind] = /^(portico:\{\d+\}:ws_[^:]+):([^:]+)/.exec(name) ?? [];
      if (kind === 'identity') sums[`${place}:quota`] = (sums[`${place}:quota`] ?? 0) + Buffer.byteLength(value) + 300;
      if (kind !== 'api-key' || value.startsWith('>')) continue;
      const user = value.split('\n')[0]?.split(' ').at(11);
      for (const counter of [`${place}:quota`, `${place}:user-quota:${user}`])
        sums[counter] = (sums[counter] ?? 0) + Buffer.byteLength(value) + 1000;
    }
    const counters = Object.keys(records).filter((name) => /:(user-)?quota(:|$)/.test(name));
    const totals = counters.map(async (name) => [name, Number(await redis.hGet(name, 'total'))]);
    expect(Object.fromEntries(await Promise.all(totals))).toEqual(sums);
    for (const { workspaceId: id } of recording.workspaces) {
      const home = `portico:{${id}}:`;
      const stored = [
        ...Object.values(await redis.hGetAll(`${home}apis`)),
        ...Object.values(await redis.hGetAll(`${home}portals`)),
      ];
      const responses = await namesIn(redis, `${home}idempotency:*`);
      const texts = [...stored, ...(await Promise.all(responses.map((name) => redis.get(name))))];
      const documents = await namesIn(redis, `${home}openapi-document:*`);
      const sizes = await Promise.all(documents.map((name) => redis.hGet(name, 'bytes')));
      const control = texts.map((text) => Buffer.byteLength(String(text)) + 300);
      const sum = [...control, ...sizes.map(Number)].reduce((a, b) => a + b, 0);
      expect(Number(await redis.hGet(`${home}quota`, 'total')) - (await endedIn(`${home}quota`))).toBe(sum);
    }
  });
});

/** The bytes in a counter of sessions that have ended since the recording: they leave it when their hour is over. */
async function endedIn(counter: string): Promise<number> {
  const responses = await namesIn(redis, counter.replace(/quota$/, 'idempotency:*'));
  const ends = new Set(
    await Promise.all(responses.map(async (name) => Math.floor((await redis.pExpireTime(name)) / 3_600_000))),
  );
  const hours = Object.entries(await redis.hGetAll(counter)).filter(([field]) => /^\d+$/.test(field));
  const soon = Date.now() / 3_600_000 + 24 * 7;
  return hours.reduce(
    (sum, [field, bytes]) => sum + (Number(field) < soon && !ends.has(Number(field)) ? Number(bytes) : 0),
    0,
  );
}

test('a migration that is killed anywhere is completed by the next one, and counts nothing twice', async () => {
  const whole = mortal({});
  await migrateAll(whole.store);
  const expected = withOneId(await recordsOf(ofUsers));
  expect(Object.keys(expected).length).toBeGreaterThan(300);
  const quotas = await recordsOf(/\{ws_[^}]+\}:quota$/);
  const many = whole.commands();
  const deaths = [
    ...[0.05, 0.15, 0.3, 0.6, 0.8, 0.95].map((part) => ({ many: Math.floor(many * part) })),
    // When a record is at both places.
    ...['rollUpUsage', 'removeOld', 'sRem'].map((before) => ({ before })),
  ];
  for (const death of deaths) {
    await restore(target);
    await expect(migrateAll(mortal(death).store)).rejects.toThrow('killed');
    await migrateAll(store);
    expect([death, withOneId(await recordsOf(ofUsers))]).toEqual([death, expected]);
    expect([death, await recordsOf(/\{ws_[^}]+\}:quota$/)]).toEqual([death, quotas]);
  }
});

test('a key that is deleted between two attempts does not come back', async () => {
  await expect(migrateAll(mortal({ before: 'removeOld' }).store)).rejects.toThrow('killed');
  const written = (await namesIn(redis, 'portico:{[0-9]*}:user-key-order:*')).concat(
    await namesIn(redis, `portico:{*}:${workspaceId}:user-key-order:*`),
  );
  const externalId = Buffer.from(String(written[0]?.split(':').at(-1)), 'base64url').toString();
  const owner = { workspaceId, externalId };
  const [key] = (await store.apiKeys.list(owner, { limit: 1 }, () => true)).items;
  const stored = await store.apiKeys.find(owner, String(key?.keyId));
  if (stored === undefined) throw new Error('the user has a key');
  const proof = { ...commandLine.proof, workspaceId };
  expect(await store.apiKeys.delete(deletionOf(proof, {}, stored.record), stored)).toBe('ok');
  await migrateAll(store);
  const left = (await store.apiKeys.list(owner, { limit: 100 }, () => true)).items;
  expect(left.map(({ keyId }) => keyId)).not.toContain(key?.keyId);
});

test('the keys of an API that was deleted are removed', async () => {
  const [apiId] = Object.keys(await redis.hGetAll(`portico:{${workspaceId}}:apis`));
  await redis.hDel(`portico:{${workspaceId}}:apis`, String(apiId));
  await migrateAll(store);
  const values = Object.values(await recordsOf(/^portico:\{\d+\}:.*:api-key:/)) as [string][];
  expect(values.filter(([value]) => value.includes(` ${apiId} `))).toEqual([]);
});

describe('a forward', () => {
  beforeEach(() => migrateAll(store));
  /** The forward of a key of the first user; undefined if its SHA-256 names the partition of the user. */
  const forwardsOf = async (key: string) => {
    const hash = sha256(key);
    const records = await recordsOf(new RegExp(`:api-key:${hash}$`));
    return (Object.values(records) as [string, number][]).filter(([value]) => value.startsWith('>'));
  };
  const isMoved = (key: string) => partitionOfHash(sha256(key)) !== partitionOf(firstUser).partition;
  /** A key of the first user that needs one. */
  const [moved] = ['Meta', 'First', 'Repeatable'].map(keyNamed).filter(({ key }) => isMoved(key));
  if (moved === undefined) throw new Error('a random key is of the partition of its user one time in 64');

  test('leads to the record, has its lifetime, and goes with it', async () => {
    const { key, keyId } = keyNamed('Meta');
    const [[value, endsAt] = []] = await forwardsOf(key);
    expect(value).toBe(`>${partitionOf(firstUser).partition}`);
    const session = await enter('user_1');
    const expires = Number((await listKeys(store, session, { search: 'Meta' })).keys[0]?.expires);
    expect(endsAt).toBe(expires + 30 * 86_400_000);
    await updateKey(store, session, keyId, { expires: expires + 1000 }, 1000);
    expect((await forwardsOf(key))[0]?.[1]).toBe(Number(endsAt) + 1000);
    await updateKey(store, session, keyId, { expires: null }, 1000);
    expect((await forwardsOf(key))[0]?.[1]).toBe(-1);
    await updateKey(store, session, keyId, { expires: expires - 1000 }, 1000);
    expect((await forwardsOf(key))[0]?.[1]).toBe(Number(endsAt) - 1000);
    expect(await verify(key)).toMatchObject({ code: 'VALID' });
    await deleteKey(store, session, keyId);
    expect(await forwardsOf(key)).toEqual([]);
    expect(await verify(key)).toEqual({ valid: false, code: 'NOT_FOUND' });
  });

  test('of a key with a limit shares its window', async () => {
    const { key } = keyNamed('Limited');
    const codes: string[] = [];
    for (let i = 0; i < 5; i++) codes.push((await verify(key)).code);
    expect(codes).toEqual(['VALID', 'VALID', 'VALID', 'VALID', 'RATE_LIMITED']);
  });

  test('leads the counts of a cache to the key, too', async () => {
    const { key, keyId } = moved;
    const use = { hash: sha256(key), count: 5, report: 'report', position: 0 };
    const session = await enter('user_1');
    const window = { startTime: Date.now() - 3_600_000, endTime: Date.now() + 60_000, keyId };
    const totals = async () => (await getVerifications(store, session, window, retentionDays)).totals.valid;
    const before = await totals();
    await store.usage.report(await authenticateRootKey(store, rootSecret), use);
    expect(await totals()).toBe(before + 5);
  });

  test('stays for a key that is rerolled, until its overlap is over; the successor needs none', async () => {
    const { key, keyId } = moved;
    const session = await enter('user_1');
    const next = await rerollKey(store, session, { keyId, overlap: 60_000 });
    expect(partitionOfHash(sha256(next.key))).toBe(partitionOf(firstUser).partition);
    expect(await verify(next.key)).toMatchObject({ code: 'VALID' });
    expect(await verify(key)).toMatchObject({ code: 'VALID' });
    expect((await forwardsOf(key))[0]?.[1]).toBeLessThan(Date.now() + 31 * 86_400_000);
  });

  test('to a record that is gone is removed when it is found, and not for another API', async () => {
    const { key } = moved;
    const rootKey = await authenticateRootKey(store, rootSecret);
    expect(await verifyKey(store, rootKey, { key, apiId: 'api_other' })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await forwardsOf(key)).toHaveLength(1);
    const names = (await namesIn(redis, `*:api-key:${sha256(key)}`)).map(
      async (name) => [name, await redis.get(name)] as const,
    );
    const [record] = (await Promise.all(names)).filter(([, value]) => !value?.startsWith('>'));
    await redis.del(String(record?.[0]));
    expect(await verify(key)).toEqual({ valid: false, code: 'NOT_FOUND' });
    expect(await forwardsOf(key)).toEqual([]);
  });
});

describe('the command line', () => {
  const env = { REDIS_MODE: 'standalone', ...target.env, PORTAL_BASE_URL: 'https://portal.acme.example' };
  const run = (...args: string[]) => runCommand(env, ...args);
  const finding = async () => {
    const findings: { check: string; level: string; fix?: string }[] = JSON.parse(
      (await run('doctor', '--json')).stdout,
    );
    return findings.find(({ check }) => check === 'migration');
  };

  test('counts, migrates, and has nothing to do the next time; the doctor says when it is due', async () => {
    expect(await finding()).toMatchObject({ level: 'error', fix: expect.stringContaining('portico migrate') });
    const before = await recordsOf(/^portico:(?!\{[^}]+\}:audit)/);
    const counted = JSON.parse((await run('migrate', '--dry-run', '--json')).stdout);
    expect(await recordsOf(/^portico:(?!\{[^}]+\}:audit)/)).toEqual(before);
    const done = await run('migrate', '--json');
    // How far it is, once a second: on a slow machine it takes that long.
    const progress = /^(workspaces \d+, keys \d+, usage \d+, removed \d+\n)*$/;
    expect(done).toMatchObject({ code: 0, stderr: expect.stringMatching(progress) });
    const sums = JSON.parse(done.stdout);
    expect(sums).toMatchObject({ workspaces: 2, keys: recording.keys.length - 1, usage: counted.usage });
    expect(counted).toMatchObject({ workspaces: 2, keys: sums.keys });
    expect(await finding()).toMatchObject({ level: 'ok' });
    expect(JSON.parse((await run('migrate', '--json')).stdout)).toEqual({
      workspaces: 2,
      keys: 0,
      usage: 0,
      removed: 0,
    });
  });

  test('migrates one workspace alone', async () => {
    expect(JSON.parse((await run('migrate', '--workspace', other.workspaceId, '--json')).stdout)).toMatchObject({
      keys: 2,
    });
    expect(await finding()).toMatchObject({ level: 'error', message: expect.stringContaining(workspaceId) });
    expect((await namesIn(redis, `portico:{${workspaceId}}:api-key:*`)).length).toBeGreaterThan(30);
  });

  test('refuses while a server of 0.1.0 or another migration runs', async () => {
    await redis.set(`portico:{${workspaceId}}:calls:hash`, '1', { expiration: { type: 'EX', value: 60 } });
    const served = await run('migrate');
    expect(served).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/0\.1\.0 has served a call .* in \d+ s\.\n$/),
    });
    await redis.del(`portico:{${workspaceId}}:calls:hash`);
    await redis.set('portico:migration', 'another', { expiration: { type: 'EX', value: 30 } });
    expect(await run('migrate', '--json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('migration_running'),
    });
    expect(await finding()).toMatchObject({ level: 'error' });
  });
});

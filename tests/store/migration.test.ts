/** The steps of the migration from 0.1.0, each on all that Redis has: what they find, write and remove, and what they leave. */
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { wholeValueOf } from '../../src/server/store/api-key-record.ts';
import { keys } from '../../src/server/store/keys.ts';
import { lockSeconds } from '../../src/server/store/migration.ts';
import { oldRecordOf } from '../../src/server/store/old-keys.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import { restTtlOf } from '../../src/server/store/usage.ts';
import { startRedis } from '../support/redis.ts';
import { numbers, openStore } from '../support/store.ts';

const own = await startRedis();
const opened = await openStore({ on: { url: own.url } });
const { redis, store } = opened;
const { migration } = store;
afterAll(async () => {
  await opened.stop();
  await own.stop();
});
afterEach(() => redis.flushAll());

const [hour, day] = [3_600_000, 86_400_000];
const workspaceId = 'ws_11';
const home = `portico:{${workspaceId}}:`;
const old = (rest: string, of = workspaceId) => ({ name: `portico:{${of}}:${rest}`, workspaceId: of, rest });
const collect = async <Item>(batches: AsyncIterable<Item[]>) => {
  const all: Item[][] = [];
  for await (const batch of batches) all.push(batch);
  return all;
};
const restsOf = (batches: { rest: string }[][]) =>
  batches
    .flat()
    .map(({ rest }) => rest)
    .sort();

const readers: Record<string, (name: string) => Promise<unknown>> = {
  string: (name) => redis.get(name),
  hash: async (name) => ({ ...(await redis.hGetAll(name)) }),
  set: (name) => redis.sMembers(name),
  zset: async (name) =>
    Object.fromEntries((await redis.zRangeWithScores(name, 0, -1)).map(({ value, score }) => [value, score])),
};
/** Everything in Redis, without and with the times at which records end. */
async function everything(): Promise<Record<string, unknown>> {
  const names = (await redis.keys('*')).sort();
  const read = async (name: string) => [name, await readers[await redis.type(name)]?.(name)];
  return Object.fromEntries(await Promise.all(names.map(read)));
}
async function endings(): Promise<Record<string, number>> {
  const names = await redis.keys('*');
  const ends = await Promise.all(names.map(async (name) => [name, await redis.pExpireTime(name)] as const));
  return Object.fromEntries(ends.filter(([, end]) => end !== -1));
}

describe('the migration finds old records', () => {
  test.each([
    [0, []],
    [49, [49]],
    [50, [50]],
    [101, [50, 50, 1]],
  ])('of %i keys in batches of %j', async (many, sizes) => {
    const names = numbers(many).map((i) => `api-key:${i}`);
    await Promise.all([...names, 'api-key'].map((rest) => redis.set(home + rest, '1')));
    await redis.sAdd(`${home}api-key:set`, '1');
    const batches = await collect(migration.oldKeys([workspaceId]));
    expect(batches.map(({ length }) => length)).toEqual(sizes);
    expect(restsOf(batches)).toEqual(names.sort());
  });

  test('of the given workspaces only', async () => {
    const ids = ['ws_11', 'ws_22', 'ws_33'];
    for (const id of ids) await redis.set(`portico:{${id}}:api-key:a\nb`, '1');
    await redis.set('portico:{ws_}:api-key:a', '1');
    expect(await collect(migration.oldKeys(['ws_22']))).toEqual([[old('api-key:a\nb', 'ws_22')]]);
    const [found = []] = await collect(migration.oldKeys(['ws_33', 'ws_11']));
    expect(found.map(({ name }) => name).sort()).toEqual([
      'portico:{ws_11}:api-key:a\nb',
      'portico:{ws_33}:api-key:a\nb',
    ]);
  });

  test('of the days of users by their quarter hours', async () => {
    const user = 'usage:user:dXNlcg:api_1:';
    for (const end of ['q40000', 'q40001', 'q40003', 'm480000', 'd2000']) await redis.hSet(home + user + end, '0V', 1);
    await redis.hSet(`${home}usage:key:key_1:q40000`, '0V', 1);
    const found = (await collect(migration.oldDays([workspaceId]))).flat();
    expect(found.map((each) => each.day).sort()).toEqual([20_000, 20_000, 20_001]);
    expect(found).toContainEqual({ workspaceId, user: 'dXNlcg', apiId: 'api_1', day: 20_001 });
  });

  test('of calls in the last minute, by the one that ends last', async () => {
    expect(await migration.lastCallMs([workspaceId])).toBe(0);
    await redis.set(`${home}calls:a`, '1', { expiration: { type: 'PX', value: 50_000 } });
    await redis.set(`${home}calls:b`, '1', { expiration: { type: 'PX', value: 10_000 } });
    await redis.set('portico:{ws_22}:calls:a', '1', { expiration: { type: 'PX', value: 90_000 } });
    const left = await migration.lastCallMs([workspaceId]);
    expect(left).toBeGreaterThan(20_000);
    expect(left).toBeLessThanOrEqual(50_000);
  });
});

describe('the migration removes leftovers', () => {
  const kinds = ['handle:', 'portal-sessions:', 'user-sessions:', 'stored-responses:', 'calls:'].concat(
    ...[
      'api-key-rate:',
      'user-keys:',
      'user-key-order:',
      'user-key-ends:',
      'user-key-expiry:',
      'user-quota:',
      'usage:',
    ],
  );
  const sessions = ['session:a', 'browser-session:b'];
  const responses = ['idempotency:sess_a', 'idempotency:rkid_ab1:portal.createSession:b'];
  const leftovers = [...sessions, ...responses, ...kinds.map((kind) => `${kind}a`)];
  const others = [
    ...['workspace', 'old-session:a', 'old-idempotency:sess_a', 'idempotency:rkid_a-b:portal.createSession:c'],
    ...['idempotency:rkid_ab:apis.createApi:d', ...kinds.map((kind) => `old-${kind}a`)],
  ];

  test('of each kind, and nothing else', async () => {
    for (const [i, rest] of [...leftovers, ...others].entries()) {
      if (i % 3 === 0) await redis.set(home + rest, 'text');
      else if (i % 3 === 1) await redis.zAdd(home + rest, { score: 1, value: 'text' });
      else await redis.hSet(home + rest, 'field', 'text');
    }
    expect(restsOf(await collect(migration.leftovers([workspaceId])))).toEqual([...leftovers].sort());
  });

  test('and what the quotas of their workspaces have for them', async () => {
    const end = Math.ceil(Date.now() / hour) * hour + 10 * hour;
    const [later, expiration] = [String(end / hour), { type: 'PXAT', value: end } as const];
    for (const [rest, text] of [
      ['session:a', 'é'],
      ['browser-session:a', 'text'],
      ['idempotency:sess_a', '12345'],
    ] as const)
      await redis.set(home + rest, text, { expiration });
    await redis.set(`${home}handle:a`, 'not counted', { expiration });
    await redis.set('portico:{ws_22}:session:a', 'text');
    await redis.hSet(keys.quota('ws_11'), { total: 10_000, [later]: 9000 });
    await redis.hSet(keys.quota('ws_22'), { total: 10_000 });
    const [batch = []] = await collect(migration.leftovers(['ws_11', 'ws_22']));
    await migration.remove(batch);
    const bytes = 702 + 704 + 305;
    const swept = expect.any(String);
    expect(await everything()).toEqual({
      [keys.quota('ws_11')]: { swept, total: String(10_000 - bytes), [later]: String(9000 - bytes) },
      [keys.quota('ws_22')]: { swept, total: String(10_000 - 704) },
    });
  });
});

describe('the migration moves keys', () => {
  const owner = { workspaceId, externalId: 'usér' };
  const place = partitionOf(owner);
  const user = Buffer.from('usér').toString('base64url');
  const hashIn = (partition: number, end: string) =>
    `${partition.toString(16).padStart(2, '0')}${end.padStart(62, '0')}`;
  const elsewhere = (place.partition + 1) % 64;
  const [createdAt, expires] = [1_700_000_000_000, 4_000_000_000_000];
  const json = JSON.stringify({ start: 'ak_', name: 'é', byteLength: 16, createdAt });
  const [ends, lasts, gone] = [
    `0000000000007 ${createdAt + 5} 1 0 ${expires} 10 60000 key_ends api_1 ${user}\n${json}`,
    `0000000000000 ${createdAt} 0 1 0 0 0 key_lasts api_1 ${user}\n${json}`,
    `0000000000000 ${createdAt} 1 0 0 0 0 key_gone api_gone ${user}\n${json}`,
  ];
  const endsHash = hashIn(elsewhere, 'a');
  const lastsHash = hashIn(place.partition, 'b');
  const goneHash = hashIn(elsewhere, 'c');
  const oldEnd = expires + 5 * hour;

  async function moveKeys() {
    await redis.hSet(keys.apis(workspaceId), 'api_1', '{}');
    await redis.hSet(keys.quota(workspaceId), { total: 10_000, [Math.floor(oldEnd / hour)]: 5000 });
    await redis.set(`${home}api-key:${endsHash}`, ends, { expiration: { type: 'PXAT', value: oldEnd } });
    await redis.set(`${home}api-key:${lastsHash}`, lasts);
    await redis.set(`${home}api-key:${goneHash}`, gone);
    const batch = [endsHash, lastsHash, goneHash, hashIn(0, 'd')].map((hash) => old(`api-key:${hash}`));
    await migration.moveKeys(batch);
  }

  const text = (record: string) => wholeValueOf(oldRecordOf(record));
  const sizeOf = (...records: string[]) => records.reduce((sum, record) => sum + Buffer.byteLength(record), 0);
  const grace = 30 * day;
  const homeAfter = {
    [keys.apis(workspaceId)]: { api_1: '{}' },
    [keys.quota(workspaceId)]: {
      swept: expect.any(String),
      total: String(10_000 - sizeOf(ends, lasts, gone) - 3 * 600),
      [Math.floor(oldEnd / hour)]: String(5000 - sizeOf(ends) - 600),
    },
  };

  test('to the partition of their user, with forwards, indexes and quotas, and forgets those of deleted APIs', async () => {
    await redis.set(`${home}api-key-rate:${endsHash}`, '3', { expiration: { type: 'PXAT', value: expires - 1 } });
    // A window without an end is none.
    await redis.set(`${home}api-key-rate:${lastsHash}`, '4');
    await moveKeys();
    const goneAt = expires + grace;
    const identity: string = (await redis.get(keys.identity(owner))) ?? '{}';
    const quota = { swept: expect.any(String), [Math.floor(goneAt / hour)]: String(sizeOf(text(ends)) + 1000) };
    const bytes = sizeOf(text(ends), text(lasts)) + 2000;
    expect(await everything()).toEqual({
      ...homeAfter,
      [`${home}api-key-rate:${endsHash}`]: '3',
      [`${home}api-key-rate:${lastsHash}`]: '4',
      [keys.apiKey(place, endsHash)]: text(ends),
      [keys.apiKey({ workspaceId, partition: elsewhere }, endsHash)]: `>${place.partition}`,
      [keys.apiKey(place, lastsHash)]: text(lasts),
      [keys.apiKeyRate(place, endsHash)]: '3',
      [keys.keyId(place, 'key_ends')]: endsHash,
      [keys.keyId(place, 'key_lasts')]: lastsHash,
      [keys.apiKeyOrder(place, 'api_1')]: { [`${createdAt}:key_ends`]: 0, [`${createdAt}:key_lasts`]: 0 },
      [keys.userKeyOrder(owner)]: { [`${createdAt}:key_ends`]: 0, [`${createdAt}:key_lasts`]: 0 },
      [keys.userKeyEnds(owner)]: {
        [`${createdAt}:key_ends api_1`]: expires,
        [`${createdAt}:key_lasts api_1`]: Number.POSITIVE_INFINITY,
      },
      [keys.keyEnds(place)]: { [`${createdAt}:key_ends api_1`]: goneAt },
      // The other one was rerolled.
      [keys.userKeyExpiry(owner, 'api_1')]: { key_ends: expires },
      [keys.identities(place)]: { usér: 0 },
      [keys.identity(owner)]: identity,
      [keys.partitionQuota(place)]: { ...quota, total: String(bytes + Buffer.byteLength(identity) + 300) },
      [keys.userQuota(owner)]: { ...quota, total: String(bytes) },
    });
    expect(JSON.parse(identity)).toEqual({ identityId: expect.any(String), createdAt, updatedAt: createdAt });
    expect(await endings()).toEqual({
      [`${home}api-key-rate:${endsHash}`]: expires - 1,
      [keys.apiKey(place, endsHash)]: goneAt,
      [keys.apiKey({ workspaceId, partition: elsewhere }, endsHash)]: goneAt,
      [keys.apiKeyRate(place, endsHash)]: expires - 1,
      [keys.keyId(place, 'key_ends')]: goneAt,
      [keys.userKeyExpiry(owner, 'api_1')]: goneAt,
    });
  });

  test('once: what an earlier attempt has written, and a user may have deleted since, is not written again', async () => {
    await redis.sAdd(keys.migrated(place), [endsHash, lastsHash, 'another']);
    await moveKeys();
    expect(await everything()).toEqual({
      ...homeAfter,
      // Its verification will find that it leads nowhere.
      [keys.apiKey({ workspaceId, partition: elsewhere }, endsHash)]: `>${place.partition}`,
      [keys.migrated(place)]: ['another'],
    });
  });
});

describe('the migration moves days of usage', () => {
  const owner = { workspaceId, externalId: 'usér' };
  const place = partitionOf(owner);
  const user = Buffer.from('usér').toString('base64url');
  const today = Math.floor(Date.now() / day);
  const ofUser = `${home}usage:user:${user}:api_1:`;

  /** What each key was used at the minutes of a day; '' is a key that was deleted. */
  type Uses = [keyId: string, minute: number, letter: 'V' | 'R', count: number][];
  const codes = { V: 'VALID', R: 'RATE_LIMITED' };

  /** Writes it as 0.1.0 did. */
  const writeOld = (of: number, uses: Uses) =>
    Promise.all(
      uses.flatMap(([keyId, minute, letter, count]) => {
        const prefixes = keyId === '' ? [ofUser] : [ofUser, `${home}usage:key:${keyId}:`];
        const [half, hourOf] = [Math.floor(minute / 720), Math.floor(minute / 60)];
        const counts = prefixes.flatMap((prefix) => [
          redis.hIncrBy(`${prefix}q${of * 2 + half}`, `${Math.floor((minute % 720) / 15)}${letter}`, count),
          redis.hIncrBy(`${prefix}m${of * 24 + hourOf}`, `${minute % 60}${letter}`, count),
        ]);
        return keyId === '' ? counts : [...counts, redis.zIncrBy(`${ofUser}t${of}`, count, keyId)];
      }),
    );

  /** All buckets that the store must have, by key and resolution. */
  function bucketsOf(of: number, uses: Uses) {
    const all: Record<string, Map<number, object>> = {};
    const lengths = { minute: 1, quarterHour: 15, day: 1440 };
    for (const [keyId, minute, letter, count] of uses) {
      for (const [resolution, length] of Object.entries(lengths)) {
        for (const id of new Set(['', keyId])) {
          const buckets = all[`${id} ${resolution}`] ?? new Map();
          all[`${id} ${resolution}`] = buckets;
          const time = of * day + Math.floor(minute / length) * length * 60_000;
          const before: Record<string, number> = { ...buckets.get(time) };
          buckets.set(time, { ...before, [codes[letter]]: (before[codes[letter]] ?? 0) + count });
        }
      }
    }
    return all;
  }

  async function stored() {
    const found: Record<string, unknown> = {};
    for await (const { owner: of, resolution, buckets } of store.usage.everything(workspaceId))
      found[`${of.keyId ?? ''} ${resolution}`] = buckets;
    return found;
  }

  const many = 51;
  const yesterday = today - 1;
  const batchOf = (of: number) => numbers(2).map(() => ({ workspaceId, user, apiId: 'api_1', day: of }));

  test('of many keys, each count once, and leaves nothing at the old places', async () => {
    const uses: Uses = numbers(many).flatMap((i) => [
      [`key_${i}`, i * 7, 'V', i + 1],
      [`key_${i}`, i * 7 + 1, 'R', 1],
    ]);
    uses.push(['', 7, 'V', 9]);
    await writeOld(yesterday, uses);
    // A day is found by each of its halves.
    await migration.moveDays(batchOf(yesterday), 90);
    expect(await stored()).toEqual(bucketsOf(yesterday, uses));
    const identity = (await redis.get(keys.identity(owner))) ?? '';
    const dayEnd = today * day;
    const found = await everything();
    const [dayName, topName] = [keys.usageDay(owner, 'api_1', yesterday), keys.usageTop(owner, 'api_1', yesterday)];
    expect(found).toEqual({
      [dayName]: expect.any(Object),
      [topName]: Object.fromEntries(numbers(many).map((i) => [`key_${i}`, i + 2])),
      [keys.usageApis(owner)]: ['api_1'],
      [keys.usageWork(place)]: { [`${user}:api_1:${yesterday}`]: dayEnd + 2 * day },
      [keys.identities(place)]: { usér: 0 },
      [keys.identity(owner)]: identity,
      [keys.partitionQuota(place)]: { total: String(Buffer.byteLength(identity) + 300) },
    });
    expect(JSON.parse(identity)).toMatchObject({ createdAt: yesterday * day, updatedAt: yesterday * day });
    const end = dayEnd + restTtlOf(90);
    expect(await endings()).toEqual({ [dayName]: end, [topName]: end, [keys.usageApis(owner)]: end });
  });

  test('except for what an earlier attempt has counted', async () => {
    const uses: Uses = [
      ['key_1', 5, 'V', 2],
      ['key_2', 6, 'V', 3],
      ['', 5, 'V', 4],
    ];
    await writeOld(yesterday, uses);
    const part = `${user}:api_1:${yesterday}:`;
    await redis.sAdd(keys.migrated(place), [`${part}key_1`, 'another']);
    await migration.moveDays(batchOf(yesterday), 90);
    expect(await stored()).toEqual(bucketsOf(yesterday, uses.slice(1)));
    expect(await redis.sMembers(keys.migrated(place))).toEqual(['another']);
    expect(await redis.keys(`${home}*`)).toEqual([]);
  });
});

describe('the migration locks servers of 0.1.0 out', () => {
  const lockedOut = 'this data is of a later version of Portico';
  const migrated = [0, 63].map((partition) => keys.migrated({ workspaceId, partition }));

  test('with its root keys moved, and forgets what it has written', async () => {
    await redis.hSet(keys.oldRootKeys(workspaceId), { hash: 'root key' });
    for (const name of [...migrated, keys.migrated({ workspaceId: 'ws_22', partition: 0 })])
      await redis.sAdd(name, 'a');
    const expected = {
      [keys.oldRootKeys(workspaceId)]: lockedOut,
      [keys.rootKeys(workspaceId)]: { hash: 'root key' },
      [keys.migrated({ workspaceId: 'ws_22', partition: 0 })]: ['a'],
    };
    expect([await migration.finish(workspaceId), await everything()]).toEqual([true, expected]);
    expect([await migration.finish(workspaceId), await everything()]).toEqual([true, expected]);
  });

  test('unless one of them has created root keys since', async () => {
    await redis.hSet(keys.oldRootKeys(workspaceId), { hash: 'root key of 0.1.0' });
    await redis.hSet(keys.rootKeys(workspaceId), { hash: 'root key' });
    for (const name of migrated) await redis.sAdd(name, 'a');
    const before = await everything();
    expect([await migration.finish(workspaceId), await everything()]).toEqual([false, before]);
  });
});

test('one migration at a time has the lock, renews it, and gives it back', async () => {
  expect(await migration.lock('req_1')).toBe(true);
  expect(await redis.ttl(keys.migration)).toBeGreaterThan(lockSeconds - 10);
  expect(await redis.ttl(keys.migration)).toBeLessThanOrEqual(lockSeconds);
  await redis.expire(keys.migration, 5);
  expect(await migration.lock('req_2')).toBe(false);
  expect(await redis.ttl(keys.migration)).toBeLessThanOrEqual(5);
  expect(await migration.lock('req_1')).toBe(true);
  expect(await redis.ttl(keys.migration)).toBeGreaterThan(lockSeconds - 10);
  await migration.unlock();
  expect(await migration.lock('req_2')).toBe(true);
  expect(await everything()).toEqual({ [keys.migration]: 'req_2' });
});

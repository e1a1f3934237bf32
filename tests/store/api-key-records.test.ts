/**
 * Every record that the scripts which create, replace, reroll and remove API keys leave, with its end (snippets/keyRecords.lua, removeKey.lua,
 * scopeCounts.lua): beside a model that makes them from the keys.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { graceMs } from '../../src/server/store/scripts/keys.ts';
import { randomOf } from '../support/random.ts';
import { openStage, type StageRecords } from '../support/stage.ts';

const stage = await openStage();
afterAll(stage.stop);

const [hour, day] = [3_600_000, 86_400_000];
/** A moment in the future, so that no record expires during the test. */
const now = Date.UTC(2040, 0, 3, 12);
const hourOf = (ms: number) => String(Math.floor(ms / hour));
const identityBytes = 'identity'.length + 300;

interface Key {
  id: string;
  api: string;
  created: number;
  expires: number;
  rerolled: number;
  limit: number;
  duration: number;
  scopes: string;
  updated: number;
  json: string;
}
const keyOf = (id: string, more: Partial<Key> = {}): Key => ({
  ...{ id, api: 'api_1', created: now - day, expires: 0, rerolled: 0, limit: 0, duration: 0, scopes: '-', updated: 1 },
  ...{ json: '{}', ...more },
});
const hashOf = ({ id }: Key) => `${id}hash`;
const placeOf = ({ id, created }: Key) => `${created}:${id}`;
const entryOf = (key: Key) => `${placeOf(key)} ${key.api}`;
/** The value without the last use. */
const textOf = ({ updated, rerolled, created, expires, limit, duration, id, api, scopes, json }: Key) =>
  `${updated} 1 ${rerolled} 0 ${created} ${expires} ${limit} ${duration} ${id} ${api} dXNlcg ${scopes} -\n${json}`;
const recordOf = (key: Key) => `0000000000000 ${textOf(key)}`;
const sizeOf = (key: Key) => recordOf(key).length + 1000;

/** The bytes of keys as a quota has them, with bytes of other records. */
function quotaOf(keys: Key[], more: number): Record<string, string> {
  const sums: Record<string, number> = { total: more };
  for (const key of keys) {
    const hours = key.expires === 0 ? [] : [hourOf(key.expires + graceMs)];
    for (const name of ['total', ...hours]) sums[name] = (sums[name] ?? 0) + sizeOf(key);
  }
  return Object.fromEntries([...Object.entries(sums), ['swept', hourOf(now)]].map(([name, sum]) => [name, `${sum}`]));
}

/** All records of a user with these keys, and when they end. */
function modelOf(keys: Key[], audited: number) {
  const records: StageRecords = { identity: 'identity', identities: { user: 0 }, quota: quotaOf(keys, identityBytes) };
  if (audited > 0) records['audit'] = `${audited} entries`;
  const ends: Record<string, number> = {};
  const goneAt = (key: Key) => key.expires + graceMs;
  const zset = (name: string, of: Key[], score: (key: Key) => number, member: (key: Key) => string) => {
    if (of.length > 0) records[name] = Object.fromEntries(of.map((key) => [member(key), score(key)]));
  };
  const isEndless = (of: Key[]) => of.length === 0 || of.some(({ expires }) => expires === 0);
  const last = (of: Key[]) => Math.max(...of.map(({ expires }) => expires));
  const endOf = ({ expires }: Key) => (expires === 0 ? Number.POSITIVE_INFINITY : expires);

  for (const key of keys) {
    for (const [name, text] of [
      [`api-key:${hashOf(key)}`, recordOf(key)],
      [`key-id:${key.id}`, hashOf(key)],
    ] as const) {
      records[name] = text;
      if (key.expires > 0) ends[name] = goneAt(key);
    }
  }
  zset('userKeyOrder', keys, () => 0, placeOf);
  zset('userKeyEnds', keys, endOf, entryOf);
  const ending = keys.filter(({ expires }) => expires > 0);
  zset('keyEnds', ending, goneAt, entryOf);
  if (keys.length > 0) records['userQuota'] = quotaOf(keys, 0);
  if (!isEndless(keys)) {
    for (const name of ['userKeyOrder', 'userKeyEnds']) ends[name] = last(keys) + graceMs;
    ends['userQuota'] = Math.max(last(keys) + graceMs, now + day);
  }
  for (const [api, own] of Map.groupBy(keys, (key) => key.api)) {
    zset(`api-key-order:${api}`, own, () => 0, placeOf);
    const counted = own.filter(({ rerolled }) => rerolled === 0);
    zset(`user-key-expiry:${api}`, counted, endOf, ({ id }) => id);
    if (!isEndless(counted)) ends[`user-key-expiry:${api}`] = last(counted) + graceMs;
    const scoped = own.filter(({ scopes, expires }) => scopes !== '-' && (expires === 0 || expires > now));
    const scopes = scoped.flatMap((key) => [...key.scopes.slice(1).split(','), ...(key.expires === 0 ? ['='] : [])]);
    const counts = [...Map.groupBy(scopes, (scope) => scope)].map(([scope, all]) => [scope, `${all.length}`]);
    if (scoped.length > 0) records[`scope-counts:${api}`] = Object.fromEntries(counts);
    const endingScoped = scoped.filter(({ expires }) => expires > 0);
    zset(`scope-ends:${api}`, endingScoped, endOf, (key) => `${key.id} ${key.scopes}`);
    if (scoped.length > 0 && !isEndless(scoped)) {
      for (const name of [`scope-counts:${api}`, `scope-ends:${api}`]) ends[name] = last(scoped);
    }
  }
  return { records, ends };
}

const prefixes = {
  ...{ keyIds: 'key-id:', apiKeys: 'api-key:', apiKeyRates: 'api-key-rate:', apiKeyOrders: 'api-key-order:' },
  ...{ userKeyExpiries: 'user-key-expiry:', scopeCounts: 'scope-counts:', scopeEnds: 'scope-ends:' },
  ...{ usageDays: 'usage:', usageTops: 'usage-top:', sessionResponse: 'session-response:once' },
};
const common = {
  ...{ controlVersion: '0', tokenHash: '', auditEntry: 'entry', auditMaxEntries: 1000, auditMaxAgeSeconds: '0' },
  ...{ newIdentity: 'identity', externalId: 'user', maxKeys: 100, maxRecords: 100, quotaBytes: '0' },
  ...{ userQuotaBytes: '0', responseRecord: '', responseExpiresAt: '0', maxResponses: '0' },
};
type Args = Record<string, string | number | string[]>;
const nameOf = (key: Key) => `api-key:${hashOf(key)}`;
const create = (key: Key, args: Args = {}, at = now) => ({
  ...{ script: 'createApiKey' as const, now: at, keys: { ...prefixes, apiKey: nameOf(key) } },
  args: { ...common, place: placeOf(key), value: recordOf(key), ...args },
});
const replace = (before: Key, after: Key, args: Args = {}, at = now) => ({
  ...{ script: 'replaceApiKey' as const, now: at },
  keys: { ...prefixes, apiKey: nameOf(before), apiKeyRate: `api-key-rate:${hashOf(before)}` },
  args: { ...common, textRead: textOf(before), text: textOf(after), place: placeOf(before), ...args },
});
const remove = (key: Key, at = now) => ({
  ...{ script: 'deleteApiKey' as const, now: at, keys: { ...prefixes, apiKey: nameOf(key) } },
  args: { ...common, textRead: textOf(key), place: placeOf(key) },
});
const removeAll = (api: string, entries: string[], at = now) => ({
  ...{ script: 'removeApiKeys' as const, now: at, keys: prefixes },
  args: { apiId: api, entries },
});
const reroll = (before: Key, overlapMs: number, fresh: Key, args: Args = {}, at = now) => ({
  ...{ script: 'rerollApiKey' as const, now: at },
  keys: { ...prefixes, oldApiKey: nameOf(before), newApiKey: nameOf(fresh) },
  args: {
    ...{ ...common, textRead: textOf(before), overlapMs, oldPlace: placeOf(before), oldJson: before.json },
    ...{ newKeyId: fresh.id, newPlace: placeOf(fresh), newCreatedAt: fresh.created, newJson: fresh.json, ...args },
  },
});
/** The old key and the new one after a reroll that replies ok. */
function rerolled(before: Key, overlapMs: number, id: string): [old: Key, fresh: Key] {
  const end = now + overlapMs;
  const expires = before.expires > 0 && before.expires < end ? before.expires : end;
  return [
    { ...before, updated: now, rerolled: 1, expires },
    { ...before, updated: now, id, created: now },
  ];
}

const [endless, other] = [keyOf('key_1', { scopes: '=a,b' }), keyOf('key_2', { api: 'api_2', scopes: '=a' })];
const [soon, later] = [
  keyOf('key_1', { expires: now + hour, scopes: '=a' }),
  keyOf('key_2', { expires: now + 9 * day }),
];
const scoped = { ...later, scopes: '=a,c' };
const made = (...all: Key[]) => all.map((key) => create(key));
const ofReroll = (key: Key, overlapMs: number) => ({
  steps: [create(key), reroll(key, overlapMs, rerolled(key, overlapMs, 'key_3')[1])],
  left: rerolled(key, overlapMs, 'key_3'),
});
test.each<[string, { steps: Parameters<typeof stage.play>[1]; left: Key[]; audited?: number }]>([
  ['create one without an end and one with an end', { steps: made(endless, scoped), left: [endless, scoped] }],
  ['create one with an end and one without an end', { steps: made(scoped, endless), left: [scoped, endless] }],
  ['create one with an end and one with a later end', { steps: made(soon, scoped), left: [soon, scoped] }],
  ['create one with an end and one with an earlier end', { steps: made(later, soon), left: [later, soon] }],
  [
    'replace one that ends by one that does not',
    { steps: [create(soon), replace(soon, endless)], left: [endless], audited: 2 },
  ],
  ['replace one by one that ends', { steps: [create(endless), replace(endless, soon)], left: [soon] }],
  ['replace one by one without scopes', { steps: [create(scoped), replace(scoped, later)], left: [later] }],
  ['reroll one with an end before that of the overlap', ofReroll(soon, day)],
  ['reroll one with an end after that of the overlap', ofReroll(scoped, day)],
  ['reroll one without an end', ofReroll(endless, 40 * day)],
  ['reroll one without an overlap', ofReroll(endless, 0)],
  ['remove the only one without an end', { steps: [...made(endless, scoped), remove(endless)], left: [scoped] }],
  ['remove the last one', { steps: [create(soon), remove(soon)], left: [] }],
  [
    'remove those of a deleted API',
    { steps: [...made(other, soon), removeAll('api_2', [entryOf(other)])], left: [soon], audited: 2 },
  ],
])(
  'the records of API keys, and the counts of their scopes, are those of the keys, after scripts that %s',
  async (_, all) => {
    const { replies, ...left } = await stage.play({}, all.steps);
    expect(replies).toEqual(all.steps.map(() => ['ok']));
    expect(left).toEqual(modelOf(all.left, all.audited ?? all.steps.length));
  },
);

test.each([1, 2])(
  'the records of API keys, and the counts of their scopes, are those of the keys, after scripts that create, replace, reroll and remove any: %i',
  async (seed) => {
    const random = randomOf(seed);
    const below = (many: number) => Math.floor(random() * many);
    const one = <Item>(items: readonly Item[]) => items[below(items.length)] as Item;
    const settings = () => ({
      ...{ expires: one([0, 0, now + hour, now + 5 * day, now + 90 * day]), limit: below(3), duration: hour },
      ...{ scopes: one(['-', '=a', '=a,b', '=b,c']), json: '{}'.padEnd(2 + below(40)) },
    });
    const api = () => one(['api_1', 'api_2']);
    const madeOne = (i: number) => keyOf(`key_${i}`, { api: api(), ...settings() });
    const first = madeOne(0);
    let keys = [first];
    let audited = 1;
    const steps: Parameters<typeof stage.play>[1] = [create(first)];
    const without = (key: Key) => keys.filter((other) => other !== key);
    const change = {
      create(i: number) {
        const key = madeOne(i);
        steps.push(create(key));
        keys.push(key);
      },
      replace() {
        const before = one(keys.filter((key) => key.rerolled === 0));
        if (before === undefined) return;
        const after = { ...before, ...settings(), updated: now };
        steps.push(replace(before, after));
        keys = [...without(before), after];
      },
      reroll(i: number) {
        const before = one(keys.filter((key) => key.rerolled === 0));
        if (before === undefined) return;
        const overlapMs = one([0, hour, 10 * day]);
        const [old, fresh] = rerolled(before, overlapMs, `key_${i}`);
        steps.push(reroll(before, overlapMs, fresh));
        keys = [...without(before), old, fresh];
      },
      delete() {
        const key = one(keys);
        if (key === undefined) return;
        steps.push(remove(key));
        keys = without(key);
      },
      removeAll() {
        const going = api();
        steps.push(
          removeAll(
            going,
            keys
              .filter((key) => key.api === going)
              .slice(0, 2)
              .map(entryOf),
          ),
        );
        const gone = new Set(keys.filter((key) => key.api === going).slice(0, 2));
        keys = keys.filter((key) => !gone.has(key));
        audited -= 1;
      },
    };
    for (let i = 1; i <= 16; i++) {
      const before = steps.length;
      change[one(['create', 'create', 'create', 'replace', 'replace', 'reroll', 'delete', 'removeAll'] as const)](i);
      audited += steps.length - before;
    }
    const { replies, ...left } = await stage.play({}, steps);
    expect(replies).toEqual(steps.map(() => ['ok']));
    expect(left).toEqual(modelOf(keys, audited));
  },
);

describe('the records of the API keys of a user', () => {
  test('go with the last key that is removed', async () => {
    const [one, other] = [keyOf('key_1', { scopes: '=a' }), keyOf('key_2', { expires: now + hour, scopes: '=b' })];
    const { replies, ...left } = await stage.play({}, [create(one), create(other), remove(one), remove(other)]);
    expect([replies.flat(), left]).toEqual([Array(4).fill('ok'), modelOf([], 4)]);
  });

  test('live as long as their responses, if these are all that is left', async () => {
    const key = keyOf('key_1');
    const remembered = { responseRecord: 'response', responseExpiresAt: String(now + 2 * day) };
    const { records, ends } = await stage.play({}, [create(key, remembered), remove(key)]);
    const bytes = 'response'.length + 300;
    expect(records['userQuota']).toEqual({
      total: `${bytes}`,
      swept: hourOf(now),
      [hourOf(now + 2 * day)]: `${bytes}`,
    });
    expect(ends).toEqual({ userQuota: now + day, 'session-response:once': now + 2 * day });
  });

  test('and the lists of a partition lose two keys that are gone whenever one is created or rerolled', async () => {
    const gone = (i: number) => `${i}:key_${i} api_2`;
    const ends = [now - 3, now - 2, now, now, now, now + 1];
    const before = {
      keyEnds: Object.fromEntries(ends.map((end, i) => [gone(i), end])),
      'api-key-order:api_2': Object.fromEntries(ends.map((_, i) => [`${i}:key_${i}`, 0])),
    };
    const listed = async (steps: Parameters<typeof stage.play>[1]) => {
      const { records } = await stage.play(before, steps);
      return ['keyEnds', 'api-key-order:api_2'].map((name) => Object.keys(records[name] ?? {}).length);
    };
    const [old, fresh] = rerolled(endless, 0, 'key_9');
    expect(await listed([create(endless)])).toEqual([4, 4]);
    // The rerolled key ends, too.
    expect(await listed([create(endless), reroll(endless, 0, fresh)])).toEqual([2 + 1, 2]);
    expect(await listed([create(endless), reroll(endless, 0, fresh), remove(old)])).toEqual([1, 1]);
  });

  test('of which some are missing are removed without them', async () => {
    const [one, other, third] = [keyOf('key_1'), keyOf('key_2'), keyOf('key_3')];
    const { records: before } = await stage.play(
      {},
      [one, other, third].map((key) => create(key)),
    );
    const { [nameOf(one)]: _, 'key-id:key_2': __, ...rest } = before;
    const step = removeAll('api_1', [entryOf(one), entryOf(other)]);
    const { replies, records } = await stage.play({ ...rest, audit: 'none' }, [step]);
    const model = modelOf([third], 0).records;
    const all = [one, other, third];
    // Their bytes leave with their hour only if somebody knows them.
    const bytes = { quota: quotaOf(all, identityBytes), userQuota: quotaOf(all, 0) };
    expect([replies, records]).toEqual([
      [['ok']],
      { ...model, ...bytes, audit: 'none', [nameOf(other)]: recordOf(other) },
    ]);
  });
});

describe('the usage of an API key that is removed', () => {
  const today = Math.floor(now / day);
  test('stays with its user, without the key, in the log and on each day since its creation', async () => {
    const key = keyOf('key_1', { created: Math.floor(now / day) * day + hour - 1 - day });
    const other = keyOf('key_2');
    const daysOf = (...days: number[]) =>
      Object.fromEntries(
        days.flatMap((one) => [
          [`usage:api_1:${today + one}`, { V: '#', Vkey_1: '#', ...(one < 0 && { Fkey_1: '#' }), Vkey_2: '#' }],
          [`usage-top:api_1:${today + one}`, { key_1: 1, key_2: 1 }],
        ]),
      );
    const lost = (...days: number[]) =>
      Object.fromEntries(
        days.flatMap((one) => [
          [`usage:api_1:${today + one}`, { V: '#', Vkey_2: '#' }],
          [`usage-top:api_1:${today + one}`, { key_2: 1 }],
        ]),
      );
    const alike = { [`usage:api_1:${today - 1}`]: { Vkey_2: '#' }, [`usage-top:api_1:${today - 1}`]: { key_1: 1 } };
    const usageLog = {
      ...{ '1 api_1 key_1 V': '2', '1 api_1  V': '3', '1 api_1 key_2 V': '4' },
      ...{ '2 api_1 key_1 F': '5', '1 api_2 key_1 V': '6' },
    };
    const before = { ...daysOf(-3, -2, 0, 1), ...alike, usageLog };
    const { records } = await stage.play(before, [create(key), create(other), remove(key)]);
    const ofUsage = Object.fromEntries(Object.entries(records).filter(([name]) => name.startsWith('usage')));
    expect(ofUsage).toEqual({
      ...{ ...daysOf(-3, 1), ...lost(-2, 0), ...alike },
      usageLog: { '1 api_1  V': '5', '1 api_1 key_2 V': '4', '2 api_1  F': '5', '1 api_2 key_1 V': '6' },
    });
  });

  const month = (today - 31) * day;
  test.each([
    ['the next day, in its last hour before', (today + 1) * day - hour, month, [0, 1, 2], [2]],
    ['no other day than today, a ms earlier', (today + 1) * day - hour - 1, month, [0, 1, 2], [1, 2]],
    ['all days that are stored, and not one before', today * day, 1, [-370, -369, 0], [-370]],
  ])('goes from %s', async (_, at, created, days, stays) => {
    const key = keyOf('key_1', { created });
    const before = Object.fromEntries(days.map((one) => [`usage:api_1:${today + one}`, { Vkey_1: '#' }]));
    const { records } = await stage.play(before, [create(key), remove(key, at)]);
    const left = Object.keys(records).filter((name) => name.startsWith('usage:'));
    expect(new Set(left)).toEqual(new Set(stays.map((one) => `usage:api_1:${today + one}`)));
  });

  test('goes with what the key has used of its limits', async () => {
    const key = keyOf('key_1');
    const used = { 'api-key-rate:key_1hash': '1', 'api-key-rate:key_1hash:policy': '2', 'api-key-rate:key_2hash': '3' };
    const { records } = await stage.play(used, [create(key), remove(key)]);
    expect(Object.keys(records).filter((name) => name.startsWith('api-key-rate'))).toEqual(['api-key-rate:key_2hash']);
  });
});

test('a scope no longer counts an API key that has ended, after another one with a scope is created', async () => {
  const ended = keyOf('key_1', { expires: now + 1, scopes: '=a,b' });
  const fresh = keyOf('key_2', { expires: now + day, scopes: '=b' });
  const { records, ends } = await stage.play({}, [create(ended), create(fresh, {}, now + 1)]);
  expect([records['scope-counts:api_1'], records['scope-ends:api_1'], ends['scope-counts:api_1']]).toEqual([
    { b: '1' },
    { 'key_2 =b': now + day },
    now + day,
  ]);
});

test('an API key that is replaced keeps the window of its limit, unless it gets another one', async () => {
  const before = keyOf('key_1', { limit: 2, duration: hour });
  const rate = 'api-key-rate:key_1hash';
  const leftAfter = async (more: Partial<Key>) =>
    (await stage.play({ [rate]: '1' }, [create(before), replace(before, { ...before, ...more })])).records[rate];
  expect(await leftAfter({ json: '{"name":"New"}' })).toBe('1');
  expect(await leftAfter({ limit: 3 })).toBeUndefined();
  expect(await leftAfter({ duration: day })).toBeUndefined();
});

const another = keyOf('key_9');
const remembered = { responseRecord: 'response', responseExpiresAt: String(now + day) };
const bytesOfResponse = 'response'.length + 300;

type Refused = [step: Parameters<typeof stage.play>[1][0], ...reply: string[]][];
const key = keyOf('key_1');
const ofNew = sizeOf(another) + bytesOfResponse;
const room = identityBytes + sizeOf(key);
const ended = keyOf('key_1', { expires: now });
const [old, fresh] = rerolled(key, day, 'key_2');
const long = '{}'.padEnd(3000);

test.each<[string, Key[], Refused]>([
  [
    'create one',
    [key],
    [
      [create({ ...key, json: '{"b":1}' }), 'exists', recordOf(key)],
      [create(another, { maxKeys: 1 }), 'limit_exceeded'],
      [create(another, { maxRecords: 1 }), 'no_room'],
      [create(another, { ...remembered, quotaBytes: room + ofNew - 1 }), 'quota_exceeded'],
      [create(another, { ...remembered, userQuotaBytes: sizeOf(key) + ofNew - 1 }), 'user_quota_exceeded'],
    ],
  ],
  [
    'replace one',
    [key],
    [
      [replace(another, another), 'not_found'],
      [replace({ ...key, updated: 2 }, key), 'stale'],
      [replace(key, { ...key, json: long }, { quotaBytes: room + long.length - 3 }), 'quota_exceeded'],
      [replace(key, { ...key, json: long }, { userQuotaBytes: sizeOf(key) + 1 }), 'user_quota_exceeded'],
    ],
  ],
  [
    'replace or reroll one that has ended',
    [ended],
    [
      [replace(ended, { ...ended, expires: now + 1 }, { maxKeys: 0 }), 'limit_exceeded'],
      [reroll(ended, 0, another), 'retired'],
    ],
  ],
  [
    'reroll one',
    [key],
    [
      [reroll(another, 0, ended), 'not_found'],
      [reroll({ ...key, updated: 2 }, 0, another), 'stale'],
      [reroll(key, 0, another, { maxRecords: 1 }), 'no_room'],
      [reroll(key, 0, another, { ...remembered, quotaBytes: room + ofNew }), 'quota_exceeded'],
      [reroll(key, 0, another, { ...remembered, userQuotaBytes: sizeOf(key) + ofNew }), 'user_quota_exceeded'],
    ],
  ],
  [
    'delete one',
    [key],
    [
      [remove(another), 'not_found'],
      [remove({ ...key, updated: 2 }), 'stale'],
    ],
  ],
])('a script that refuses to %s changes nothing of the API keys', async (_, before, refused) => {
  const { replies, ...left } = await stage.play({}, [...made(...before), ...refused.map(([step]) => step)]);
  expect(replies.slice(before.length)).toEqual(refused.map(([, ...reply]) => reply));
  expect(left).toEqual(modelOf(before, before.length));
});

test('an API key that was rerolled and has not ended is not rerolled again, nor replaced by an active one', async () => {
  const steps = [
    ...[create(key), reroll(key, day, fresh), reroll(old, 0, another)],
    // It is not active, so it needs no place among those that are.
    replace(old, { ...old, updated: 2 }, { maxKeys: 0 }),
    replace(fresh, { ...fresh, updated: 2 }, { maxKeys: 0 }),
  ];
  const { replies } = await stage.play({}, steps);
  expect(replies.flat()).toEqual(['ok', 'ok', 'retired', 'ok', 'ok']);
});

const once = { ...remembered, maxResponses: '1' };
test.each<[string, StageRecords, Parameters<typeof stage.play>[1][0], reply: string[]]>([
  ['create one for a user who is being erased', { identity: '!id' }, create(another), ['identity_deleting']],
  ['create one again', { 'session-response:once': 'r' }, create(another, once), ['repeated', 'r']],
  ['create one more', { storedResponses: ['other'] }, create(another, once), ['too_many_responses']],
  [
    'reroll one again',
    { [nameOf(key)]: recordOf(key), 'session-response:once': 'r' },
    reroll(key, 0, another, once),
    ['repeated', 'r'],
  ],
])('a script that is asked to %s changes nothing of the API keys', async (_, before, step, reply) => {
  const { replies, records } = await stage.play(before, [step]);
  expect([replies, records]).toEqual([[reply], before]);
});

test('an API key of 0.1.0 is migrated once, with what its window has, and not after it was created or removed', async () => {
  const rate = 'api-key-rate:key_1hash';
  const migrate = (used: string, one = key) => ({
    ...{ script: 'migrateApiKey' as const, now, keys: { ...prefixes, apiKey: nameOf(one), apiKeyRate: rate } },
    args: { ...common, hash: 'hash', value: recordOf(one), place: placeOf(one), used, windowEnd: String(now + hour) },
  });
  const migrated = { migrated: ['hash'] };
  const { records, ends } = modelOf([key], 0);
  const { replies, ...once } = await stage.play({}, [migrate('2'), migrate('3')]);
  expect([replies, once]).toEqual([
    [['ok'], ['ok']],
    { records: { ...records, ...migrated, [rate]: '2' }, ends: { ...ends, [rate]: now + hour } },
  ]);
  const ofScoped = modelOf([scoped], 0);
  expect(await stage.play({}, [migrate('0', scoped)])).toEqual({
    ...{ replies: [['ok']], records: { ...ofScoped.records, ...migrated }, ends: ofScoped.ends },
  });
  expect((await stage.play(migrated, [migrate('2')])).records).toEqual(migrated);
  const there = { [nameOf(key)]: recordOf(key) };
  expect((await stage.play(there, [migrate('2')])).records).toEqual({ ...there, ...migrated });
});

/** Limits with just the room for keys and a response. */
const roomFor = (...all: Key[]) => {
  const bytes = all.reduce((sum, one) => sum + sizeOf(one), bytesOfResponse);
  return { ...remembered, quotaBytes: identityBytes + bytes, userQuotaBytes: bytes, maxRecords: 2, maxKeys: 2 };
};
const longer = { ...old, json: '{"replacedBy":"key_2"}' };
const renamed = { ...key, json: '{"name":"New"}' };
test.each([
  ['created', create(another, roomFor(key, another)), 'response'],
  ['rerolled', reroll(key, day, fresh, { ...roomFor(longer, fresh), oldJson: longer.json }), 'response'],
  [
    'replaced',
    replace(key, renamed, { quotaBytes: identityBytes + sizeOf(renamed), userQuotaBytes: sizeOf(renamed) }),
    undefined,
  ],
])('an API key is %s with the last byte and the last record that there is room for', async (_, step, response) => {
  const { replies, records, ends } = await stage.play({}, [create(key), step]);
  expect(replies).toEqual([['ok'], ['ok']]);
  expect(records['session-response:once']).toBe(response);
  expect(ends['session-response:once']).toBe(response && now + day);
});

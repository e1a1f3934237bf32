/**
 * What createApiKey and replaceApiKey do with the room of a user: keys that have ended and make room (makeRoom, refuseOverUserQuota,
 * forgetGone), the limits of keys and bytes (refuseOverKeyLimit, refuseOverQuota), and stored responses (repeatable).
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { lasts, runScript, type ScriptRun } from '../support/script-runs.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const redis = await openTargetRedis(await sharedRedis());
afterAll(() => redis.stop());

type Args = NonNullable<ScriptRun['args']>;

const day = 86_400;
/** How long a key stays after its end, in seconds. */
const grace = 30 * day;

const keyText = (id: string, expires: string, json = '{}') =>
  `0000000000000 1700 1 0 0 1700 ${expires} 0 0 ${id} api_1 dXNlcg - -\n${json}`;
/** How many bytes it takes; a time has 13 digits. */
const sizeOf = (value: string) => value.replace(/@-?\d+@/, '0'.repeat(13)).length + 1000;

/** The records of a key of the user, by when it ends. */
function keyOf(id: string, expires: string, json?: string): string[][] {
  const end = expires === '0' ? '+inf' : expires;
  return [
    ['SET', `keyIds${id}`, `hash_${id}`],
    ['SET', `apiKeyshash_${id}`, keyText(id, expires, json)],
    ['ZADD', 'apiKeyOrdersapi_1', '0', `1700:${id}`],
    ['ZADD', 'userKeyOrder', '0', `1700:${id}`],
    ['ZADD', 'userKeyEnds', end, `1700:${id} api_1`],
    ['ZADD', 'userKeyExpiriesapi_1', end, id],
  ];
}

const identity = ['SET', 'identity', 'the user'];

function create(before: string[][] = [], args: Args = {}, more: Omit<ScriptRun, 'before' | 'args'> = {}) {
  return runScript(redis.client, 'createApiKey', {
    before: [identity, ...before],
    args: {
      ...{
        place: '1800:new',
        value: keyText('new', '0'),
        maxKeys: '9',
        maxRecords: '9',
        userQuotaBytes: '0',
        maxResponses: '0',
      },
      ...{ newIdentity: 'a new user', externalId: 'dXNlcg', ...args },
    },
    writes: ['keyIdsnew', 'apiKeyOrdersapi_1', 'userKeyExpiriesapi_1'],
    ...more,
  });
}
const size = sizeOf(keyText('new', '0'));
/** The records of the user and of the new key, which is the only one. */
const recordsOfNew = {
  identity: 'the user',
  apiKey: keyText('new', '0'),
  keyIdsnew: 'apiKey',
  apiKeyOrdersapi_1: { '1800:new': '0' },
  userKeyOrder: { '1800:new': '0' },
  userKeyEnds: { '1800:new api_1': 'inf' },
  userKeyExpiriesapi_1: { new: 'inf' },
};
/** The outcome, and which keys the user has then. */
async function keysAfter(...input: Parameters<typeof create>): Promise<[outcome: unknown, keys: string[]]> {
  const { reply, records } = await create(...input);
  const order = (records['userKeyOrder'] ?? {}) as object;
  return [reply[0], Object.keys((order as { value?: object }).value ?? order).map((place) => place.slice(5))];
}

describe('createApiKey', () => {
  test('writes a key without an end, and counts it for the workspace and the user', async () => {
    const { reply, records, hour } = await create([], { quotaBytes: String(size), userQuotaBytes: String(size) });
    expect(reply).toEqual(['ok']);
    expect(records).toEqual({
      ...recordsOfNew,
      quota: { total: String(size), swept: hour(0) },
      userQuota: { total: String(size), swept: hour(0) },
      audit: { '@0@-0': 'entry' },
    });
  });

  test('writes a key that ends, and all of it lives 30 days longer', async () => {
    const expires = `@${40 * day}@`;
    const { reply, records, hour } = await create([], { value: keyText('new', expires) });
    const left = 40 * day + grace;
    const bytes = sizeOf(keyText('new', expires));
    const counted = { total: String(bytes), swept: hour(0), [hour(left)]: String(bytes) };
    expect(reply).toEqual(['ok']);
    expect(records).toEqual({
      identity: 'the user',
      apiKey: lasts(left, keyText('new', expires)),
      keyIdsnew: lasts(left, 'apiKey'),
      keyEnds: { '1800:new api_1': expect.any(String) },
      apiKeyOrdersapi_1: { '1800:new': '0' },
      userKeyOrder: lasts(left, { '1800:new': '0' }),
      userKeyEnds: lasts(left, { '1800:new api_1': `@${40 * day}@` }),
      userKeyExpiriesapi_1: lasts(left, { new: `@${40 * day}@` }),
      quota: counted,
      userQuota: lasts(left, counted),
      audit: { '@0@-0': 'entry' },
    });
  });

  test.each<[string, string[][], Args, unknown[]]>([
    ['over the quota of the workspace', [], { quotaBytes: String(size - 1) }, ['quota_exceeded']],
    ['over the quota of the user', [], { userQuotaBytes: String(size - 1) }, ['user_quota_exceeded']],
    ['over the limit of active keys', [], { maxKeys: '0' }, ['limit_exceeded']],
    ['over the limit of records', [], { maxRecords: '0' }, ['no_room']],
    ['that exists', [['SET', 'apiKey', 'there']], {}, ['exists', 'there']],
  ])('writes nothing of a key %s', async (_, before, args, expected) => {
    const { reply, records } = await create(before, args);
    expect(reply).toEqual(expected);
    expect(Object.keys(records).filter((name) => !/quota/i.test(name))).toEqual(
      before.length > 0 ? ['identity', 'apiKey'] : ['identity'],
    );
  });

  test('counts keys towards the limit that are active in this very moment', async () => {
    const keys = [...keyOf('a', '0'), ...keyOf('b', '@50@'), ...keyOf('c', '@0@')];
    expect((await create(keys, { maxKeys: '3' })).reply).toEqual(['ok']);
    expect((await create(keys, { maxKeys: '2' })).reply).toEqual(['limit_exceeded']);
    // One that has ended when it is written needs no place.
    expect((await create(keys, { maxKeys: '2', value: keyText('new', '@-1@') })).reply).toEqual(['ok']);
  });
});

describe('room for the records of keys', () => {
  const gone = (id: string, secondsAgo: number) => keyOf(id, `@-${grace + secondsAgo}@`);

  test('four keys whose time is over are removed each time, those that ended first', async () => {
    const keys = [
      ...gone('a', 6),
      ...gone('b', 5),
      ...gone('c', 4),
      ...gone('d', 3),
      ...gone('e', 0),
      ...keyOf('f', '@-5@'),
    ];
    expect(await keysAfter(keys)).toEqual(['ok', ['e', 'f', 'new']]);
  });

  test('keys that have ended make room at the limit, and no key that is valid', async () => {
    const ended = ['a', 'b', 'c', 'd', 'e'].flatMap((id, i) => keyOf(id, `@${i - 9}@`));
    const valid = keyOf('v', '@1@');
    expect(await keysAfter([...valid, ...ended], { maxRecords: '7' })).toEqual([
      'ok',
      ['a', 'b', 'c', 'd', 'e', 'v', 'new'],
    ]);
    expect(await keysAfter([...valid, ...ended], { maxRecords: '6' })).toEqual(['ok', ['e', 'v', 'new']]);
    expect(await keysAfter([...valid, ...keyOf('a', '@0@')], { maxRecords: '2' })).toEqual(['ok', ['v', 'new']]);
    expect(await keysAfter(valid, { maxRecords: '1' })).toEqual(['no_room', ['v']]);
  });

  test('a key that is removed is gone everywhere, with its bytes', async () => {
    const value = keyText('a', '@-5@');
    const { records, hour } = await create(
      [
        ...keyOf('a', '@-5@'),
        ['SET', 'apiKeyRateshash_a', '3'],
        ['SET', 'apiKeyRateshash_a:policy', '4'],
        ['HSET', 'quota', 'total', '9000', 'swept', '#0#', `#${grace - 5}#`, '8000'],
      ],
      { maxRecords: '1' },
    );
    expect(records).toEqual({
      ...recordsOfNew,
      quota: {
        total: String(9000 - sizeOf(value) + size),
        swept: hour(0),
        [hour(grace - 5)]: String(8000 - sizeOf(value)),
      },
      // The user had nothing of it.
      userQuota: expect.anything(),
      audit: { '@0@-0': 'entry' },
    });
  });

  test('lists lose two keys whose records are gone each time, and forgetKeys as many as it is told', async () => {
    const left = [
      ['ZADD', 'keyEnds', '@-3@', '1:a api_1', '@-2@', '2:b api_1', '@0@', '3:c api_1', '@1@', '4:d api_1'],
      ['ZADD', 'apiKeyOrdersapi_1', '0', '1:a', '0', '2:b', '0', '3:c', '0', '4:d'],
    ];
    const { records } = await create(left);
    expect([records['keyEnds'], records['apiKeyOrdersapi_1']]).toEqual([
      { '3:c api_1': '@0@', '4:d api_1': '@1@' },
      { '1800:new': '0', '3:c': '0', '4:d': '0' },
    ]);
    const forget = async (many: string) => {
      const forgotten = await runScript(redis.client, 'forgetKeys', { before: left, args: { many } });
      return [forgotten.reply, Object.keys(forgotten.records['apiKeyOrdersapi_1'] ?? {})];
    };
    expect(await forget('1')).toEqual([
      ['ok', 1],
      ['2:b', '3:c', '4:d'],
    ]);
    expect(await forget('9')).toEqual([['ok', 3], ['4:d']]);
  });
});

describe('the quota of a user', () => {
  const used = (total: number) => ['HSET', 'userQuota', 'total', String(total), 'swept', '#0#'];

  test('has room for the last byte, and 0 is no quota', async () => {
    expect((await create([used(1000)], { userQuotaBytes: String(1000 + size) })).reply).toEqual(['ok']);
    expect((await create([used(1000)], { userQuotaBytes: String(999 + size) })).reply).toEqual(['user_quota_exceeded']);
    expect((await create([used(1e9)], { userQuotaBytes: '0' })).reply).toEqual(['ok']);
  });

  const ended = [...keyOf('a', '@-9@'), ...keyOf('b', '@-8@'), ...keyOf('v', '@9@')];
  const one = sizeOf(keyText('a', '@-9@'));

  test.each<[string, number, string, string[]]>([
    ['none without need', 0, 'ok', ['a', 'b', 'v', 'new']],
    ['one for a byte', 1, 'ok', ['b', 'v', 'new']],
    ['one for all of its bytes', one, 'ok', ['b', 'v', 'new']],
    ['two for a byte more', one + 1, 'ok', ['v', 'new']],
    // No more than the new one has.
    ['as many as the new one needs', 100_000, 'ok', ['b', 'v', 'new']],
  ])('is freed by keys that have ended: %s', async (_, missing, outcome, left) => {
    const quota = 10_000 + size - missing;
    const long = missing > one && missing < 100_000 ? 'x'.repeat(100) : '{}';
    const extra = long.length - 2;
    const input: Parameters<typeof create> = [
      [used(10_000), ...ended],
      { userQuotaBytes: String(Math.max(quota + extra, 1)), value: keyText('new', '0', long) },
    ];
    expect(await keysAfter(...input)).toEqual([outcome, left]);
  });

  test('is not freed by keys if all that have ended are too small', async () => {
    const value = keyText('new', '0', 'x'.repeat(20_000));
    const sixteen = Array.from({ length: 16 }, (_, i) => keyOf(`k${i + 10}`, `@${i - 90}@`)).flat();
    const quota = (missing: number) => ({
      value,
      userQuotaBytes: String(50_000 + sizeOf(value) - missing),
      maxRecords: '99',
    });
    const bytes = 16 * sizeOf(keyText('k10', '@-90@'));
    expect((await create([used(50_000), ...sixteen], quota(bytes))).reply).toEqual(['ok']);
    expect((await create([used(50_000), ...sixteen], quota(bytes + 1))).reply).toEqual(['user_quota_exceeded']);
    const more = await keysAfter([used(50_000), ...sixteen, ...keyOf('k30', '@-1@')], quota(bytes + 1));
    expect([more[0], more[1].length]).toEqual(['user_quota_exceeded', 17]);
  });

  test('is not freed by a key whose records are gone, nor by the key that changes', async () => {
    const gone = ['ZADD', 'userKeyEnds', '@-90@', '1700:gone api_1'];
    const quota = { userQuotaBytes: String(9_999 + size) };
    expect(await keysAfter([used(10_000), gone, ...keyOf('a', '@-9@')], quota)).toEqual(['ok', ['new']]);
    expect((await create([used(10_000), gone], quota)).reply).toEqual(['user_quota_exceeded']);
    const replace = async (other: string[][]) => {
      const value = keyText('a', '@-9@');
      const { reply, records } = await runScript(redis.client, 'replaceApiKey', {
        before: [used(10_000), ['SET', 'apiKey', value], ...keyOf('a', '@-9@'), ...other],
        args: {
          ...{ textRead: value.slice(14), text: keyText('a', '@-9@', '{"a":1}').slice(14), place: '1700:a' },
          ...{ userQuotaBytes: '9999', maxKeys: '9' },
        },
      });
      return [reply, Object.keys(records).filter((name) => name.startsWith('apiKeyshash'))];
    };
    expect(await replace([])).toEqual([['user_quota_exceeded'], ['apiKeyshash_a']]);
    expect(await replace(keyOf('b', '@-8@'))).toEqual([['ok'], ['apiKeyshash_a']]);
  });

  test.each<[number, string]>([
    [-1, 'ok'],
    [0, 'ok'],
    [1, 'user_quota_exceeded'],
  ])('that is full allows a change of a key by %i bytes: %s', async (more, outcome) => {
    const value = keyText('a', '0', 'four');
    const { reply } = await runScript(redis.client, 'replaceApiKey', {
      before: [used(5000), ['SET', 'apiKey', value], ...keyOf('a', '0', 'four')],
      args: {
        ...{ textRead: value.slice(14), text: keyText('a', '0', 'x'.repeat(4 + more)).slice(14), place: '1700:a' },
        // Its own place is not a new one, although its user has as many keys as allowed.
        ...{ userQuotaBytes: '100', maxKeys: '1' },
      },
    });
    expect(reply).toEqual([outcome]);
  });
});

describe('a response that is stored for repeated requests', () => {
  const name = 'session-response:sess_1:own';
  const request = (args: Args = {}, before: string[][] = []) =>
    create(
      before,
      { responseRecord: 'the response', responseExpiresAt: '0', ...args },
      { keys: { sessionResponse: name } },
    );
  const bytes = size + 'the response'.length + 300;

  test.each([
    ['for a day', '0', day],
    ['until its session ends', '@500@', 500],
  ])('lives %s, and counts', async (_, responseExpiresAt, left) => {
    const args = { responseExpiresAt, maxResponses: '2', quotaBytes: String(bytes), userQuotaBytes: String(bytes) };
    const { reply, records, hour } = await request(args);
    expect(reply).toEqual(['ok']);
    const quota = { total: String(bytes), swept: hour(0), [hour(left)]: String(bytes - size) };
    expect(records).toMatchObject({
      [name]: lasts(left, 'the response'),
      storedResponses: lasts(left, ['sess_1:own']),
      ...{ quota, userQuota: quota },
    });
    expect((await request({ ...args, quotaBytes: String(bytes - 1) })).reply).toEqual(['quota_exceeded']);
    expect((await request({ ...args, userQuotaBytes: String(bytes - 1) })).reply).toEqual(['user_quota_exceeded']);
  });

  test('is not listed for a caller without a limit of responses, and not stored for a request that cannot be repeated', async () => {
    const { records } = await request();
    expect([records[name], records['storedResponses']]).toEqual([lasts(day, 'the response'), undefined]);
    const once = await request({ responseRecord: '', maxResponses: '2' }, [['SET', name, 'of another request']]);
    expect([once.reply, once.records[name], once.records['storedResponses']]).toEqual([
      ...[['ok'], 'of another request', undefined],
    ]);
  });

  test('is the reply to the same request, which does nothing more', async () => {
    const { reply, records } = await request({ maxResponses: '1' }, [
      ['SET', name, 'stored'],
      ['SADD', 'storedResponses', 'sess_1:own'],
    ]);
    expect([reply, records]).toEqual([
      ['repeated', 'stored'],
      { identity: 'the user', [name]: 'stored', storedResponses: ['sess_1:own'] },
    ]);
  });

  test('is one of as many as its session may have', async () => {
    const two = [['SADD', 'storedResponses', 'sess_1:one', 'sess_1:two']];
    expect((await request({ maxResponses: '3' }, two)).reply).toEqual(['ok']);
    const refused = await request({ maxResponses: '2' }, two);
    expect([refused.reply, refused.records]).toEqual([
      ['too_many_responses'],
      { identity: 'the user', storedResponses: ['sess_1:one', 'sess_1:two'] },
    ]);
    expect((await request({ maxResponses: '0' }, two)).reply).toEqual(['ok']);
  });
});

test('eraseKeys removes keys, and the list of active keys lives as long as the last one that is left', async () => {
  const { reply, records } = await runScript(redis.client, 'eraseKeys', {
    before: [['SET', 'identity', '!id_1'], ...keyOf('a', '0'), ...keyOf('b', '@50@'), ...keyOf('c', '@90@')],
    args: { identityId: 'id_1', entries: ['1700:a api_1', '1700:c api_1'] },
  });
  expect(reply).toEqual(['ok']);
  expect(records).toMatchObject({
    identity: '!id_1',
    keyIdsb: 'hash_b',
    userKeyOrder: { '1700:b': '0' },
    userKeyEnds: { '1700:b api_1': '@50@' },
    userKeyExpiriesapi_1: lasts(50 + grace, { b: '@50@' }),
    apiKeyOrdersapi_1: { '1700:b': '0' },
  });
  expect(Object.keys(records).filter((name) => /^(keyIds|apiKeys)/.test(name))).toEqual(['keyIdsb', 'apiKeyshash_b']);
});

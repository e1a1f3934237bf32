/** What the script that verifies an API key replies and writes, by the key, the policies and the request (scripts/verifyApiKey.lua). */
import { afterAll, expect, test } from '@jest/globals';
import { openStage, type StageRecords } from '../support/stage.ts';

const stage = await openStage();
afterAll(stage.stop);

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
/** The start of a day in the future, so that no record expires during the test. */
const now = Date.UTC(2040, 0, 3);
const hash = 'f'.repeat(64);
const keyName = `api-key:${hash}`;
const [ownRate, policyRate] = [`api-key-rate:${hash}`, `api-key-rate:${hash}:policy`];
const [userRate, quotaUse] = ['user-rate:dXNlcg:api_1', 'quota-use:dXNlcg:api_1'];

interface Key {
  enabled?: number;
  expires?: number;
  rate?: [limit: number, duration: number];
  scopes?: string;
  ranges?: string;
}
/** The words of a policy that say something. */
interface Words {
  perKey?: string;
  perUser?: string;
  quota?: string;
  lifetime?: number;
  scopes?: string;
  ranges?: string;
}
type Period = [name: string, start: number, nextStart: number, nextEnd: number];
interface Scene {
  key?: Key;
  ofApi?: Words;
  ofUser?: Words;
  /** By default one that begins now. */
  period?: Period;
  asked?: string;
  at?: number;
  /** What limits have counted, and until when. */
  used?: Record<string, [count: string, end: number]>;
}

/** A key that was created a day ago, without its last use. */
const keyOf = ({ enabled = 1, expires = 0, rate = [0, 0], scopes = '-', ranges = '-' }: Key) =>
  ` 1 ${enabled} 0 0 ${now - day} ${expires} ${rate.join(' ')} key_1 api_1 dXNlcg ${scopes} ${ranges}\n{}`;
const wordsOf = ({ perKey, perUser, quota, lifetime, scopes, ranges }: Words) =>
  [perKey, perUser, quota, lifetime, scopes, ranges].map((word) => word ?? '-').join(' ');
const daily: Period = ['day,UTC', now, now + day, now + 2 * day];

/** The reply without the key, which must be first in it, and what was counted. */
async function verify({ key = {}, ofApi, ofUser, period = daily, asked = '', at = now, used = {} }: Scene) {
  const value = `0000000000000${keyOf(key)}`;
  const before: StageRecords = { [keyName]: value };
  if (ofUser !== undefined) before['identity-policy:dXNlcg'] = wordsOf(ofUser);
  for (const [name, [count]] of Object.entries(used)) before[name] = count;
  const { replies, records, ends } = await stage.play(
    before,
    [
      {
        script: 'verifyApiKey',
        now: at,
        keys: { record: keyName, ofUsers: '' },
        args: {
          ...{ controlVersion: '0', apiId: '', knownApis: 'api_1', asked },
          governed: ofApi === undefined ? '' : `api_1 ${wordsOf(ofApi)} ${period.join(' ')}`,
        },
      },
    ],
    Object.fromEntries(Object.entries(used).map(([name, [, end]]) => [name, end])),
  );
  const [code, found, ...rest] = replies[0] ?? [];
  const counted = [ownRate, policyRate, userRate, quotaUse].flatMap((name, i) =>
    name in records ? [[['own', 'policy', 'user', 'quota'][i], records[name], (ends[name] ?? Number.NaN) - at]] : [],
  );
  return { reply: [code, ...(found === value ? [] : [found]), ...rest], counted, records };
}
const replyOf = async (scene: Scene) => (await verify(scene)).reply;
const codeOf = async (scene: Scene) => (await replyOf(scene))[0];

test('the verification of an API key without any limit ends its reply after the policy of the user, and counts its use', async () => {
  const { reply, records } = await verify({});
  expect(reply).toEqual(['VALID', '']);
  expect(records).toEqual({
    [keyName]: now + keyOf({}),
    'usage-log:dXNlcg': { [`${now / minute} api_1 key_1 V`]: '1' },
    'usage-work': { dXNlcg: now + 5 * minute },
  });
  expect(await replyOf({ ofUser: { lifetime: 2 * day } })).toEqual(['VALID', `- - - ${2 * day} - -`]);
});

test.each<[string, Scene, string]>([
  ['a disabled key before its expiry', { key: { enabled: 0, expires: now } }, 'DISABLED'],
  ['a key that expires now', { key: { expires: now } }, 'EXPIRED'],
  ['a key that expires in a ms', { key: { expires: now + 1 } }, 'VALID'],
  ['ranges of the key alone', { key: { ranges: '=4c0/8' }, asked: '1  4c1000000' }, 'FORBIDDEN'],
  ['ranges of the key alone with an address in them', { key: { ranges: '=4c0/8' }, asked: '1  4c0000000' }, 'VALID'],
  ['ranges of the policy alone', { ofApi: { ranges: 'allowed,4c0/8' }, asked: '1  4c1000000' }, 'FORBIDDEN'],
  [
    'wanted scopes of a key without policy',
    { key: { scopes: '=read' }, asked: '1 write ' },
    'INSUFFICIENT_PERMISSIONS',
  ],
  [
    'wanted scopes that the key has and the policy allows',
    { key: { scopes: '=read' }, ofApi: { scopes: 'none' }, asked: '1 read ' },
    'VALID',
  ],
  ['a key without an end under a longest life that is over', { ofApi: { lifetime: day } }, 'EXPIRED'],
  ['a key without an end a ms before the end of its longest life', { ofApi: { lifetime: day + 1 } }, 'VALID'],
  ['a key with a later end than the policy', { key: { expires: now + day }, ofApi: { lifetime: day } }, 'EXPIRED'],
  ['a key with an earlier end than the policy', { key: { expires: now }, ofApi: { lifetime: 2 * day } }, 'EXPIRED'],
])('verify an API key: the decision on %s', async (_, scene, code) => {
  expect(await codeOf(scene)).toBe(code);
});

test.each<[string, value: string | undefined, apiId: string, knownApis: string, governed: string, reply: unknown[]]>([
  ['that does not exist', undefined, '', 'api_1', '', ['NOT_FOUND']],
  ['that another partition has', '>17', '', 'api_1', '', ['moved', '17']],
  ['of another API than the wanted one', keyOf({}), 'api_2', 'api_1', '', ['NOT_FOUND']],
  ['of the wanted API', keyOf({}), 'api_1', 'api_1', '', ['VALID', '']],
  ['of an API that the caller does not know', keyOf({}), '', 'api_2', '', ['unknown_api', 'api_1']],
  [
    'of an API that the caller does not know, with the policy of another',
    keyOf({}),
    '',
    'api_2',
    `api_3 ${wordsOf({})} - 0 0 0`,
    ['unknown_api', 'api_1'],
  ],
  ['of an API with the policy of it', keyOf({}), '', 'api_2', `api_1 ${wordsOf({})} - 0 0 0`, ['VALID', '']],
])('verify an API key %s', async (_, value, apiId, knownApis, governed, expected) => {
  const step = {
    ...{ script: 'verifyApiKey' as const, now, keys: { record: keyName, ofUsers: '' } },
    args: { controlVersion: '0', apiId, knownApis, governed, asked: '' },
  };
  const stored = value?.replace(/^ /, '0000000000000 ');
  const { replies } = await stage.play(stored === undefined ? {} : { [keyName]: stored }, [step]);
  expect(replies[0]?.filter((each) => each !== stored)).toEqual(expected);
});

test.each<[own: [number, number], 'own' | 'only policy']>([
  [[11, minute], 'only policy'],
  [[10, minute], 'only policy'],
  [[10, minute - 1], 'only policy'],
  [[10, minute + 1], 'own'],
  [[9, minute], 'own'],
  [[9, 54_000], 'own'],
  [[9, 53_999], 'only policy'],
  [[11, 2 * minute], 'only policy'],
])(
  'an API key is verified by its own limit %p under one of 10 per minute, if that is tighter: %s',
  async (rate, by) => {
    const { counted } = await verify({ key: { rate }, ofApi: { perKey: `10/${minute}` } });
    const ofPolicy = ['policy', '1', minute];
    expect(counted).toEqual(by === 'own' ? [['own', '1', rate[1]], ofPolicy] : [ofPolicy]);
  },
);

test.each<[string, Scene, reply: unknown[], counted: unknown[]]>([
  [
    'its own limit',
    { key: { rate: [5, hour] } },
    ['VALID', '', 5, hour, 4, now + hour, 0, -1, 0],
    [['own', '1', hour]],
  ],
  [
    'a cost',
    { key: { rate: [5, hour] }, asked: '3  ', used: { [ownRate]: ['2', now + minute] } },
    ['VALID', '', 5, hour, 0, now + minute, 0, -1, 0],
    [['own', '5', minute]],
  ],
  [
    'a cost of 0, which counts nothing',
    { key: { rate: [5, hour] }, asked: '0  ', used: { [ownRate]: ['4', now + minute] } },
    ['VALID', '', 5, hour, 1, now + minute, 0, -1, 0],
    [['own', '4', minute]],
  ],
  [
    'a cost of 0 and nothing left',
    { key: { rate: [5, hour] }, asked: '0  ', used: { [ownRate]: ['5', now + minute] } },
    ['RATE_LIMITED', '', 5, hour, 0, now + minute, 0, -1, 0],
    [['own', '5', minute]],
  ],
  [
    'a window of just the length of the limit, and a longer one of another policy',
    {
      key: { rate: [5, hour] },
      ofApi: { perUser: `9/${minute}` },
      used: { [ownRate]: ['2', now + hour], [userRate]: ['9', now + minute + 1] },
    },
    ['VALID', '', 5, hour, 2, now + hour, 0, -1, 0],
    [
      ['own', '3', hour],
      ['user', '1', minute],
    ],
  ],
  [
    'as much left of two limits: it shows the first',
    { key: { rate: [5, hour] }, ofApi: { perUser: `5/${minute}` } },
    ['VALID', '', 5, hour, 4, now + hour, 0, -1, 0],
    [
      ['own', '1', hour],
      ['user', '1', minute],
    ],
  ],
  [
    'nothing left of the first limit and something of the second',
    { key: { rate: [1, hour] }, ofApi: { perUser: `5/${minute}` } },
    ['VALID', '', 1, hour, 0, now + hour, 0, -1, 0],
    [
      ['own', '1', hour],
      ['user', '1', minute],
    ],
  ],
  ['a limit of 1', { key: { rate: [1, hour] } }, ['VALID', '', 1, hour, 0, now + hour, 0, -1, 0], [['own', '1', hour]]],
  [
    'less left of the second limit: it shows that',
    { key: { rate: [5, hour] }, ofApi: { perUser: `4/${minute}` } },
    ['VALID', '', 4, minute, 3, now + minute, 0, -1, 0],
    [
      ['own', '1', hour],
      ['user', '1', minute],
    ],
  ],
  [
    'a quota alone',
    { ofApi: { quota: '3,day,UTC' } },
    ['VALID', '', 0, 0, -1, 0, 3, 2, now + day],
    [['quota', '1', day]],
  ],
  [
    'the last of a quota',
    { ofApi: { quota: '3,day,UTC' }, used: { [quotaUse]: ['2', now + day] } },
    ['VALID', '', 0, 0, -1, 0, 3, 0, now + day],
    [['quota', '3', day]],
  ],
  [
    'a quota that is used up',
    { ofApi: { quota: '3,day,UTC' }, used: { [quotaUse]: ['3', now + day] } },
    ['USAGE_EXCEEDED', '', 0, 0, -1, 0, 3, 0, now + day],
    [['quota', '3', day]],
  ],
  [
    'a quota that was used up in another period',
    { ofApi: { quota: '3,day,UTC' }, used: { [quotaUse]: ['3', now + hour] } },
    ['VALID', '', 0, 0, -1, 0, 3, 2, now + day],
    [['quota', '1', day]],
  ],
  [
    'a rate limit that refuses and a quota, which counts nothing then',
    {
      key: { rate: [5, hour] },
      ofApi: { quota: '3,day,UTC' },
      used: { [ownRate]: ['5', now + hour], [quotaUse]: ['1', now + day] },
    },
    ['RATE_LIMITED', '', 5, hour, 0, now + hour, 3, 2, now + day],
    [
      ['own', '5', hour],
      ['quota', '1', day],
    ],
  ],
  [
    'a limit of its user instead of that of its API',
    { ofApi: { perUser: `9/${hour}` }, ofUser: { perUser: `2/${minute}` } },
    ['VALID', `- 2/${minute} - - - -`, 2, minute, 1, now + minute, 0, -1, 0],
    [['user', '1', minute]],
  ],
])('the verification of an API key counts and shows %s', async (_, scene, reply, counted) => {
  const found = await verify(scene);
  expect([found.reply, found.counted]).toEqual([reply, counted]);
});

const unknown = (at: number) => ['unknown_period', 'day,UTC', at];
const within = (reset: number) => ['VALID', '', 0, 0, -1, 0, 3, 2, reset];
test.each<[string, at: number, name: string, reply: unknown[]]>([
  ['a ms before the period', now - 1, 'day,UTC', unknown(now - 1)],
  ['the start of the period', now, 'day,UTC', within(now + day)],
  ['the last ms of the period', now + day - 1, 'day,UTC', within(now + day)],
  ['the start of the next period', now + day, 'day,UTC', within(now + 2 * day)],
  ['the last ms of the next period', now + 2 * day - 1, 'day,UTC', within(now + 2 * day)],
  ['the end of the next period', now + 2 * day, 'day,UTC', unknown(now + 2 * day)],
  ['the middle of a period of another kind', now + hour, 'day,Europe/Berlin', unknown(now + hour)],
])('an API key with a quota is verified at %s', async (_, at, name, reply) => {
  const period: Period = [name, now, now + day, now + 2 * day];
  expect(await replyOf({ ofApi: { quota: '3,day,UTC' }, at, period })).toEqual(reply);
});

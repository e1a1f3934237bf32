/**
 * What the scripts that read, report and migrate usage reply and write (scripts/readUsage.lua, readUsageDay.lua, readTopKeys.lua, readKeys.lua,
 * reportApiKey.lua, migrateUsage.lua).
 */
import { afterAll, expect, test } from '@jest/globals';
import { openStage, type StageRecords } from '../support/stage.ts';

const stage = await openStage();
afterAll(stage.stop);

const [minute, day] = [60_000, 86_400_000];
/** The start of a day in the future, so that no record expires during the test. */
const now = Date.UTC(2040, 0, 3);
const prefixes = { usageDays: 'usage:', usageTops: 'usage-top:', keyIds: 'key-id:', apiKeys: 'api-key:' };
const usageLog = {
  ...{ '1439 api_1 key_1 V': '2', '1440 api_1 key_1 R': '3', '1440 api_2 key_1 V': '4' },
  ...{ '2879 api_1  V': '5', '2880 api_1 key_2 V': '6' },
};

/** The reply of one script. */
async function reply(
  script: 'readUsage' | 'readUsageDay' | 'readTopKeys' | 'readKeys',
  before: StageRecords,
  args: Record<string, string | number | string[]>,
) {
  return (await stage.play(before, [{ script, now, keys: prefixes, args }])).replies[0];
}

test.each([
  ['total', '#', '$'],
  ['quarters', 'qu', 'ar'],
  ['minutes', 'mi', 'nu'],
])(
  'the usage of an API, and of one of its keys, is read from the log and from each day: its %s',
  async (part, one, two) => {
    const before = {
      usageLog,
      'usage:0': { V: '#qu mi', Vkey_1: '$ar nu' },
      'usage:1': { F: '$ar nu' },
      'usage:2': { V: '#qu mi' },
      'usage:3': { V: '#qu mi' },
    };
    const args = { apiId: 'api_1', part, firstDay: 1, lastDay: 2 };
    const ofApi = Object.entries(usageLog).filter(([field]) => field.includes('api_1'));
    expect(await reply('readUsage', before, { ...args, keyId: '' })).toEqual([
      ...['ok', 4, ...ofApi.flat()],
      ...[1, 'F', two, 2, 'V', one],
    ]);
    expect(await reply('readUsage', before, { ...args, keyId: 'key_1', firstDay: 0 })).toEqual([
      ...['ok', 2, ...ofApi.slice(0, 2).flat()],
      ...[0, 'V', two],
    ]);
  },
);

test('the usage of a day is read from the log, from its first to its last minute, and from its record', async () => {
  const before = { usageLog, usageDay: { V: '#qu', Vkey_1: '#qu' } };
  expect(await reply('readUsageDay', before, { apiId: 'api_1', day: 1 })).toEqual([
    ...['ok', 2, '1440 api_1 key_1 R', '3', '2879 api_1  V', '5'],
    ...['V', '#qu', 'Vkey_1', '#qu'],
  ]);
});

test('the top keys of usage are read from the log, from the index of each day, and from days without one', async () => {
  const before = {
    usageLog,
    'usage-top:0': { key_9: 9 },
    'usage-top:1': { key_1: 5, key_2: 7, key_3: 6 },
    'usage:1': { V: '#', Vkey_4: '#' },
    'usage:2': { V: '%', Vkey_5: '#qu', Rkey_5: 'B$qu mi' },
    'usage:3': { Vkey_6: '#' },
  };
  const args = { apiId: 'api_1', firstDay: 1, lastDay: 2, many: 2 };
  expect(await reply('readTopKeys', before, args)).toEqual([
    ...['ok', 'key_1', '3', 'key_2', '6'],
    ...['key_2', '7', 'key_3', '6', 'key_5', 2, 'key_5', 35],
  ]);
});

test('the newest keys of a user are read, with the usage of the first ones and of those that are named', async () => {
  const values = [1, 2, 3, 4].map((i) => `0000000000000 1 1 0 0 1 0 0 0 key_${i} api_1 dXNlcg - -\n{}`);
  const before = {
    userKeyOrder: { '1:key_1': 0, '2:key_2': 0, '3:key_3': 0, '4:key_4': 0 },
    // Of the last one only the place is left.
    ...Object.fromEntries([1, 2, 3].map((i) => [`key-id:key_${i}`, `h${i}`])),
    ...Object.fromEntries([1, 2, 3].map((i) => [`api-key:h${i}`, values[i - 1] ?? ''])),
    usageLog: { '1 api_1 key_1 V': '2', '1 api_1 key_2 V': '3', '1 api_1 key_3 V': '4', '1 api_2 key_9 V': '5' },
    'usage:api_1:1': { Vkey_1: '#qu', Vkey_2: '#qu', Vkey_3: '#ar mi', Fkey_3: '#te' },
    'usage:api_2:2': { Vkey_9: '$rs', Vkey_3: '#qu' },
    'usage:api_2:3': { Vkey_9: '$qu' },
  };
  const args = { many: 3, usedMany: 1, firstDay: 1, lastDay: 2 };
  expect(await reply('readKeys', before, { ...args, named: ['api_2 key_9'] })).toEqual([
    ...['ok', 2, 2, values[2], values[1]],
    ...['1 api_1 key_3 V', '4', '1 api_2 key_9 V', '5'],
    ...['key_3', 1, 'ar', 'key_3', 1, 'te', 'key_9', 2, 'rs'],
  ]);
  expect(await reply('readKeys', before, { ...args, usedMany: 0, named: [] })).toEqual([
    ...['ok', 2, 0, values[2], values[1]],
  ]);
});

test('a report of the use of an API key is counted once for each position, for a known API', async () => {
  const fields = ' 1 1 0 0 1 0 0 0 key_1 api_1 dXNlcg - -\n{}';
  const step = (position: string, args: Record<string, string> = {}) => ({
    ...{ script: 'reportApiKey' as const, now, keys: { ofUsers: '' } },
    args: { controlVersion: '0', knownApis: 'api_1', position, many: '3', reportTtlSeconds: 300, ...args },
  });
  const before = { apiKey: `0000000000000${fields}` };
  const steps = [step('1'), step('1'), step('2', { many: '1' }), step('3', { knownApis: 'api_2' })];
  const { replies, records, ends } = await stage.play(before, steps);
  expect(replies).toEqual([['ok'], ['counted_before'], ['ok'], ['unknown_api', 'api_1']]);
  expect(records).toEqual({
    ...{ apiKey: now + fields, report: ['1', '2'] },
    'usage-log:dXNlcg': { [`${now / minute} api_1 key_1 V`]: '4' },
    'usage-work': { dXNlcg: now + 5 * minute },
  });
  expect(Object.keys(ends)).toEqual(['report']);
  expect(Number(ends['report']) - Date.now()).toBeGreaterThan(200_000);
  expect(Number(ends['report']) - Date.now()).toBeLessThanOrEqual(300_000);
  expect((await stage.play({ apiKey: '>17' }, [step('1')])).replies).toEqual([['moved', '17']]);
  expect((await stage.play({}, [step('1')])).replies).toEqual([['NOT_FOUND']]);
});

test('the usage of 0.1.0 is migrated into the log, each part once, and is to be rolled up now at the latest', async () => {
  const step = (part: string, work: Record<string, number>) =>
    [
      { usageLog: { '5 api_1 key_1 V': '1' }, ...(Object.keys(work).length > 0 && { usageWork: work }) },
      ['5 V 2;6 R 30;', '7 V 4;'].map((counts) => ({
        ...{ script: 'migrateUsage' as const, now },
        args: {
          ...{ part, user: 'dXNlcg', apiId: 'api_1', keyId: 'key_1', counts },
          ...{ newIdentity: 'identity', externalId: 'user' },
        },
      })),
    ] as const;
  const play = async (work: Record<string, number>) => stage.play(...step('part', work));
  const { replies, records } = await play({});
  expect([replies, records]).toEqual([
    [['ok'], ['ok']],
    {
      ...{ migrated: ['part'], identity: 'identity', identities: { user: 0 }, quota: { total: '308' } },
      usageLog: { '5 api_1 key_1 V': '3', '6 api_1 key_1 R': '30' },
      usageWork: { dXNlcg: now },
    },
  ]);
  expect((await play({ dXNlcg: now - 1 })).records['usageWork']).toEqual({ dXNlcg: now - 1 });
  expect((await play({ dXNlcg: now + day })).records['usageWork']).toEqual({ dXNlcg: now });
});

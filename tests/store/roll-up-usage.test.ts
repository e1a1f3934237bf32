/**
 * What the scripts that move and remove usage leave of a user (scripts/rollUpUsage.lua, forgetMinutes.lua, eraseUsage.lua): every record
 * with its end.
 */
import { afterAll, expect, test } from '@jest/globals';
import { fewFields } from '../../src/server/store/scripts/usage.ts';
import { readDayField, readSeries } from '../../src/server/store/usage-series.ts';
import { openStage, type StageRecords } from '../support/stage.ts';

const stage = await openStage();
afterAll(stage.stop);

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
/** The start of a day in the future, so that no record expires during the test, with its number and that of its first minute. */
const start = Date.UTC(2040, 0, 3);
const [today, first] = [start / day, start / minute];
const noon = start + 12 * hour + 30_000;

/** A number as a record of a day has it, and a field of a day with one count. */
const text = (number: number, least = 33): string =>
  (number >= 32 ? text(Math.floor(number / 32), 65) : '') + String.fromCharCode(least + (number % 32));
const at = (position: number, count: number) => text(position) + text(position) + text(count);
const field = (position: number, count: number) =>
  `${text(count)}${at(Math.floor(position / 15), count)} ${at(position, count)}`;

/** A field of a day as its total, its quarter hours and its minutes. */
function parts(value: string) {
  const { total, quarters, minutes } = readDayField(value);
  return [total, readSeries(quarters), readSeries(minutes)];
}
/** The same for all days. */
const readDays = (records: StageRecords) =>
  Object.fromEntries(
    Object.entries(records).map(([name, record]) => [
      name,
      name.startsWith('usage:')
        ? Object.fromEntries(Object.entries(record).map(([one, value]) => [one, parts(value)]))
        : record,
    ]),
  );

/** The reply and what is left of one step. */
async function rollUp(before: StageRecords, now: number, ends: Record<string, number> = {}, restTtlMs = 90 * day) {
  const keys = { usageDays: 'usage:', usageTops: 'usage-top:' };
  const args = { user: 'user', cursor: '0', restTtlMs };
  const left = await stage.play(before, [{ script: 'rollUpUsage', now, keys, args }], ends);
  return { reply: left.replies[0], records: readDays(left.records), ends: left.ends };
}

test('a roll-up of usage moves closed minutes to the days of their APIs, with their keys, and leaves the open minute', async () => {
  const open = { [`${first + 720} api_1 key_1 V`]: '9' };
  const usageLog = {
    ...{ [`${first + 15} api_1 key_1 V`]: '2', [`${first + 30} api_1 key_1 V`]: '3' },
    ...{ [`${first + 15} api_1 key_1 R`]: '1', [`${first + 15} api_1  V`]: '4' },
    ...{ [`${first - 1} api_2 key_2 V`]: '5', ...open },
  };
  const stored = { V: field(15, 7) };
  const left = await rollUp({ usageLog, [`usage:api_1:${today}`]: stored }, noon);
  const one = (count: number, position: number) => [count, [[Math.floor(position / 15), count]], [[position, count]]];
  const two = (count: number, other: number) => [
    count + other,
    [
      [1, count],
      [2, other],
    ],
    [
      [15, count],
      [30, other],
    ],
  ];
  expect(left).toEqual({
    reply: ['done'],
    records: {
      usageLog: open,
      [`usage:api_1:${today}`]: { V: two(13, 3), Vkey_1: two(2, 3), R: one(1, 15), Rkey_1: one(1, 15) },
      [`usage:api_2:${today - 1}`]: { V: one(5, 1439), Vkey_2: one(5, 1439) },
      usageApis: ['api_1', 'api_2'],
      usageWork: {
        user: noon + 5 * minute,
        [`user:api_1:${today}`]: start + 3 * day,
        [`user:api_2:${today - 1}`]: start + 2 * day,
      },
    },
    ends: {
      [`usage:api_1:${today}`]: start + 91 * day,
      [`usage:api_2:${today - 1}`]: start + 90 * day,
      usageApis: start + 91 * day,
    },
  });
});

test('a roll-up of usage without a closed minute changes nothing but when to look again', async () => {
  const usageLog = { [`${first + 720} api_1 key_1 V`]: '9' };
  const left = await rollUp({ usageLog, usageWork: { user: 1 } }, noon);
  expect(left).toEqual({ reply: ['done'], records: { usageLog, usageWork: { user: noon + 5 * minute } }, ends: {} });
});

test.each([
  ['shorter than any limit: the list of APIs lives as long as a limit', day, 33 * day],
  ['longer than any limit', 40 * day, 41 * day],
])('usage that is rolled up lives for a retention %s', async (_, retention, listed) => {
  const usageLog = { [`${first} api_1  V`]: '1' };
  const dayName = `usage:api_1:${today}`;
  const fresh = await rollUp({ usageLog }, noon, {}, retention);
  const ends = { [dayName]: start + day + retention, usageApis: start + listed };
  expect(fresh.ends).toEqual(ends);
  const earlier = await rollUp({ usageLog, usageApis: ['api_2'] }, noon, { usageApis: start + 2 * day }, retention);
  expect([earlier.ends, earlier.records['usageApis']]).toEqual([ends, ['api_1', 'api_2']]);
  const later = await rollUp({ usageLog, usageApis: ['api_2'] }, noon, { usageApis: start + 99 * day }, retention);
  expect(later.ends).toEqual({ ...ends, usageApis: start + 99 * day });
});

test('a roll-up of usage into fields that a day has changes neither its end nor the list of APIs', async () => {
  const stored = { V: field(15, 1), Vkey_1: field(15, 1) };
  const before = { usageLog: { [`${first + 15} api_1 key_1 V`]: '1' }, [`usage:api_1:${today}`]: stored };
  const { records, ends } = await rollUp(before, noon, { [`usage:api_1:${today}`]: start + 7 * day });
  const twice = [2, [[1, 2]], [[15, 2]]];
  expect([records, ends]).toEqual([
    {
      [`usage:api_1:${today}`]: { V: twice, Vkey_1: twice },
      usageWork: { [`user:api_1:${today}`]: start + 3 * day },
    },
    { [`usage:api_1:${today}`]: start + 7 * day },
  ]);
});

test.each([
  ['the last ms for which minutes are stored', -1, [[15, 1]]],
  ['the end of the time for which minutes are stored', 0, []],
])('usage that is rolled up in %s', async (_, ms, minutes) => {
  const usageLog = { [`${first + 15} api_1  V`]: '1' };
  const { reply, records } = await rollUp({ usageLog, usageWork: { user: 1, other: 2 } }, start + 3 * day + ms);
  const work = minutes.length > 0 ? { other: 2, [`user:api_1:${today}`]: start + 3 * day } : { other: 2 };
  const rest = { [`usage:api_1:${today}`]: { V: [1, [[1, 1]], minutes] }, usageApis: ['api_1'] };
  expect([reply, records]).toEqual([['done'], { ...rest, usageWork: work }]);
});

const keysOf = (many: number) => Array.from({ length: many }, (_, i) => `key_${i}`);
test.each([
  ['as many fields as a day has without an index', fewFields - 1],
  ['one more, and so with an index of its keys', fewFields],
])('a roll-up of usage makes a day of %s', async (_, many) => {
  const usageLog = Object.fromEntries(keysOf(many).map((id) => [`${first} api_1 ${id} V`, '3']));
  const { records, ends } = await rollUp({ usageLog }, noon);
  const top = `usage-top:api_1:${today}`;
  expect(records[top]).toEqual(many === fewFields ? Object.fromEntries(keysOf(many).map((id) => [id, 3])) : undefined);
  expect(ends[top]).toBe(many === fewFields ? start + 91 * day : undefined);
});

test('a roll-up of usage adds all outcomes of a key to the index that a day has', async () => {
  const usageLog = {
    ...{ [`${first} api_1 key_1 V`]: '3', [`${first} api_1 key_1 R`]: '4' },
    ...{ [`${first} api_1 key_2 V`]: '1', [`${first} api_1  V`]: '8' },
  };
  const top = `usage-top:api_1:${today}`;
  const { records } = await rollUp({ usageLog, [top]: { key_1: 10, key_3: 2 } }, noon);
  expect(records[top]).toEqual({ key_1: 17, key_2: 1, key_3: 2 });
});

test('a roll-up of usage moves a hundred fields at once and says that there are more', async () => {
  const usageLog = Object.fromEntries(keysOf(101).map((_, i) => [`${first + i} api_1  V`, '1']));
  const { reply, records } = await rollUp({ usageLog, usageWork: { user: 1 } }, noon);
  expect([reply, Object.keys(records['usageLog'] ?? {}).length]).toEqual([['more', '0'], 1]);
  expect(records['usageWork']).toEqual({ user: 1, [`user:api_1:${today}`]: start + 3 * day });
});

test('the minutes of a day that are no longer stored are forgotten, once, and the rest of it stays', async () => {
  const step = {
    ...{ script: 'forgetMinutes' as const, now: noon, args: { entry: 'user:api_1:1', cursor: '0' } },
  };
  const usageDay = { V: field(15, 1), Vkey_1: field(15, 1) };
  const left = await stage.play({ usageDay, usageWork: { 'user:api_1:1': 1, user: 2 } }, [step, step]);
  const rest = text(1) + at(1, 1);
  expect(left).toEqual({
    replies: [['done'], ['done']],
    records: { usageDay: { V: rest, Vkey_1: rest }, usageWork: { user: 2 } },
    ends: {},
  });
});

test('the usage of an erased user goes with its limits, of every API and of every day that it may have', async () => {
  const step = {
    script: 'eraseUsage' as const,
    now: noon,
    keys: { usageDays: 'usage:', usageTops: 'usage-top:', userRates: 'user-rate:', quotaUses: 'quota-use:' },
    args: { identityId: 'id_1', user: 'user' },
  };
  const days = [today - 370, today - 369, today, today + 1, today + 2];
  const ofDays = days.flatMap((number) => [
    ...[[`usage:api_1:${number}`, { V: field(15, 1) }] as const, [`usage-top:api_2:${number}`, { key_1: 1 }] as const],
  ]);
  const outside = [today - 370, today + 2];
  const stays = {
    ...{ identity: '!id_1', 'user-rate:other:api_1': '1' },
    ...Object.fromEntries(ofDays.filter(([name]) => outside.some((number) => name.endsWith(`:${number}`)))),
  };
  const left = await stage.play(
    {
      ...{ ...Object.fromEntries(ofDays), ...stays },
      ...{ usageLog: { [`${first} api_1 key_1 V`]: '1' }, usageApis: ['api_2'] },
      ...{ 'user-rate:user:api_1': '1', 'quota-use:user:api_2': '1' },
      usageWork: { user: 1, other: 2, [`user:api_1:${today}`]: 3, [`other:api_1:${today}`]: 4 },
    },
    [step, step, step],
  );
  expect(left).toEqual({
    replies: [['more'], ['more'], ['done']],
    records: { ...stays, usageWork: { other: 2, [`other:api_1:${today}`]: 4 } },
    ends: {},
  });
});

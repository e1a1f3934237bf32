/** What the store reads of usage as 0.1.0 has stored it: minutes, quarter hours and keys of a day. */
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { countsText, namesOfDay, oldDayOf, readOldDay } from '../../src/server/store/old-usage.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { numbers } from '../support/store.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const target = await openTargetRedis(await sharedRedis());
const redis = connectRedis(target.url);
await redis.ready;
afterAll(async () => {
  await redis.close();
  await target.stop();
});
afterEach(() => void jest.restoreAllMocks());

const dayMs = 86_400_000;
const today = Math.floor(Date.now() / dayMs);
const old = { workspaceId: `ws_old_usage_${process.pid}`, user: 'dXNlcg', apiId: 'api_1' };
const ofUser = `portico:{${old.workspaceId}}:usage:user:dXNlcg:api_1:`;
const ofKey = (keyId: string) => `portico:{${old.workspaceId}}:usage:key:${keyId}:`;

test.each([
  ['usage:user:dXNlcg:api_1:q40000', 20_000],
  ['usage:user:dXNlcg:api_1:q40001', 20_000],
  ['usage:user:dXNlcg:api_1:q40002', 20_001],
  ['usage:user:dXNlcg:api_1:m40000', undefined],
  ['usage:user:dXNlcg:api_1:q40000x', undefined],
  ['usage:user:dXNlcg:api_1:qx', undefined],
  ['usage:user:dXN:lcg:api_1:q40000', undefined],
  ['more-usage:user:dXNlcg:api_1:q40000', undefined],
  ['usage:key:key_1:q40000', undefined],
])('a record of old usage with the name %s is of day %s', (rest, day) => {
  expect(oldDayOf(old.workspaceId, rest)).toEqual(day && { ...old, day });
});

describe('the names of a day of old usage', () => {
  const [day, hours] = [20_000, numbers(24).map((i) => `m${480_000 + i}`)];
  const at = (now: number) => {
    jest.spyOn(Date, 'now').mockReturnValue(now);
    return namesOfDay({ ...old, day }, ['k1', 'k2']);
  };

  test('have minutes for four days, and end with those by which the day is found', () => {
    const stretches = ['q40000', 'q40001', ...hours];
    expect(at((day + 4) * dayMs - 1)).toEqual([
      ...stretches.map((end) => ofKey('k1') + end),
      ...stretches.map((end) => ofKey('k2') + end),
      ...[...stretches.toReversed(), 't20000'].map((end) => ofUser + end),
    ]);
  });

  test('have only quarter hours after that', () => {
    const ends = ['q40000', 'q40001'];
    expect(at((day + 4) * dayMs)).toEqual([
      ...ends.map((end) => ofKey('k1') + end),
      ...ends.map((end) => ofKey('k2') + end),
      ...[`${ofUser}q40001`, `${ofUser}q40000`, `${ofUser}t20000`],
    ]);
  });
});

describe('the counts of a day of old usage', () => {
  test('are those of minutes where there are some, of quarter hours elsewhere, and of deleted keys by what is left', async () => {
    const minute = today * 1440;
    const write = async (prefix: string, more: number) => {
      // The third quarter hour has all of its minutes, the fourth some of them, the one at noon none.
      await target.client.hSet(`${prefix}q${today * 2}`, { '2V': 5 + more, '3V': 7 + more, '3R': 1 });
      await target.client.hSet(`${prefix}q${today * 2 + 1}`, { '0V': 2, '47D': 4 + more });
      await target.client.hSet(`${prefix}m${today * 24}`, { '30V': 2 + more, '37V': 3, '46V': 4, '45R': 1 });
      await target.client.hSet(`${prefix}m${today * 24 + 23}`, { '59D': 4 });
    };
    await write(ofUser, 1);
    await write(ofKey('k1'), 0);
    await target.client.zAdd(`${ofUser}t${today}`, [
      { score: 2, value: 'k1' },
      { score: 1, value: 'unused' },
    ]);
    const counts = await readOldDay(redis, { ...old, day: today });
    expect(counts).toEqual(
      new Map([
        ['unused', new Map()],
        [
          'k1',
          new Map([
            [`${minute + 30} V`, 2],
            [`${minute + 37} V`, 3],
            [`${minute + 45} V`, 3],
            [`${minute + 46} V`, 4],
            [`${minute + 45} R`, 1],
            [`${minute + 720} V`, 2],
            [`${minute + 1439} D`, 4],
          ]),
        ],
        [
          '',
          new Map([
            [`${minute + 30} V`, 1],
            [`${minute + 45} V`, 1],
            [`${minute + 1425} D`, 1],
          ]),
        ],
      ]),
    );
    expect(countsText(counts.get('') ?? new Map())).toBe(`${minute + 30} V 1;${minute + 45} V 1;${minute + 1425} D 1;`);
  });

  test('are read of each of many keys once', async () => {
    const [day, minute] = [today - 10, (today - 10) * 1440];
    const keyIds = numbers(41).map((i) => `many_${String(i).padStart(2, '0')}`);
    await target.client.zAdd(
      `${ofUser}t${day}`,
      keyIds.map((value) => ({ score: 1, value })),
    );
    await Promise.all(keyIds.map((keyId, i) => target.client.hSet(`${ofKey(keyId)}q${day * 2}`, { '1V': i + 1 })));
    await target.client.hSet(`${ofUser}q${day * 2}`, { '1V': (41 * 42) / 2 + 3, '1R': 5 });
    // Minutes of an old day are left over and count no more.
    await target.client.hSet(`${ofUser}m${day * 24}`, { '15V': 1 });
    expect(await readOldDay(redis, { ...old, day })).toEqual(
      new Map([
        ...keyIds.map((keyId, i) => [keyId, new Map([[`${minute + 15} V`, i + 1]])] as const),
        [
          '',
          new Map([
            [`${minute + 15} V`, 3],
            [`${minute + 15} R`, 5],
          ]),
        ] as const,
      ]),
    );
  });
});

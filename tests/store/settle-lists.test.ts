/** Which sessions leave the lists of a portal and a user (snippets/settleLists.lua). */
import { afterAll, expect, test } from '@jest/globals';
import { longestLifeSeconds } from '../../src/server/store/scripts/sessions.ts';
import { scripts } from '../../src/server/store/scripts.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { behindFunction } from '../support/snippets.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const redis = await openTargetRedis(await sharedRedis());
afterAll(() => redis.stop());

/** The script looks at its first keys before, which do not exist, and at its first argument, the version of the control data. */
const settle = `
local one, other, records = KEYS[#KEYS - 2], KEYS[#KEYS - 1], KEYS[#KEYS]
deadBelow = ARGV[2]
for i = 3, #ARGV do redis.call('ZADD', one, '0', ARGV[i]) end
redis.call('ZADD', other, '0', ARGV[3])
settleLists(records, {one, other})
return {redis.call('ZRANGE', one, 0, -1), redis.call('ZRANGE', other, 0, -1), redis.call('PTTL', one)}`;

let lists = 0;
/** What two lists have after they are settled, the second one with the first place alone, and the life of the first one in ms. */
async function settled(places: string[], living: string[], deadBelow: string, lifeMs?: number) {
  const prefix = `{settle-lists}:${process.pid}:${lists++}:`;
  const [one = '', other = '', records = ''] = ['one', 'other', 'session:'].map((name) => prefix + name);
  const missing = Array(scripts.createSession.NUMBER_OF_KEYS).fill(`${prefix}missing`);
  const sessions = living.map((name) => records + name);
  for (const name of sessions) await redis.client.set(name, 'session');
  if (lifeMs !== undefined) {
    await redis.client.zAdd(one, { score: 0, value: places[0] ?? '' });
    await redis.client.pExpire(one, lifeMs);
  }
  const script = behindFunction('createSession', 'settleLists', settle);
  const reply = await redis.client.eval(script, {
    keys: [...missing, one, other, records],
    arguments: ['0', deadBelow, ...places],
  });
  await redis.client.del([one, other, ...sessions]);
  const [ofOne, ofOther, life] = reply as [string[], string[], number];
  return { one: ofOne, other: ofOther, life };
}

test.each<[string, places: string[], living: string[], one: string[], other: string[]]>([
  ['none are below the time', ['5:a', '6:b'], [], ['5:a', '6:b'], ['5:a']],
  ['one has ended', ['4:a', '5:b'], [], ['5:b'], []],
  ['one is below the time and has not ended', ['4:a', '5:b'], ['a'], ['4:a', '5:b'], ['4:a']],
  ['all below the time have ended', ['3:a', '4:b', '5:c', '6:d'], [], ['5:c', '6:d'], []],
  ['one of several below the time has not ended', ['2:a', '3:b', '4:c', '5:d'], ['b'], ['3:b', '5:d'], []],
  [
    'several below the time have not ended',
    ['2:a', '3:b', '4:c', '5:d'],
    ['a', 'c', 'd'],
    ['2:a', '4:c', '5:d'],
    ['2:a'],
  ],
])('settled lists keep the sessions that may not have ended: %s', async (_, places, living, one, other) => {
  const found = await settled(places, living, '5:');
  expect([found.one, found.other]).toEqual([one, other]);
});

const listMs = (longestLifeSeconds + 7200) * 1000;
test.each([
  ['a list without an end gets that of its last session', undefined, listMs],
  ['a list that ends earlier gets that of its last session', 1_000_000, listMs],
  ['a list that ends later keeps its end', listMs + 50_000, listMs + 50_000],
])('settled lists live as long as their sessions: %s', async (_, before, after) => {
  const { life } = await settled(['5:a'], [], '5:', before);
  expect(life).toBeGreaterThan(after - 20_000);
  expect(life).toBeLessThanOrEqual(after);
});

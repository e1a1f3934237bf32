/** What a counter of the quota has after each record that a script writes or removes (snippets/quota.lua). */
import { afterAll, expect, test } from '@jest/globals';
import { sharedRedis } from '../support/shared/client.ts';
import { behindFunction } from '../support/snippets.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const redis = await openTargetRedis(await sharedRedis());
afterAll(() => redis.stop());

/** The start of an hour since 1970, in Unix ms. */
const at = (hour: number) => hour * 3_600_000;
/** The last moment of the hour before. */
const justBefore = (hour: number) => at(hour) - 1;

type Step = [step: 'charge' | 'refund', at: number, bytes: number, ending: number];
type Counter = Record<string, number>;

const code = `
counters = KEYS
local steps = {charge = charge, refund = refund}
local all = {}
for i, step in ipairs(cjson.decode(ARGV[1])) do
  steps[step[1]](step[2], step[3], step[4])
  all[i] = redis.call('HGETALL', KEYS[1])
end
return all`;

let counters = 0;
/** The counter after each step. `before` is what it had. */
async function after(before: Counter, steps: Step[], more = 0): Promise<Counter[]> {
  const names = Array.from({ length: 1 + more }, (_, i) => `{quota-counters}:${process.pid}:${counters}:${i}`);
  counters += 1;
  const [name = ''] = names;
  if (Object.keys(before).length > 0) await redis.client.hSet(name, before);
  const script = behindFunction('createApi', 'refund', code);
  const all = (await redis.client.eval(script, { keys: names, arguments: [JSON.stringify(steps)] })) as string[][];
  const last = await Promise.all(names.slice(1).map((other) => redis.client.hGetAll(other)));
  await redis.client.del(names);
  return [...all, ...last.map((fields) => Object.entries(fields).flat())].map((fields) => {
    const pairs = fields.flatMap((field, i) => (i % 2 === 0 ? [[field, Number(fields[i + 1])] as const] : []));
    return Object.fromEntries(pairs);
  });
}

test.each<[string, Counter, Step[], Counter[]]>([
  [
    'a record without an end is only in the total',
    {},
    [
      ['charge', at(100), 50, 0],
      ['charge', at(100) + 5, 7, 0],
      ['refund', at(101), 50, 0],
    ],
    [
      { total: 50, swept: 100 },
      { total: 57, swept: 100 },
      { total: 7, swept: 101 },
    ],
  ],
  [
    'a record that ends is also in the field of its hour, which goes with its last record',
    {},
    [
      ['charge', at(100), 50, at(101) + 5],
      ['charge', at(100), 30, justBefore(102)],
      ['refund', at(100), 50, at(101) + 5],
      ['refund', justBefore(102), 30, justBefore(102)],
    ],
    [
      { total: 50, swept: 100, 101: 50 },
      { total: 80, swept: 100, 101: 80 },
      { total: 30, swept: 100, 101: 30 },
      { total: 0, swept: 101 },
    ],
  ],
  [
    'what has ended leaves the total when its hour is over, and not before',
    {},
    [
      ['charge', at(100), 10, at(101)],
      ['charge', at(100), 20, at(102)],
      ['charge', at(100), 40, at(103)],
      ['charge', justBefore(102), 1, 0],
      ['charge', at(102), 1, 0],
      ['charge', at(105), 1, 0],
    ],
    [
      { total: 10, swept: 100, 101: 10 },
      { total: 30, swept: 100, 101: 10, 102: 20 },
      { total: 70, swept: 100, 101: 10, 102: 20, 103: 40 },
      { total: 71, swept: 101, 101: 10, 102: 20, 103: 40 },
      { total: 62, swept: 102, 102: 20, 103: 40 },
      { total: 3, swept: 105 },
    ],
  ],
  [
    'several hours leave at once, each once',
    { total: 100, swept: 100, 101: 1, 102: 2, 103: 4 },
    [
      ['charge', at(103), 8, 0],
      ['charge', at(103), 16, 0],
    ],
    [
      { total: 105, swept: 103, 103: 4 },
      { total: 121, swept: 103, 103: 4 },
    ],
  ],
  [
    'a single byte leaves, too',
    { total: 100, swept: 100, 101: 1 },
    [['charge', at(102), 0, 0]],
    [{ total: 99, swept: 102 }],
  ],
  [
    'a record that has ended is counted in the present hour',
    { total: 3, swept: 100 },
    [['charge', at(100), 7, at(98)]],
    [{ total: 10, swept: 100, 100: 7 }],
  ],
  [
    'the removal of a record whose hour is over changes nothing, and that of the present hour does',
    { total: 90, swept: 103, 103: 10 },
    [
      ['refund', at(103), 5, justBefore(103)],
      ['refund', at(103), 4, at(103)],
    ],
    [
      { total: 90, swept: 103, 103: 10 },
      { total: 86, swept: 103, 103: 6 },
    ],
  ],
  [
    'if the clock goes back, the hours until then end once more',
    { total: 20, swept: 105, 107: 20 },
    [
      ['charge', at(103), 5, at(104)],
      ['charge', at(105), 1, 0],
    ],
    [
      { total: 25, swept: 103, 104: 5, 107: 20 },
      { total: 21, swept: 105, 107: 20 },
    ],
  ],
  [
    'bytes of an hour that end in a later one move there, also in the first moment of that one',
    { total: 100, swept: 100, '101>103': 20, '101>104': 1, 103: 4 },
    [['charge', at(103), 1, 0]],
    [{ total: 122, swept: 103, 103: 24, 104: 1 }],
  ],
  [
    'bytes of an hour that ended in a later one that is over, too, are gone',
    { total: 100, swept: 100, '101>103': 20, 102: 3 },
    [['charge', at(104), 1, 0]],
    [{ total: 98, swept: 104 }],
  ],
  [
    'what an hour has too little gets back into the total',
    { total: 100, swept: 100, 103: 4 },
    [['refund', at(100), 10, at(103)]],
    [{ total: 96, swept: 100 }],
  ],
  [
    'what an hour has too little may come from an earlier one: all of it',
    { total: 100, swept: 100, 103: 4, '101>103': 4, '102>103': 2, '101>104': 50 },
    [['refund', at(100), 10, at(103)]],
    [{ total: 90, swept: 100, 103: -6, '101>103': 4, '102>103': 2, '101>104': 50 }],
  ],
  [
    'what an hour has too little may come from an earlier one: less than all of that',
    { total: 100, swept: 100, 103: 4, '101>103': 50 },
    [['refund', at(100), 10, at(103)]],
    [{ total: 90, swept: 100, 103: -6, '101>103': 50 }],
  ],
  [
    'what an hour has too little may come from an earlier one: a part of it',
    { total: 100, swept: 100, 103: 4, '101>103': 5 },
    [['refund', at(100), 10, at(103)]],
    [{ total: 91, swept: 100, 103: -5, '101>103': 5 }],
  ],
])('the quota counts: %s', async (_, before, steps, expected) => {
  expect(await after(before, steps)).toEqual(expected);
});

test('the quota counts the same for a workspace and for its user', async () => {
  const steps: Step[] = [
    ['charge', at(100), 50, at(101)],
    ['charge', at(100), 20, 0],
    ['refund', at(100), 30, at(101)],
  ];
  const [, , last, ofUser] = await after({}, steps, 1);
  expect([last, ofUser]).toEqual(Array(2).fill({ total: 40, swept: 100, 101: 20 }));
});

/** The series of usage that the scripts write (snippets/usageSeries.lua), beside a plain map of the same counts. */
import { expect, test } from '@jest/globals';
import { readSeries } from '../../src/server/store/usage-series.ts';
import { randomOf } from '../support/random.ts';
import { tell } from '../support/redis.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { behindFunction } from '../support/snippets.ts';

const [url = ''] = (await sharedRedis()).url.split(',');
const code = `
local series, all = '', {}
for i, added in ipairs(cjson.decode(ARGV[1])) do
  local positions, counts = {}, {}
  for j, pair in ipairs(added) do positions[j], counts[pair[1]] = pair[1], pair[2] end
  series = addTo(series, positions, counts)
  all[i] = series
end
return all`;
type Counts = [position: number, count: number][];
const inOrder = (counts: Map<number, number>): Counts => [...counts].sort(([a], [b]) => a - b);

/** Each of `additions` is added to one series. What the series says after each, and what a map says. */
async function both(additions: Counts[]) {
  const written = (
    await tell<string[]>(url, 'EVAL', behindFunction('rollUpUsage', 'addTo', code), '0', JSON.stringify(additions))
  ).map(readSeries);
  const totals = new Map<number, number>();
  const counted = additions.map((added) => {
    for (const [position, count] of added) totals.set(position, (totals.get(position) ?? 0) + count);
    return inOrder(totals);
  });
  return { written, counted };
}

test.each<[string, Counts[]]>([
  [
    'numbers of one, two and three digits',
    [
      [
        [0, 31],
        [1, 32],
        [2, 1023],
        [3, 1024],
      ],
      [
        [0, 1],
        [1, 992],
        [2, 1],
        [3, 31_744],
      ],
    ],
  ],
  [
    'gaps of 1, 30, 31, 60 and 61 zeros',
    [
      [
        [0, 1],
        [2, 2],
        [33, 3],
        [65, 4],
        [126, 5],
        [188, 6],
      ],
    ],
  ],
  [
    'counts at both ends of a gap, and inside',
    [
      [
        [0, 1],
        [31, 40],
      ],
      [[1, 7]],
      [[30, 8]],
      [[15, 9]],
      [
        [14, 1],
        [16, 1],
      ],
    ],
  ],
  [
    'counts before the first and behind the last',
    [
      [[50, 1]],
      [
        [10, 2],
        [48, 3],
      ],
      [
        [49, 4],
        [51, 5],
        [90, 6],
      ],
      [
        [0, 7],
        [50, 8],
        [91, 9],
      ],
    ],
  ],
])('a series of usage keeps %s', async (_, additions) => {
  const { written, counted } = await both(additions);
  expect(written).toEqual(counted);
});

test.each([1, 2, 3, 4])(
  'a series of usage says what a map of the same counts says, after any additions: %i',
  async (seed) => {
    const random = randomOf(seed);
    const below = (many: number) => Math.floor(random() * many);
    const additions = Array.from({ length: 60 }, () =>
      inOrder(
        new Map(Array.from({ length: 1 + below(5) }, () => [below(40 * seed ** 2), 1 + below(40 ** (1 + below(3)))])),
      ),
    );
    const { written, counted } = await both(additions);
    expect(written).toEqual(counted);
  },
);

test('a series of usage that was cut is refused, so that the counts stay in the log', async () => {
  // From position 0 to 3, without their numbers.
  const cut = "return addTo('!$', {1}, {[1] = 2})";
  const adding = tell(url, 'EVAL', behindFunction('rollUpUsage', 'addTo', cut), '0');
  await expect(adding).rejects.toThrow('a series has fewer numbers than it says');
});

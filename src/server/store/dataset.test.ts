import { describe, expect, test } from '@jest/globals';
import { backupTimeOf, maxLossMs } from './dataset.ts';

/** Beats every two seconds until the last one; the process has learned of each at once. */
const beats = (last: number, many = 10) =>
  Array.from({ length: many }, (_, i) => ({ beat: last - 2000 * (many - 1 - i), at: 1000 - 2000 * (many - 1 - i) }));
const last = 1_000_000;
const known = beats(last);

describe('the data is that of a backup', () => {
  test.each([
    ['its last beat is long before ours', { beat: last - maxLossMs - 1 }, known, last - maxLossMs - 1],
    ['it has no beat, as before this version', {}, known, 0],
    [
      'another server has come first',
      { beat: last + 9000, gap: { from: last - 60_000, to: last + 5000 } },
      known,
      last - 60_000,
    ],
    ['this process is young', { beat: last - 60_000 }, beats(last, 1), last - 60_000],
  ])('if %s', (_, dataset, ours, time) => {
    expect(backupTimeOf(dataset, ours, 3000)).toBe(time);
  });
});

describe('the data is not that of a backup', () => {
  test.each([
    ['this process remembers nothing', { beat: 1 }, []],
    ['there are later beats', { beat: last + 1 }, known],
    ['a failover has lost the last seconds', { beat: last - maxLossMs }, known],
    ['there was a time without servers before ours', { beat: last, gap: { from: 0, to: last - 1 } }, known],
    ['we are the first after a time without servers', { beat: last, gap: { from: last - 60_000, to: last } }, known],
    ['only we were away', { beat: last + 60_000, gap: { from: last, to: last + 60_000 } }, known],
    [
      'the clock of Redis has jumped, and a failover has lost what was written since',
      { beat: last },
      [...known, { beat: last + 86_400_000, at: 3000 }],
    ],
  ])('if %s', (_, dataset, ours) => {
    expect(backupTimeOf(dataset, ours, 3000)).toBeUndefined();
  });

  test('while the outage in which the clock of Redis jumped is no longer than a failover may lose', () => {
    const jumped = [
      { beat: last, at: 1000 },
      { beat: last + 86_400_000, at: 1000 },
    ];
    expect(backupTimeOf({ beat: last }, jumped, 1000 + maxLossMs)).toBeUndefined();
    expect(backupTimeOf({ beat: last }, jumped, 1001 + maxLossMs)).toBe(last);
  });

  test('after a long outage, if the beat that is left is of about the time of the outage', () => {
    expect(backupTimeOf({ beat: last - 4000 }, known, 3_600_000)).toBeUndefined();
  });
});

import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { atMost } from './at-most.ts';

test('no more run than may, in their order, and one that fails gives its place to the next', async () => {
  const run = atMost(2);
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 9 }, (_, i) =>
      run(async () => {
        begun.push(i);
        most = Math.max(most, ++running);
        await setImmediate();
        running--;
        if (i % 3 === 0) throw new Error('in vain');
        return i;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(
    [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => i % 3 > 0),
  );
  expect(await run(async () => 'free again')).toBe('free again');
});

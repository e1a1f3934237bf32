import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { atMost } from './at-most.ts';

test('atMost limits the running tasks, starts them in order, and continues after a failure', async () => {
  const run = atMost(2);
  const started: number[] = [];
  let running = 0;
  let maxRunning = 0;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 9 }, (_, i) =>
      run(async () => {
        started.push(i);
        maxRunning = Math.max(maxRunning, ++running);
        await setImmediate();
        running--;
        if (i % 3 === 0) throw new Error('failed');
        return i;
      }),
    ),
  );
  expect(maxRunning).toBe(2);
  expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(
    [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => i % 3 > 0),
  );
  expect(await run(async () => 'free again')).toBe('free again');
});

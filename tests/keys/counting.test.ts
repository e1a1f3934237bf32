/** Each verification is counted once, also while a process restarts. */
import { expect, test } from '@jest/globals';
import { countExactly } from '../../scripts/lab/exact-count.ts';

/** `npm run count` runs the same check with 100,000 verifications. */
test('each of 2,000 verifications on two processes is counted once, while one process restarts under load', async () => {
  const { answered, counted, exported, unsure, restarts } = await countExactly({ total: 2000, processes: 2 });
  expect(answered.total).toBe(2000);
  expect(counted).toEqual(answered);
  expect(Math.min(answered.valid, answered.disabled, answered.rateLimited)).toBeGreaterThan(0);
  expect([exported, unsure, restarts]).toEqual([2000, 0, 2]);
});

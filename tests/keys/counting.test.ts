/** Each verification is counted once, also while a process restarts, and a quota is exact also while its period ends. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { countExactly } from '../../scripts/lab/exact-count.ts';

/** `npm run count` runs the same check with 100,000 verifications. */
test('each of 2,000 verifications or more on two processes is counted once, while one process restarts and a quota ends', async () => {
  const exact = await countExactly({ total: 2000, processes: 2 });
  const { sent, answered, counted, exported, unsure, restarts, quota } = exact;
  expect(answered.total).toBe(sent);
  expect(sent).toBeGreaterThanOrEqual(2000);
  expect(counted).toEqual(answered);
  expect(Math.min(answered.valid, answered.disabled, answered.rateLimited)).toBeGreaterThan(0);
  expect([exported, unsure, restarts]).toEqual([sent, 0, 2]);
  const { limit, periods, stored } = quota;
  expect(periods.map(({ accepted }) => accepted)).toEqual([limit, limit]);
  expect(Math.min(...periods.map(({ refused }) => refused))).toBeGreaterThan(0);
  expect(stored).toBe(limit);
});

test('a limiter that reads the quota and then writes it is caught', async () => {
  const preload = [join(import.meta.dirname, '../proofs/planted/lost-update.ts')];
  const { quota } = await countExactly({ total: 600, processes: 2, isRestarted: false, preload });
  expect(Math.max(...quota.periods.map(({ accepted }) => accepted))).toBeGreaterThan(quota.limit);
});

/** The short form of `npm run prove -- split-primary`, with a replica that becomes the primary by hand, and the fault that it must find. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { acknowledgedOf, brokenBy, split } from '../../scripts/proofs/split-primary/run.ts';
import { randomOf } from '../support/random.ts';

test('a primary that is cut off loses nothing that it acknowledged, unless its server does not wait', async () => {
  const preload = [join(import.meta.dirname, '../support/patient-redis.ts')];
  const planted = join(import.meta.dirname, 'planted/early-change.ts');
  const { counts, newSide } = await split({
    ...{ topology: 'by hand', replicas: 1, companions: 0, minReplicas: false },
    servers: [
      { name: 'waits', side: 'old', wait: 1, preload },
      { name: 'planted', side: 'old', wait: 1, preload: [...preload, planted] },
      { name: 'new', side: 'new', wait: 0, preload },
    ],
    ...{ users: 10, cutMs: 1500, heals: false, random: randomOf(7) },
  });
  const [waits, early] = counts;
  expect(waits && brokenBy(waits)).toEqual([]);
  // Who acknowledges nothing loses nothing.
  expect(waits && acknowledgedOf(waits)).toBeGreaterThan(0);
  expect(early && brokenBy(early)).toEqual([
    expect.stringMatching(/^planted: \d+ lost exchanges$/),
    expect.stringMatching(/^planted: \d+ doubled exchanges$/),
    expect.stringMatching(/^planted: \d+ resurrected deletes$/),
    expect.stringMatching(/^planted: \d+ lost keys$/),
  ]);
  expect(newSide[0]?.refusedForMs).toBeLessThan(Number.POSITIVE_INFINITY);
});

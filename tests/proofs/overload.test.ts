/** The short form of `npm run prove -- overload`, with few requests at the same time, and without the limit. */
import { expect, test } from '@jest/globals';
import { judge, overload, type Point } from '../../scripts/proofs/overload/overload.ts';

// The capacity of so short a time is a guess on a busy machine, so the load is far above it.
const short = { seconds: 0.4, overloadSeconds: 1, rounds: 1, factor: 4, connections: 300, slow: 20 };
/** What did not hold. How fast it is says nothing here, because other tests take their part of the machine. */
const broken = (points: Point[]) =>
  points.filter(({ isTimed }) => !isTimed).flatMap(({ held, sentence }) => (held ? [] : [sentence]));

test('far beyond its capacity a server refuses what it cannot serve, and serves the rest', async () => {
  const result = await overload({ ...short, env: { MAX_REQUESTS_IN_PROGRESS: '60' } });
  expect(broken(judge(result))).toEqual([]);
}, 60_000);

test('planted fault: without the limit nothing is refused', async () => {
  const result = await overload({ ...short, overloadSeconds: 0.5, env: { MAX_REQUESTS_IN_PROGRESS: '0' } });
  expect(broken(judge(result))).toContainEqual(expect.stringMatching(/^0 requests are refused/));
}, 60_000);

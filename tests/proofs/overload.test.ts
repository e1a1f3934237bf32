/** The short form of `npm run prove -- overload`, with few requests at the same time, and without the limit. */
import { expect, test } from '@jest/globals';
import { judge, overload } from '../../scripts/proofs/overload/overload.ts';

const short = { seconds: 0.4, overloadSeconds: 1, connections: 300, slow: 20 };
const broken = (points: ReturnType<typeof judge>) => points.flatMap(({ held, sentence }) => (held ? [] : [sentence]));

test('at twice the capacity a server refuses what it cannot serve, and serves the rest in time', async () => {
  const result = await overload({ ...short, env: { MAX_REQUESTS_IN_PROGRESS: '10' } });
  // Other tests take their part of the machine, so the goodput of so short a time says little.
  expect(broken(judge(result, 0.2))).toEqual([]);
}, 60_000);

test('planted fault: without the limit nothing is refused', async () => {
  const result = await overload({ ...short, overloadSeconds: 0.5, env: { MAX_REQUESTS_IN_PROGRESS: '0' } });
  expect(broken(judge(result, 0.2))).toContainEqual(expect.stringMatching(/^0 requests are refused/));
}, 60_000);

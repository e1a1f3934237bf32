/** The short form of `npm run prove -- foreign-ids`: ids that are used while they are being deleted. */
import { afterAll, expect, test } from '@jest/globals';
import { raceDeletions } from '../../scripts/proofs/foreign-ids/race.ts';
import { startProofServer } from '../../scripts/proofs/model/server.ts';
import { randomOf } from '../support/random.ts';
import { startTargetRedis } from '../support/target-redis.ts';

const redis = await startTargetRedis();
const server = await startProofServer(redis.env);
afterAll(async () => {
  await server.stop();
  await redis.stop();
});

test('an id that is being deleted tells a stranger nothing, fails nowhere, and leaves nothing', async () => {
  const { calls, faults } = await raceDeletions(server, redis, randomOf(5), 1);
  expect(faults).toEqual([]);
  expect(calls).toBeGreaterThan(80);
});

test('a deletion that leaves the key is found', async () => {
  server.plant((name, text) =>
    name === 'deleteApiKey' ? text.replace("removeKey(at, place .. ' ' .. api)", '') : text,
  );
  const { faults } = await raceDeletions(server, redis, randomOf(5), 2);
  expect(faults).toContainEqual(expect.stringMatching(/^keys\.deleteKey leaves something of keyId/));
});

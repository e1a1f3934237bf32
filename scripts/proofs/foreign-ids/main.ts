/**
 * `npm run prove -- foreign-ids` uses every id that the contract lets a request name while it is being deleted: by its owner, and
 * by strangers of each kind, on two servers by turns. No response tells a stranger anything, none fails, and nothing is left.
 */
import { startServer } from '../../../tests/support/server.ts';
import { startTargetRedis } from '../../../tests/support/target-redis.ts';
import { startProofServer } from '../model/server.ts';
import { runProof } from '../proof.ts';
import { raceDeletions } from './race.ts';

const proof = {
  name: 'foreign-ids',
  title: 'Ids that are being deleted',
  description:
    'See how many calls used an id of another workspace or user while it was being deleted, and what they returned.',
  order: 86,
  group: 'Correctness',
};

await runProof(proof, async ({ seconds = 30, runs = 1_000_000, random }) => {
  const redis = await startTargetRedis();
  const server = await startProofServer(redis.env);
  const other = await startServer({ ...redis.env, PORT: '0', HOST: '127.0.0.1', NODE_ENV: 'production' });
  const servers = { ...server, urls: [server.url, other.url] };
  try {
    const end = Date.now() + seconds * 1000;
    let [rounds, calls] = [0, 0];
    const faults: string[] = [];
    for (; rounds < runs && Date.now() < end && faults.length === 0; rounds++) {
      const result = await raceDeletions(servers, redis, random, rounds);
      calls += result.calls;
      faults.push(...result.faults);
    }
    const lines = [`${rounds} rounds of 5 deletions, ${calls} calls, by turns to two servers.`];
    if (faults.length === 0) lines.push('No response gave a stranger anything or failed, and nothing was left.');
    return { held: faults.length === 0, lines: [...lines, ...new Set(faults)] };
  } finally {
    await other.stop();
    await server.stop();
    await redis.stop();
  }
});

/**
 * How fast the server is beside others that do the same with Redis and less with HTTP: side by side on one Redis, in
 * rounds that alternate, as ratios of the same round with their spread. `npm run bench -- --rounds 7 --seconds 3`.
 */
import { parseArgs } from 'node:util';
import { startRedis } from '../local-redis.ts';
import { type Run, run } from './load.ts';
import { type Peer, startPeer } from './peer.ts';
import { type Measured, measured } from './peers/answer.ts';
import { redisCommands } from './redis-commands.ts';
import { markdown } from './report.ts';
import { setStage } from './stage.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '8' },
    operation: { type: 'string', multiple: true, default: [...measured] },
  },
});
const connections = Number(values.connections);
const seconds = Number(values.seconds);
/** Session ids are used up, so their number is given and not the time. */
const exchanges = 4000 * seconds;

const redis = await startRedis();
const env = { REDIS_URL: redis.url, NODE_ENV: 'production', PORT: '0', HOST: '127.0.0.1' };
const limits = {
  RATE_LIMIT_ROOT_KEY: '1000000000',
  RATE_LIMIT_SESSION: '1000000000',
  RATE_LIMIT_EXCHANGE: '1000000000',
};
const peers: Record<string, Peer> = {
  Portico: await startPeer('src/main.ts', { ...env, ...limits }),
  Express: await startPeer('scripts/bench/peers/express.ts', env),
  Fastify: await startPeer('scripts/bench/peers/fastify.ts', env),
};
const stage = await setStage(redis.url, String(peers['Portico']?.url));

/** All runs, by operation and server. */
const runs = new Map<string, Map<string, Run[]>>();
try {
  for (const id of values.operation as Measured[]) {
    const byPeer = new Map<string, Run[]>(Object.keys(peers).map((name) => [name, []]));
    runs.set(id, byPeer);
    for (let round = 0; round <= Number(values.rounds); round++) {
      const order = Object.entries(peers);
      if (round % 2 === 1) order.reverse();
      for (const [name, peer] of order) {
        const amount = id === 'portal.exchangeSession' ? exchanges : undefined;
        if (amount !== undefined) await stage.mint(amount);
        const result = await run(peer, stage.loads[id], { seconds, connections, amount });
        // The first round warms up.
        if (round > 0) byPeer.get(name)?.push(result);
      }
      process.stderr.write('.');
    }
  }
  console.log(`\n${markdown(runs)}`);
  console.log(await redisCommands(redis.port, connections));
} finally {
  await stage.close();
  await Promise.all(Object.values(peers).map((peer) => peer.stop()));
  await redis.stop();
}

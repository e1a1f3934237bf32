/**
 * Compares the server with others that do the smallest work in Redis that does each job: on one Redis, in alternating rounds,
 * as ratios within the same round with their spread. `npm run bench -- --rounds 7 --seconds 3 --workers 1 --workers 2`.
 */
import { parseArgs } from 'node:util';
import { createClient } from 'redis';
import { startRedis } from '../../../tests/support/redis.ts';
import { buildIfStale } from '../../freshness/if-stale.ts';
import { moveToCore } from '../cores.ts';
import { type Load, type Run, run } from './load.ts';
import { type Peer, startPeer } from './peer.ts';
import { type Measured, measured } from './peers/smallest.ts';
import { redisCommands } from './redis-commands.ts';
import { markdown } from './report.ts';
import { setPeerStage, setStage } from './stage.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '16' },
    operation: { type: 'string', multiple: true, default: [...measured] },
    workers: { type: 'string', multiple: true, default: ['1', '2', '4'] },
  },
});
const connections = Number(values.connections);
const seconds = Number(values.seconds);
/** An exchange uses up a session id, so there are more than any server exchanges in the time. */
const exchanges = 60_000 * seconds;

await buildIfStale();
const redis = await startRedis();
// Also if a server does not start.
process.once('exit', () => redis.process.kill());
moveToCore(1, redis.process.pid);
const client = await createClient({ url: redis.url }).connect();

/** The CPU time that Redis has used so far, in µs. */
async function redisMicros(): Promise<number> {
  const info = await client.info('cpu');
  const seconds = (name: string) => Number(new RegExp(`^${name}:([0-9.]+)`, 'm').exec(info)?.[1]);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6;
}

/** Signs in to express-session, and stores as much data as a session of the peers has. */
async function signIn(peer: Peer, load: Load): Promise<Load> {
  const response = await fetch(`${peer.url}/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: String(load.bodies[0]),
  });
  return { ...load, headers: { cookie: String(response.headers.get('set-cookie')?.split(';')[0]) }, bodies: ['{}'] };
}

// Portico counts calls for rate limits, but no limit is reached.
const maxLimit = '999999999';
const limits = {
  ...{ RATE_LIMIT_ROOT_KEY: maxLimit, RATE_LIMIT_SESSION: maxLimit, RATE_LIMIT_EXCHANGE: maxLimit },
  ...{ MAX_SESSIONS_PER_USER: '1000000', WORKSPACE_QUOTA_MB: '1000000', USER_QUOTA_KB: '0' },
};
const files: Record<string, string> = {
  Portico: 'src/server/main.ts',
  Express: 'scripts/lab/bench/peers/express.ts',
  'Express, validated': 'scripts/lab/bench/peers/express-validated.ts',
  'Express, promised': 'scripts/lab/bench/peers/express-promised.ts',
  Fastify: 'scripts/lab/bench/peers/fastify.ts',
  'node:http': 'scripts/lab/bench/peers/node-http.ts',
  'express-session': 'scripts/lab/bench/peers/express-session.ts',
};

/** All runs with this many workers, by operation and server. */
async function measure(workers: string): Promise<Map<string, Map<string, Run[]>>> {
  const env = { REDIS_URL: redis.url, NODE_ENV: 'production', HOST: '127.0.0.1', WORKERS: workers, ...limits };
  const peers = new Map<string, Peer>();
  for (const [name, file] of Object.entries(files)) peers.set(name, await startPeer(file, env));
  const ours = await setStage(redis.url, String(peers.get('Portico')?.url));
  const theirs = await setPeerStage(redis.url);
  const runs = new Map<string, Map<string, Run[]>>();
  try {
    for (const id of values.operation as Measured[]) {
      // express-session supports only getSession.
      const able = [...peers].filter(([name]) => name !== 'express-session' || id === 'portal.getSession');
      const byPeer = new Map<string, Run[]>(able.map(([name]) => [name, []]));
      runs.set(id, byPeer);
      for (let round = 0; round <= Number(values.rounds); round++) {
        for (const [name, peer] of round % 2 === 1 ? able.toReversed() : able) {
          const usual = await (name === 'Portico' ? ours : theirs).load(id, exchanges);
          const load =
            name === 'express-session' ? await signIn(peer, await theirs.load('portal.createSession', 0)) : usual;
          const result = await run(peer, { ...load, path: usual.path }, { seconds, connections, redisMicros });
          // The first round warms up.
          if (round > 0) byPeer.get(name)?.push(result);
        }
        process.stderr.write('.');
      }
    }
  } finally {
    await Promise.all([ours.close(), theirs.close(), ...[...peers.values()].map((peer) => peer.stop())]);
  }
  return runs;
}

try {
  for (const workers of values.workers) {
    const runs = await measure(workers);
    console.log(`\n${workers} ${workers === '1' ? 'process' : 'processes'}\n\n${markdown(runs)}`);
  }
  console.log(`\n${await redisCommands(redis.port, connections)}`);
} finally {
  await client.close();
  await redis.stop();
}

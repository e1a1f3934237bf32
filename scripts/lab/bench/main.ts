/**
 * Compares the server with others that do the same in Redis and less in HTTP: on one Redis, in alternating rounds, as
 * ratios within the same round with their spread. `npm run bench -- --rounds 7 --seconds 3`.
 */
import { parseArgs } from 'node:util';
import { startRedis } from '../../../tests/support/redis.ts';
import { buildIfStale } from '../../freshness/if-stale.ts';
import { type Run, run } from './load.ts';
import { type Peer, startPeer } from './peer.ts';
import { type Measured, measured } from './peers/response.ts';
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
/** An exchange uses up a session id, so the number of requests is fixed and not the time. */
const exchanges = 4000 * seconds;

await buildIfStale();
const redis = await startRedis();
// Also if a server does not start.
process.once('exit', () => redis.process.kill());
// Every server counts calls for rate limits, which costs Redis commands; no limit is reached.
const maxLimit = '999999999';
const limits = {
  ...{ RATE_LIMIT_ROOT_KEY: maxLimit, RATE_LIMIT_SESSION: maxLimit, RATE_LIMIT_EXCHANGE: maxLimit },
  ...{ MAX_SESSIONS_PER_USER: '1000000', WORKSPACE_QUOTA_MB: '1000000', USER_QUOTA_KB: '0' },
};
const env = { REDIS_URL: redis.url, NODE_ENV: 'production', PORT: '0', HOST: '127.0.0.1', ...limits };
const peers: Record<string, Peer> = {
  Portico: await startPeer('src/server/main.ts', env),
  Express: await startPeer('scripts/lab/bench/peers/express.ts', env),
  Fastify: await startPeer('scripts/lab/bench/peers/fastify.ts', env),
  'express-session': await startPeer('scripts/lab/bench/peers/express-session.ts', env),
};
/** express-session supports only getSession. */
const supports = (name: string, id: Measured) => name !== 'express-session' || id === 'portal.getSession';
const stage = await setStage(redis.url, String(peers['Portico']?.url));
const signedIn = { ...stage.loads['portal.getSession'], headers: await signIn(peers['express-session']) };

/** Signs in to express-session, and stores as much data as our session has. */
async function signIn(peer: Peer | undefined): Promise<Record<string, string>> {
  const response = await fetch(`${peer?.url}/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: stage.loads['portal.createSession'].body as string,
  });
  return { cookie: String(response.headers.get('set-cookie')?.split(';')[0]) };
}

/** All runs, by operation and server. */
const runs = new Map<string, Map<string, Run[]>>();
try {
  for (const id of values.operation as Measured[]) {
    const able = Object.entries(peers).filter(([name]) => supports(name, id));
    const byPeer = new Map<string, Run[]>(able.map(([name]) => [name, []]));
    runs.set(id, byPeer);
    for (let round = 0; round <= Number(values.rounds); round++) {
      const order = round % 2 === 1 ? able.toReversed() : able;
      for (const [name, peer] of order) {
        const amount = id === 'portal.exchangeSession' ? exchanges : undefined;
        if (amount !== undefined) await stage.createSessions(amount);
        const load = name === 'express-session' ? signedIn : stage.loads[id];
        const result = await run(peer, load, { seconds, connections, amount });
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

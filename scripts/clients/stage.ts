/** The servers for the programs: a normal one, one without Redis, and one with a strict rate limit. */
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { portico, startServer } from '../../tests/support/server.ts';

/** The running servers, shared by all languages. */
export interface Stage {
  /** Creates a workspace with a portal `my-portal` and returns the environment of a program. */
  newcomer(): Promise<Record<string, string>>;
  /** The status of each response, by request id. */
  answered(): Map<string, number>;
  stop(): Promise<void>;
}

interface Logged {
  requestId?: string;
  status?: number;
}

const workspace = (redisUrl: string, name: string) =>
  portico<{ workspaceId: string; rootKey: string }>(redisUrl, 'workspace', 'create', '--name', name);

/** Starts Redis and the servers. */
export async function setStage(): Promise<Stage> {
  const redis = await startRedis();
  const settings = { PORT: '0', LOG_LEVEL: 'info', MAX_KEYS_PER_USER_AND_API: '2' };
  const server = await startServer({ ...settings, REDIS_URL: redis.url });
  const throttled = await startServer({ ...settings, REDIS_URL: redis.url, RATE_LIMIT_SESSION: '1' });
  const unready = await startServer({ ...settings, REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  const suspended = await workspace(redis.url, 'Suspended');
  await portico(redis.url, 'workspace', 'disable', '--workspace', suspended.workspaceId, '--yes');
  return {
    async newcomer() {
      const { workspaceId, rootKey } = await workspace(redis.url, 'Acme');
      const here = ['--workspace', workspaceId];
      await portico(redis.url, 'portal', 'create', ...here, '--slug', 'my-portal');
      const limited = await portico<{ rootKey: string }>(
        ...[redis.url, 'root-key', 'create', ...here, '--permission', 'portal.*.create_session'],
      );
      return {
        BASE_URL: server.url,
        ROOT_KEY: rootKey,
        LIMITED_ROOT_KEY: limited.rootKey,
        SUSPENDED_ROOT_KEY: suspended.rootKey,
        UNREADY_URL: unready.url,
        // It allows one call per session and minute.
        THROTTLED_URL: throttled.url,
        // Nothing listens there.
        DOCUMENT_URL: `http://localhost:${await freePort()}/openapi.json`,
      };
    },
    answered() {
      const lines = [server, throttled, unready]
        .flatMap((one) => one.log().split('\n'))
        .filter((line) => line.startsWith('{'));
      const entries = lines.map((line) => JSON.parse(line) as Logged);
      return new Map(entries.flatMap(({ requestId, status }) => (requestId && status ? [[requestId, status]] : [])));
    },
    async stop() {
      await Promise.all([server, throttled, unready].map((one) => one.stop()));
      await redis.stop();
    },
  };
}

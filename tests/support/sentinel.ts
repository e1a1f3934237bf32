/** Starts a primary, a replica and three Sentinels on loopback, with redis-server only. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { type LocalRedis, startRedis, startRedisServer, tell, until } from './redis.ts';

/** A running primary with its replica and Sentinels. */
export interface LocalSentinel {
  /** The settings for a server that uses it. */
  env: Record<string, string>;
  primary: LocalRedis;
  replica: LocalRedis;
  sentinels: LocalRedis[];
  stop(): Promise<void>;
}

const name = 'portico';
/** The time without a reply until a Sentinel considers the primary down, in ms. The default of Redis is 30 s. */
const downAfterMs = 1000;

/**
 * Starts them, and waits until the Sentinels know each other and the replica.
 *
 * @throws MissingBinary; Error if they do not start
 */
export async function startSentinel(): Promise<LocalSentinel> {
  const directory = await mkdtemp(join(tmpdir(), 'portico-sentinel-'));
  const running: LocalRedis[] = [];
  const stop = async () => {
    await Promise.all(running.map((node) => node.stop()));
    await rm(directory, { recursive: true });
  };
  const kept = async <T extends LocalRedis>(started: Promise<T>) => {
    const node = await started;
    running.push(node);
    return node;
  };
  try {
    // A replica writes the data that it receives into a file first.
    const options = ['--repl-diskless-sync-delay', '0', '--dir', directory];
    const primary = await kept(startRedis({ options }));
    const replica = await kept(
      startRedis({ options: [...options, '--dbfilename', 'replica.rdb', '--replicaof', `127.0.0.1 ${primary.port}`] }),
    );
    await until('the replica follows', async () =>
      (await tell(replica.url, 'INFO', 'replication')).includes('link_status:up'),
    );
    const sentinels: LocalRedis[] = [];
    for (let i = 0; i < 3; i++) {
      const port = await freePort();
      const file = join(directory, `sentinel-${i}.conf`);
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `sentinel monitor ${name} 127.0.0.1 ${primary.port} 2`,
        `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
        `sentinel failover-timeout ${name} 5000`,
      ];
      await writeFile(file, `${lines.join('\n')}\n`);
      sentinels.push(await kept(startRedisServer([file, '--sentinel'], `redis://127.0.0.1:${port}`)));
    }
    for (const { url } of sentinels) {
      await until(`${url} knows the others`, async () => {
        const [others, replicas] = [
          await tell<unknown[]>(url, 'SENTINEL', 'SENTINELS', name),
          await tell<unknown[]>(url, 'SENTINEL', 'REPLICAS', name),
        ];
        return others.length === 2 && replicas.length === 1;
      });
    }
    const url = sentinels.map((sentinel) => sentinel.url).join(',');
    const env = { REDIS_MODE: 'sentinel', REDIS_SENTINEL_NAME: name, REDIS_URL: url };
    return { env, primary, replica, sentinels, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

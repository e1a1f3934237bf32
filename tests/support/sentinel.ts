/** A primary, a replica and three Sentinels of the project's own on loopback, from redis-server alone. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { type LocalRedis, startRedis, startRedisServer, tell, until } from './redis.ts';

/** A running primary with what watches over it. */
export interface LocalSentinel {
  /** The settings of a server that is to use it. */
  env: Record<string, string>;
  primary: LocalRedis;
  replica: LocalRedis;
  sentinels: LocalRedis[];
  stop(): Promise<void>;
}

const name = 'portico';
/** After how many ms without a sign a Sentinel takes the primary for gone. Redis's own default is 30 s. */
const downAfterMs = 1000;

/**
 * Starts them, and waits until the Sentinels know each other and the replica.
 *
 * @param password of the Redis servers, and of the Sentinels another one: what is behind `-`
 * @throws MissingBinary; Error where they do not come up
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
    // What a replica is sent it writes into a file first.
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

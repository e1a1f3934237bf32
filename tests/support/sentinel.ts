/** Starts a primary, a replica and three Sentinels on loopback, with redis-server only. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { type LocalRedis, startRedis, startRedisServer, tell, until } from './redis.ts';
import type { Member, SplitNetwork } from './split-network.ts';

/** A running primary with its replica and Sentinels. */
export interface LocalSentinel {
  /** The settings for a server that uses it. */
  env: Record<string, string>;
  primary: LocalRedis;
  /** The first replica, and all of them. */
  replica: LocalRedis;
  replicas: LocalRedis[];
  sentinels: LocalRedis[];
  /** In a network: the primary and its replicas, and the Sentinels. */
  members: { nodes: Member[]; sentinels: Member[] };
  stop(): Promise<void>;
}

const name = 'portico';

/**
 * Starts them, and waits until the Sentinels know each other and the replicas.
 *
 * @param downAfterMs the time without a reply until a Sentinel considers the primary down; the default of Redis is 30 s
 * @param network through which they and the servers reach each other
 * @throws MissingBinary; Error if they do not start
 */
export async function startSentinel({
  replicas: many = 1,
  downAfterMs = 1000,
  network,
}: {
  replicas?: number;
  downAfterMs?: number;
  network?: SplitNetwork;
} = {}): Promise<LocalSentinel> {
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
  const members: LocalSentinel['members'] = { nodes: [], sentinels: [] };
  /** A free port, the port at which others reach it, and the member of the network who has it. */
  const place = async (kind: keyof typeof members) => {
    const port = await freePort();
    const member = network?.join();
    if (network === undefined || member === undefined) return { port, published: port, args: [] };
    members[kind].push(member);
    return { port, published: await network.publish(member, port), args: member.args };
  };
  /** A Redis that others know by its published port. */
  const startNode = async (more: string[]) => {
    const { port, published, args } = await place('nodes');
    const announced = ['--replica-announce-ip', '127.0.0.1', '--replica-announce-port', String(published)];
    return { published, redis: await kept(startRedis({ port, options: [...more, ...args, ...announced] })) };
  };
  try {
    // A replica writes the data that it receives into a file first.
    const options = ['--repl-diskless-sync-delay', '0', '--dir', directory];
    const { published: primaryPort, redis: primary } = await startNode(options);
    const replicas: LocalRedis[] = [];
    for (let i = 0; i < many; i++) {
      const own = ['--dbfilename', `replica-${i}.rdb`, '--replicaof', `127.0.0.1 ${primaryPort}`];
      replicas.push((await startNode([...options, ...own])).redis);
    }
    for (const { url } of replicas)
      await until('the replica follows', async () =>
        (await tell(url, 'INFO', 'replication')).includes('link_status:up'),
      );
    const sentinels: LocalRedis[] = [];
    const published: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { port, published: known, args } = await place('sentinels');
      published.push(known);
      const file = join(directory, `sentinel-${i}.conf`);
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        'sentinel announce-ip 127.0.0.1',
        `sentinel announce-port ${known}`,
        `sentinel monitor ${name} 127.0.0.1 ${primaryPort} 2`,
        `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
        `sentinel failover-timeout ${name} 5000`,
      ];
      await writeFile(file, `${lines.join('\n')}\n`);
      sentinels.push(await kept(startRedisServer([file, '--sentinel', ...args], `redis://127.0.0.1:${port}`)));
    }
    for (const { url } of sentinels) {
      await until(`${url} knows the others`, async () => {
        const [others, known] = [
          await tell<unknown[]>(url, 'SENTINEL', 'SENTINELS', name),
          await tell<unknown[]>(url, 'SENTINEL', 'REPLICAS', name),
        ];
        return others.length === 2 && known.length === many;
      });
    }
    const url = published.map((port) => `redis://127.0.0.1:${port}`).join(',');
    const env = { REDIS_MODE: 'sentinel', REDIS_SENTINEL_NAME: name, REDIS_URL: url };
    return { env, primary, replica: replicas[0] as LocalRedis, replicas, sentinels, members, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

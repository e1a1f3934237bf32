import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectRedis, type Redis, StoreUnavailable } from '../../src/server/store/redis.ts';
import { type LocalCluster, startCluster } from '../support/cluster.ts';
import '../support/patient-redis.ts';
import { tell } from '../support/redis.ts';

let cluster: LocalCluster;
let redis: Redis;
beforeAll(async () => {
  cluster = await startCluster({ replicas: 0 });
  const nodes = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  redis = connectRedis({ mode: 'cluster', nodes, login: {} });
  await redis.ready;
});
afterAll(async () => {
  await redis.close();
  await cluster.stop();
});

/** How often all nodes together read from a socket. */
async function reads(): Promise<number> {
  const stats = await Promise.all(cluster.nodes.map(({ url }) => tell(url, 'INFO', 'stats')));
  return stats.reduce((sum, text) => sum + Number(/total_reads_processed:(\d+)/.exec(text)?.[1]), 0);
}

describe('on a cluster', () => {
  test('commands of one workspace in one tick take one round trip to one node', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `portico:{ws_any}:${i}`);
    const before = await reads();
    const found = await redis.run((client) => Promise.all(names.map((name) => client.get(name))));
    // The count includes the test's own INFO commands and the heartbeats of three connections.
    expect((await reads()) - before).toBeLessThan(40);
    expect(found).toHaveLength(100);
  });

  test('a scan finds the records of all nodes, of the type and the pattern, and no more', async () => {
    // As many as several pages of a node have.
    const names = Array.from({ length: 4000 }, (_, i) => `portico:{${i}}:scanned`);
    await redis.run((client) =>
      Promise.all([
        ...names.map((name) => client.hSet(name, 'a', 'b')),
        client.set('portico:{1}:not:scanned', 'another type'),
        client.hSet('portico:{1}:other', 'a', 'b'),
      ]),
    );
    const found = new Set<string>();
    for await (const name of redis.scan('portico:{*}:*scanned', 'hash')) found.add(name);
    expect([...found].sort()).toEqual(names.sort());
  });

  test('a script that a node no longer has is sent again', async () => {
    const settle = () =>
      redis.run((client) =>
        client.settleRequest({
          keys: { idempotency: 'portico:{ws_any}:none', quota: 'portico:{ws_any}:quota' },
          args: { marker: 'a', value: '', ttlSeconds: 1 },
        }),
      );
    expect(await settle()).toEqual({ outcome: 'timed_out' });
    for (const { url } of cluster.nodes) await tell(url, 'SCRIPT', 'FLUSH');
    expect(await settle()).toEqual({ outcome: 'timed_out' });
  });

  test('the probe succeeds only while every slot is served', async () => {
    await redis.probe();
    const [node] = cluster.nodes;
    await tell(node?.url ?? '', 'CLUSTER', 'DELSLOTSRANGE', '0', '100');
    await expect(redis.probe()).rejects.toBeInstanceOf(StoreUnavailable);
    await tell(node?.url ?? '', 'CLUSTER', 'ADDSLOTSRANGE', '0', '100');
  });

  test('the client follows a moved slot', async () => {
    const command = <T = string>(i: number, ...args: string[]) => tell<T>(cluster.nodes[i]?.url ?? '', ...args);
    const slot = String(await command<number>(0, 'CLUSTER', 'KEYSLOT', 'portico:{ws_2}:a'));
    const owner = Number(slot) < 5461 ? 0 : Number(slot) < 10_922 ? 1 : 2;
    const target = (owner + 1) % 3;
    await redis.run((client) => client.set('portico:{ws_2}:a', 'kept'));
    const id = (i: number) => command(i, 'CLUSTER', 'MYID');
    await command(target, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', await id(owner));
    await command(owner, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', await id(target));
    const port = String(cluster.nodes[target]?.port);
    await command(owner, 'MIGRATE', '127.0.0.1', port, 'portico:{ws_2}:a', '0', '1000');
    // During the move the key is on the new node, and the old node redirects to it.
    expect(await redis.run((client) => client.get('portico:{ws_2}:a'))).toBe('kept');
    for (const i of [target, owner]) {
      await command(i, 'CLUSTER', 'SETSLOT', slot, 'NODE', await id(target));
    }
    expect(await redis.run((client) => client.get('portico:{ws_2}:a'))).toBe('kept');
  });
});

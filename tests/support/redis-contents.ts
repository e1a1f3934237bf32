import type { RedisClusterType } from 'redis';
import type { TargetRedis } from './target-redis.ts';

/** The names of all records that match a pattern, on every primary: the client of a cluster would ask only one of them. */
export async function namesIn(redis: TargetRedis['client'], pattern: string): Promise<string[]> {
  if (!('masters' in redis)) return redis.keys(pattern);
  const cluster = redis as unknown as RedisClusterType;
  const names = cluster.masters.map(async (node) => (await cluster.nodeClient(node)).keys(pattern));
  return (await Promise.all(names)).flat();
}

/** Every key name and value in a server's Redis, as text: everything that a reader of its disk can see. */
export async function everythingIn({ redis }: { redis: TargetRedis['client'] }): Promise<string> {
  const readers: Record<string, (name: string) => Promise<unknown>> = {
    string: (name) => redis.get(name),
    hash: (name) => redis.hGetAll(name),
    set: (name) => redis.sMembers(name),
    zset: (name) => redis.zRange(name, 0, -1),
    stream: (name) => redis.xRange(name, '-', '+'),
  };
  const names = await namesIn(redis, '*');
  const values = await Promise.all(
    names.map(async (name) => {
      const type = await redis.type(name);
      const read = readers[type];
      if (read === undefined) throw new Error(`${name} is a ${type}, and nobody looks into those yet`);
      return read(name);
    }),
  );
  return JSON.stringify([names, values]);
}

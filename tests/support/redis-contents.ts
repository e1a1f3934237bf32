import type { ServerTarget } from './server-target.ts';

/** Every key name and value in a server's Redis, as text: everything that a reader of its disk can see. */
export async function everythingIn({ redis }: Pick<ServerTarget, 'redis'>): Promise<string> {
  const readers: Record<string, (name: string) => Promise<unknown>> = {
    string: (name) => redis.get(name),
    hash: (name) => redis.hGetAll(name),
    set: (name) => redis.sMembers(name),
    zset: (name) => redis.zRange(name, 0, -1),
    stream: (name) => redis.xRange(name, '-', '+'),
  };
  const names = await redis.keys('*');
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

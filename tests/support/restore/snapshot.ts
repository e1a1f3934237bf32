import type { TargetRedis } from '../target-redis.ts';

/** All records of a Redis, each with its end in Unix ms. */
export type Snapshot = { name: string; dump: Buffer; expiresAt: number }[];

/** Reads everything. `redis` is a client whose replies are bytes where they must be. */
export async function takeSnapshot(redis: TargetRedis['client']): Promise<Snapshot> {
  const { RESP_TYPES } = await import('redis');
  const bytes = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const names = await redis.keys('*');
  return Promise.all(
    names.map(async (name) => ({
      name,
      dump: (await bytes.dump(name)) as unknown as Buffer,
      expiresAt: await redis.pExpireTime(name),
    })),
  );
}

/** Makes the Redis what it was, as a restored backup does: a record whose time is over is not there. */
export async function restoreSnapshot(redis: TargetRedis['client'], snapshot: Snapshot): Promise<void> {
  await redis.flushAll();
  await Promise.all(
    snapshot.map(({ name, dump, expiresAt }) =>
      redis.sendCommand(['RESTORE', name, String(Math.max(expiresAt, 0)), dump, 'ABSTTL'] as string[]),
    ),
  );
}

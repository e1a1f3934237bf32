import { keys } from '../../src/server/store/keys.ts';
import { partitionsOf } from '../../src/server/store/partitions.ts';
import type { TargetRedis } from './target-redis.ts';

/**
 * Gives the control data of a workspace its next version, at home and in every partition. A test that writes control data directly
 * calls it afterwards: it does what another process does before it acknowledges a change.
 */
export async function publishControl(redis: TargetRedis['client'], workspaceId: string): Promise<void> {
  const version = String(await redis.incr(keys.control(workspaceId)));
  await Promise.all(partitionsOf(workspaceId).map((place) => redis.set(keys.controlSeen(place), version)));
  await redis.set(keys.published(workspaceId), version);
}

import { keys } from './keys.ts';
import { partitionsOf } from './partitions.ts';
import type { Redis } from './redis.ts';

/** The lists of the sessions of one epoch of a portal: one in each partition. A later epoch has lists of its own. */
export function portalLists(redis: Redis, workspaceId: string, portalId: string, epoch: string) {
  const lists = partitionsOf(workspaceId).map((place) => keys.portalSessions(place, portalId, epoch));
  return {
    /** How many sessions they have, some of which may be over. */
    async count(): Promise<number> {
      const sizes = await redis.run((client) => Promise.all(lists.map((list) => client.zCard(list))));
      return sizes.reduce((sum, size) => sum + size, 0);
    },

    /** Removes them after their epoch is over. They have a TTL, so a failure leaves nothing for ever. */
    async remove(): Promise<void> {
      await redis.run((client) => Promise.all(lists.map((list) => client.unlink(list)))).catch(() => {});
    },
  };
}

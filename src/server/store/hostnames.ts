import { LRUCache } from 'lru-cache';
import { keys } from './keys.ts';
import type { Redis } from './redis.ts';

/** What a claim needs to know of a portal. */
interface Claimant {
  workspaceId: string;
  portalId: string;
  hostname?: string;
}

/** The portal that a host name belongs to. */
export interface HostOwner {
  workspaceId: string;
  portalId: string;
}

/** How long a change may take from its claim to the record, in ms: far longer than any does. */
const claimMs = 60_000;
/** How long a process remembers whose a host name is, in ms, and how many it remembers. */
const rememberedMs = 5000;
const maxRemembered = 10_000;

const ownerOf = (claim: string): HostOwner => {
  const [workspaceId = '', portalId = ''] = claim.split(' ');
  return { workspaceId, portalId };
};
/** When a claim was written, in Unix ms. */
const claimedAt = (claim: string) => Number(claim.split(' ')[2]);
const isOf = (claim: string, { workspaceId, portalId }: HostOwner) => claim.startsWith(`${workspaceId} ${portalId} `);

/**
 * The host names of portals. One belongs to one portal of all workspaces, so each has a claim of its own: a STRING
 * `<workspace id> <portal id> <claimed, Unix ms>`. It is in another slot than the record of the portal, so a change claims the name before
 * it writes the record, and gives it back after it if the record does not have it. A process that dies in between leaves a claim without a
 * record, which another portal can take after a minute.
 */
export function hostnameStore(redis: Redis) {
  const remembered = new LRUCache<string, { owner?: HostOwner }>({ max: maxRemembered, ttl: rememberedMs });

  const read = (hostname: string) => redis.run((client) => client.get(keys.hostname(hostname)));
  /** Removes a claim that is as it was read, and not younger than this. */
  const remove = (hostname: string, claim: string, minAgeMs = 0) =>
    redis.run((client) =>
      client.removeClaim({ keys: { claim: keys.hostname(hostname) }, args: { read: claim, minAgeMs } }),
    );

  /** Whether a claim was still as it was read, and has another text now. */
  async function renew(hostname: string, claim: string, renewed: string): Promise<boolean> {
    const { outcome } = await redis.run((client) =>
      client.renewClaim({ keys: { claim: keys.hostname(hostname) }, args: { read: claim, claim: renewed } }),
    );
    return outcome === 'ok';
  }

  async function has({ workspaceId, portalId }: HostOwner, hostname: string): Promise<boolean> {
    const text = await redis.run((client) => client.hGet(keys.portals(workspaceId), portalId));
    return text !== null && (JSON.parse(text) as Claimant).hostname === hostname;
  }

  /**
   * Claims a host name, and returns the claim; undefined if the name belongs to another portal. An earlier claim of the same portal is
   * renewed: a change that has given the name up may be about to remove it.
   */
  async function claim(hostname: string, portal: HostOwner): Promise<string | undefined> {
    const since = (at: number) => `${portal.workspaceId} ${portal.portalId} ${at}`;
    for (;;) {
      const own = since(Date.now());
      const written = await redis.run((client) => client.set(keys.hostname(hostname), own, { condition: 'NX' }));
      if (written !== null) return own;
      const found = await read(hostname);
      if (found === null) continue;
      if (isOf(found, portal)) {
        const renewed = since(Math.max(Date.now(), claimedAt(found) + 1));
        if (await renew(hostname, found, renewed)) return renewed;
        continue;
      }
      if (await has(ownerOf(found), hostname)) return undefined;
      const { outcome } = await remove(hostname, found, claimMs);
      if (outcome === 'changed') return undefined;
    }
  }

  /** Gives a claim back if the record of its portal does not have the name. */
  async function settle(hostname: string, claimed: string): Promise<void> {
    if (!(await has(ownerOf(claimed), hostname))) await remove(hostname, claimed);
    remembered.delete(hostname);
  }

  return {
    /** Changes a portal, and its claim with it. Nothing changes if the host name belongs to another portal. */
    async follow<T>(
      before: Claimant | undefined,
      after: Claimant | undefined,
      change: () => Promise<T>,
    ): Promise<T | { outcome: 'hostname_taken' }> {
      const portal = after ?? before;
      const [old, now] = [before?.hostname, after?.hostname];
      if (portal === undefined || old === now) return change();
      const held = old === undefined ? null : await read(old);
      const claimed = now === undefined ? undefined : await claim(now, portal);
      if (now !== undefined && claimed === undefined) return { outcome: 'hostname_taken' };
      try {
        return await change();
      } finally {
        // A failure from here on is not one of the change. At worst a claim is left over.
        await Promise.allSettled([
          ...(old !== undefined && held !== null && isOf(held, portal) ? [settle(old, held)] : []),
          ...(now !== undefined && claimed !== undefined ? [settle(now, claimed)] : []),
        ]);
      }
    },

    /**
     * The portal that a host name belongs to. A process learns of a change after five seconds.
     *
     * @throws StoreUnavailable
     */
    async find(hostname: string): Promise<HostOwner | undefined> {
      const known = remembered.get(hostname);
      if (known !== undefined) return known.owner;
      const found = await read(hostname);
      const owner = found === null ? undefined : ownerOf(found);
      const isReal = owner !== undefined && (await has(owner, hostname));
      remembered.set(hostname, isReal ? { owner } : {});
      return isReal ? owner : undefined;
    },
  };
}

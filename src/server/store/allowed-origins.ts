import { keys } from './keys.ts';
import type { Redis } from './redis.ts';

/** What the index knows of a portal. */
interface AllowingPortal {
  workspaceId: string;
  portalId: string;
  allowedOrigins?: string[];
}

/** How many candidates one round trip looks at. Usually there is one. */
const batchSize = 8;

const memberOf = ({ workspaceId, portalId }: AllowingPortal) => `${workspaceId} ${portalId}`;

/**
 * The portals of all workspaces by the origins that they allow. A preflight has no credential, so it names no workspace.
 *
 * The record of a portal decides, and the index only finds it: they are in different hash slots, so no step can change both. The
 * index may have a portal that no longer allows the origin, which readers notice. It has every portal that does, because each
 * change adds its origins before and after its own step.
 */
export function allowedOriginIndex(redis: Redis) {
  const add = (origin: string, member: string) =>
    redis.run((client) => client.sAdd(keys.originPortals(origin), member));
  const remove = (origin: string, member: string) =>
    redis.run((client) => client.sRem(keys.originPortals(origin), member));

  async function isAllowedBy(member: string, origin: string): Promise<boolean> {
    const [workspaceId = '', portalId = ''] = member.split(' ');
    const text = await redis.run((client) => client.hGet(keys.portals(workspaceId), portalId));
    return text !== null && (JSON.parse(text) as AllowingPortal).allowedOrigins?.includes(origin) === true;
  }

  /** Makes the index agree with the record. Reads again after a removal: another change may allow the origin meanwhile. */
  async function settle(origin: string, member: string): Promise<void> {
    if (!(await isAllowedBy(member, origin))) await remove(origin, member);
    if (await isAllowedBy(member, origin)) await add(origin, member);
  }

  return {
    /** Changes a portal, and the index with it. */
    async follow<T>(
      before: AllowingPortal | undefined,
      after: AllowingPortal | undefined,
      change: () => Promise<T>,
    ): Promise<T> {
      const [old, now] = [before?.allowedOrigins ?? [], after?.allowedOrigins ?? []];
      const changed = [
        ...old.filter((origin) => !now.includes(origin)),
        ...now.filter((origin) => !old.includes(origin)),
      ];
      const portal = after ?? before;
      if (portal === undefined || changed.length === 0) return change();
      const member = memberOf(portal);
      await Promise.all(now.map((origin) => add(origin, member)));
      try {
        return await change();
      } finally {
        // A failure from here on is not one of the change. At worst a candidate is left over.
        await Promise.allSettled(changed.map((origin) => settle(origin, member)));
      }
    },

    /** Whether some portal allows pages of this origin. Two round trips. */
    async isAllowed(origin: string): Promise<boolean> {
      for (;;) {
        const members = await redis.run((client) => client.sRandMemberCount(keys.originPortals(origin), batchSize));
        if (members.length === 0) return false;
        const allowed = await Promise.all(members.map((member) => isAllowedBy(member, origin)));
        if (allowed.includes(true)) return true;
        await Promise.all(members.map((member) => settle(origin, member)));
      }
    },
  };
}

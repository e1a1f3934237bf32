import { allowedOriginIndex } from './allowed-origins.ts';
import type { Change } from './audit.ts';
import type { Portal } from './control-data.ts';
import type { Home } from './home.ts';
import type { hostnameStore } from './hostnames.ts';
import { keys } from './keys.ts';
import { limitReached, type Quota, type StoreLimits } from './limits.ts';
import { type Page, type PageRequest, placeOf, readPage } from './page.ts';
import { portalLists } from './portal-lists.ts';
import type { Manager } from './proof.ts';
import type { Redis } from './redis.ts';

export type { Portal };

/** Unknown API ids, by their position in the input. */
export interface UnknownApis {
  unknownApis: number[];
}

export function portalStore(
  redis: Redis,
  home: Home,
  hostnames: ReturnType<typeof hostnameStore>,
  quota: Quota,
  { portals: maxPortals }: StoreLimits,
) {
  const slugsAndPortals = (workspaceId: string) => ({
    portalSlugs: keys.portalSlugs(workspaceId),
    portals: keys.portals(workspaceId),
  });

  const origins = allowedOriginIndex(redis);

  /** Changes a portal, and what is in other slots with it. */
  const follow = <T>(before: Portal | undefined, after: Portal | undefined, change: () => Promise<T>) =>
    hostnames.follow(before, after, () => origins.follow(before, after, change));

  return {
    /** Whether a portal of any workspace allows pages of this origin. */
    isOriginAllowed: (origin: string): Promise<boolean> => origins.isAllowed(origin),

    /**
     * Writes a new portal, or returns why not: its slug or its host name is taken, or the workspace does not have one of its APIs.
     *
     * @throws Problem limit_exceeded; of a caller that is no longer valid
     */
    async create(
      portal: Portal,
      change: Change<Manager>,
    ): Promise<'ok' | 'slug_taken' | 'hostname_taken' | UnknownApis> {
      const { workspaceId, portalId, slug, createdAt, apiIds } = portal;
      const create = () =>
        home.add(workspaceId, change, (client, common) =>
          client.createPortal({
            keys: {
              ...common.keys,
              ...slugsAndPortals(workspaceId),
              portalOrder: keys.portalOrder(workspaceId),
              apis: keys.apis(workspaceId),
              quota: keys.quota(workspaceId),
            },
            args: {
              ...common.args,
              ...quota.args,
              maxPortals,
              slug,
              portalId,
              portal: JSON.stringify(portal),
              place: placeOf(createdAt, portalId),
              apiIds,
            },
          }),
        );
      const followed = await follow(undefined, portal, create);
      if (followed.outcome === 'hostname_taken') return 'hostname_taken';
      const reply = quota.within(followed);
      if (reply.outcome === 'too_many') throw limitReached(`${maxPortals} portals per workspace`);
      return reply.outcome === 'api_not_found' ? { unknownApis: reply.positions } : reply.outcome;
    },

    /** The portal with this slug, or undefined. */
    async findBySlug(workspaceId: string, slug: string): Promise<Portal | undefined> {
      const reply = await redis.run((client) =>
        client.findPortal({ keys: slugsAndPortals(workspaceId), args: { slug } }),
      );
      return reply.outcome === 'ok' ? JSON.parse(reply.portal) : undefined;
    },

    /** The portal with this id, or undefined. */
    async find(workspaceId: string, portalId: string): Promise<Portal | undefined> {
      const text = await redis.run((client) => client.hGet(keys.portals(workspaceId), portalId));
      return text === null ? undefined : JSON.parse(text);
    },

    /** One page of a workspace's portals, newest first. */
    list: (workspaceId: string, page: PageRequest): Promise<Page<Portal>> =>
      readPage(redis, { records: keys.portals(workspaceId), order: keys.portalOrder(workspaceId) }, page),

    /**
     * Writes the next version of a portal, or returns why not. Ends all sessions of a portal that it disables. Checks the
     * API ids that are new to the portal.
     *
     * @throws Problem limit_exceeded; of a caller that is no longer valid
     */
    async replace(
      before: Portal,
      after: Portal,
      change: Change<Manager>,
    ): Promise<'ok' | 'stale' | 'not_found' | 'hostname_taken' | UnknownApis> {
      const { workspaceId, portalId, version } = before;
      const added = after.apiIds.filter((apiId) => !before.apiIds.includes(apiId));
      const write = () =>
        home.change(workspaceId, change, (client, common) =>
          client.replacePortal({
            keys: {
              ...common.keys,
              portals: keys.portals(workspaceId),
              portalEpochs: keys.portalEpochs(workspaceId),
              apis: keys.apis(workspaceId),
              quota: keys.quota(workspaceId),
            },
            args: {
              ...common.args,
              ...quota.args,
              portalId,
              versionRead: version,
              portal: JSON.stringify(after),
              addedApiIds: added,
            },
          }),
        );
      const followed = await follow(before, after, write);
      if (followed.outcome === 'hostname_taken') return 'hostname_taken';
      const reply = quota.within(followed);
      if (reply.outcome === 'api_not_found') {
        return { unknownApis: reply.positions.map((position) => after.apiIds.indexOf(added[position] ?? '')) };
      }
      if (reply.outcome === 'ok' && reply.endedEpoch !== '') {
        await portalLists(redis, workspaceId, portalId, reply.endedEpoch).remove();
      }
      return reply.outcome;
    },

    /**
     * Removes a portal and ends its sessions. False if it does not exist.
     *
     * @throws Problem of a caller that is no longer valid
     */
    async delete(portal: Portal, change: Change<Manager>): Promise<boolean> {
      const { workspaceId, portalId, slug, createdAt } = portal;
      const remove = () =>
        home.change(workspaceId, change, (client, common) =>
          client.deletePortal({
            keys: {
              ...common.keys,
              ...slugsAndPortals(workspaceId),
              portalOrder: keys.portalOrder(workspaceId),
              portalEpochs: keys.portalEpochs(workspaceId),
              document: keys.openapiDocument(workspaceId, portalId),
              quota: keys.quota(workspaceId),
            },
            args: { ...common.args, slug, portalId, place: placeOf(createdAt, portalId) },
          }),
        );
      const reply = await follow(portal, undefined, remove);
      if (reply.outcome === 'hostname_taken') throw new Error('a portal that is removed claims nothing');
      if (reply.outcome === 'ok') await portalLists(redis, workspaceId, portalId, reply.endedEpoch).remove();
      return reply.outcome === 'ok';
    },
  };
}

import type { Branding } from '../../../generated/client/types.gen.ts';
import { allowedOriginIndex } from './allowed-origins.ts';
import type { AuditLog, Change } from './audit.ts';
import { keys } from './keys.ts';
import { limitReached, type Quota, type StoreLimits } from './limits.ts';
import { type Page, type PageRequest, placeOf, readPage } from './page.ts';
import { accepted, ofCaller } from './proof.ts';
import type { Commands } from './redis/client.ts';
import type { Redis } from './redis.ts';

/** The configuration of a portal. */
export interface Portal {
  portalId: string;
  workspaceId: string;
  /** Never changes: links, backends and indexes use it. */
  slug: string;
  name?: string;
  enabled: boolean;
  returnUrl?: string;
  /** Allowed origins of the return URL of a session, beside the origin of `returnUrl`. */
  allowedReturnOrigins: string[];
  /** The help page for users. */
  supportUrl?: string;
  /** Origins of pages that can show the portal in a frame. Absent in old records, which means none. */
  embeddingOrigins?: string[];
  /** Origins of pages that can call the portal's operations. Absent in old records, which means none. */
  allowedOrigins?: string[];
  /** The URL of the OpenAPI document of the customer's API. */
  openapiUrl?: string;
  branding: Branding;
  /** The APIs whose keys users manage in the portal. */
  apiIds: string[];
  /** Counts the changes, from 1. */
  version: number;
  /** Unix ms. */
  createdAt: number;
  /** Unix ms. */
  updatedAt: number;
}

/** Unknown API ids, by their position in the input. */
export interface UnknownApis {
  unknownApis: number[];
}

export function portalStore(redis: Redis, audit: AuditLog, quota: Quota, { portals: maxPortals }: StoreLimits) {
  const slugsAndPortals = (workspaceId: string) => ({
    portalSlugs: keys.portalSlugs(workspaceId),
    portals: keys.portals(workspaceId),
  });

  const origins = allowedOriginIndex(redis);

  return {
    /** Whether a portal of any workspace allows pages of this origin. */
    isOriginAllowed: (origin: string): Promise<boolean> => origins.isAllowed(origin),

    /**
     * Writes a new portal, or returns why not: its slug is taken, or the workspace does not have one of its APIs.
     *
     * @throws Problem limit_exceeded; of a caller that is no longer valid
     */
    async create(portal: Portal, { proof, entry }: Change): Promise<'ok' | 'slug_taken' | UnknownApis> {
      const { workspaceId, portalId, slug, createdAt, apiIds } = portal;
      const create = (client: Commands) =>
        client.createPortal({
          keys: {
            ...ofCaller.keys(workspaceId, proof),
            audit: keys.audit(workspaceId),
            ...slugsAndPortals(workspaceId),
            portalOrder: keys.portalOrder(workspaceId),
            apis: keys.apis(workspaceId),
            quota: keys.quota(workspaceId),
          },
          args: {
            ...ofCaller.args(proof),
            ...audit.args(entry),
            ...quota.args,
            maxPortals,
            slug,
            portalId,
            portal: JSON.stringify(portal),
            place: placeOf(createdAt, portalId),
            apiIds,
          },
        });
      const reply = quota.within(accepted(await origins.follow(undefined, portal, () => redis.run(create))));
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
      { proof, entry }: Change,
    ): Promise<'ok' | 'stale' | 'not_found' | UnknownApis> {
      const { workspaceId, portalId, version } = before;
      const added = after.apiIds.filter((apiId) => !before.apiIds.includes(apiId));
      const write = (client: Commands) =>
        client.replacePortal({
          keys: {
            ...ofCaller.keys(workspaceId, proof),
            audit: keys.audit(workspaceId),
            apis: keys.apis(workspaceId),
            portalSessions: keys.portalSessions(workspaceId, before.slug),
            quota: keys.quota(workspaceId),
          },
          args: {
            ...ofCaller.args(proof),
            ...audit.args(entry),
            ...quota.args,
            portalId,
            versionRead: version,
            portal: JSON.stringify(after),
            addedApiIds: added,
          },
        });
      const reply = quota.within(accepted(await origins.follow(before, after, () => redis.run(write))));
      if (reply.outcome !== 'api_not_found') return reply.outcome;
      return { unknownApis: reply.positions.map((position) => after.apiIds.indexOf(added[position] ?? '')) };
    },

    /**
     * Removes a portal and ends its sessions. False if it does not exist.
     *
     * @throws Problem of a caller that is no longer valid
     */
    async delete(portal: Portal, { proof, entry }: Change): Promise<boolean> {
      const { workspaceId, portalId, slug, createdAt } = portal;
      const remove = (client: Commands) =>
        client.deletePortal({
          keys: {
            ...ofCaller.keys(workspaceId, proof),
            audit: keys.audit(workspaceId),
            ...slugsAndPortals(workspaceId),
            portalOrder: keys.portalOrder(workspaceId),
            portalSessions: keys.portalSessions(workspaceId, slug),
            document: keys.openapiDocument(workspaceId, portalId),
            quota: keys.quota(workspaceId),
          },
          args: {
            ...ofCaller.args(proof),
            ...audit.args(entry),
            slug,
            portalId,
            place: placeOf(createdAt, portalId),
          },
        });
      const { outcome } = accepted(await origins.follow(portal, undefined, () => redis.run(remove)));
      return outcome === 'ok';
    },
  };
}

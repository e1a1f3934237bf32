import type { Branding } from '../../../generated/client/types.gen.ts';
import type { AuditLog, AuditRecord } from './audit.ts';
import { keys } from './keys.ts';
import { type Page, type PageRequest, placeOf, readPage } from './page.ts';
import type { Redis } from './redis.ts';

/** A portal's configuration. */
export interface Portal {
  portalId: string;
  workspaceId: string;
  /** Never changes: links, backends and indexes know the portal by it. */
  slug: string;
  name?: string;
  enabled: boolean;
  returnUrl?: string;
  /** Where sessions may lead, beside the origin of the return URL. */
  allowedReturnOrigins: string[];
  /** Where users get help. */
  supportUrl?: string;
  /** Whose pages may show it in a frame. Absent, as in records from before there were any, means nobody's. */
  embeddingOrigins?: string[];
  /** Where the OpenAPI document of the customer's API is. */
  openapiUrl?: string;
  branding: Branding;
  /** The APIs it hands out keys for. */
  apiIds: string[];
  /** Counts the changes, from 1. */
  version: number;
  /** Unix ms. */
  createdAt: number;
  /** Unix ms. */
  updatedAt: number;
}

/** API ids that are none, by their position in what was given. */
export interface UnknownApis {
  unknownApis: number[];
}

const unknownApis = (positions: (string | number)[]): UnknownApis => ({ unknownApis: positions.map(Number) });

export function portalStore(redis: Redis, audit: AuditLog) {
  const slugAndPortals = (workspaceId: string) => [keys.portalSlugs(workspaceId), keys.portals(workspaceId)];

  return {
    /** Writes a new portal, or says why not: its slug is taken in its workspace, or an API is none of it. */
    async create(portal: Portal, record: AuditRecord): Promise<'ok' | 'slug_taken' | UnknownApis> {
      const { workspaceId, portalId, slug, createdAt, apiIds } = portal;
      const [outcome, ...positions] = await redis.run((client) =>
        client.createPortal(
          [
            audit.key(workspaceId),
            ...slugAndPortals(workspaceId),
            keys.portalOrder(workspaceId),
            keys.apis(workspaceId),
          ],
          [...audit.args(record), slug, portalId, JSON.stringify(portal), placeOf(createdAt, portalId), ...apiIds],
        ),
      );
      return outcome === 'api_not_found' ? unknownApis(positions) : (outcome as 'ok');
    },

    /** The portal with this slug, or undefined. */
    async findBySlug(workspaceId: string, slug: string): Promise<Portal | undefined> {
      const [outcome, portal] = await redis.run((client) => client.findPortal(slugAndPortals(workspaceId), [slug]));
      return outcome === 'ok' ? JSON.parse(String(portal)) : undefined;
    },

    /** The portal with this id, or undefined. */
    async find(workspaceId: string, portalId: string): Promise<Portal | undefined> {
      const text = await redis.run((client) => client.hGet(keys.portals(workspaceId), portalId));
      return text === null ? undefined : JSON.parse(text);
    },

    /** One page of a workspace's portals, newest first. */
    list: (workspaceId: string, page: PageRequest): Promise<Page<Portal>> =>
      readPage(redis, [keys.portals(workspaceId), keys.portalOrder(workspaceId)], page),

    /** Writes a portal's next version, or says why not. Switched off, its sessions have ended. API ids are looked for where they are new to the portal. */
    async replace(
      before: Portal,
      after: Portal,
      record: AuditRecord,
    ): Promise<'ok' | 'stale' | 'not_found' | UnknownApis> {
      const { workspaceId, portalId, version } = before;
      const added = after.apiIds.filter((apiId) => !before.apiIds.includes(apiId));
      const [outcome, ...positions] = await redis.run((client) =>
        client.replacePortal(
          [
            audit.key(workspaceId),
            keys.portals(workspaceId),
            keys.apis(workspaceId),
            keys.portalEpochs(workspaceId),
            keys.portalSessions(workspaceId, before.slug),
          ],
          [...audit.args(record), portalId, String(version), JSON.stringify(after), ...added],
        ),
      );
      if (outcome !== 'api_not_found') return outcome as 'ok';
      return unknownApis(positions.map((position) => after.apiIds.indexOf(added[Number(position)] ?? '')));
    },

    /** Removes a portal; its sessions are not found any more. False where it is gone already. */
    async delete({ workspaceId, portalId, slug, createdAt }: Portal, record: AuditRecord): Promise<boolean> {
      const [outcome] = await redis.run((client) =>
        client.deletePortal(
          [
            audit.key(workspaceId),
            ...slugAndPortals(workspaceId),
            keys.portalOrder(workspaceId),
            keys.portalEpochs(workspaceId),
            keys.portalSessions(workspaceId, slug),
            keys.openapiDocument(workspaceId, portalId),
          ],
          [...audit.args(record), slug, portalId, placeOf(createdAt, portalId)],
        ),
      );
      return outcome === 'ok';
    },
  };
}

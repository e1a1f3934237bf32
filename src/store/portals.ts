import type { Branding } from '../../generated/client/types.gen.ts';
import { keys } from './keys.ts';
import type { Redis } from './redis.ts';

/** A portal's configuration. */
export interface Portal {
  portalId: string;
  workspaceId: string;
  slug: string;
  name?: string;
  enabled: boolean;
  returnUrl?: string;
  branding: Branding;
  /** Unix ms. */
  createdAt: number;
  /** Unix ms. */
  updatedAt: number;
}

export function portalStore(redis: Redis) {
  const slugAndPortals = (workspaceId: string) => [keys.portalSlugs(workspaceId), keys.portals(workspaceId)];

  async function findText(workspaceId: string, slug: string): Promise<string | undefined> {
    const [outcome, portal] = await redis.run((client) => client.findPortal(slugAndPortals(workspaceId), [slug]));
    return outcome === 'ok' ? String(portal) : undefined;
  }

  return {
    /** Writes a new portal. False where the slug is taken in its workspace. */
    async create(portal: Portal): Promise<boolean> {
      const { workspaceId, portalId, slug } = portal;
      const [outcome] = await redis.run((client) =>
        client.createPortal(slugAndPortals(workspaceId), [slug, portalId, JSON.stringify(portal)]),
      );
      return outcome === 'ok';
    },

    /** The portal with this slug, or undefined. */
    async findBySlug(workspaceId: string, slug: string): Promise<Portal | undefined> {
      const text = await findText(workspaceId, slug);
      return text === undefined ? undefined : JSON.parse(text);
    },

    /** The portal with this id, or undefined. */
    async find(workspaceId: string, portalId: string): Promise<Portal | undefined> {
      const text = await redis.run((client) => client.hGet(keys.portals(workspaceId), portalId));
      return text === null ? undefined : JSON.parse(text);
    },

    /** All portals of a workspace, oldest first. */
    async list(workspaceId: string): Promise<Portal[]> {
      const found = await redis.run((client) => client.hVals(keys.portals(workspaceId)));
      return found.map((text): Portal => JSON.parse(text)).sort((a, b) => a.createdAt - b.createdAt);
    },

    /** Changes a portal, again on top of what another process wrote in between. Undefined where there is none. */
    async update(workspaceId: string, slug: string, change: (portal: Portal) => Portal): Promise<Portal | undefined> {
      for (;;) {
        const before = await findText(workspaceId, slug);
        if (before === undefined) return undefined;
        const after = change(JSON.parse(before));
        const [outcome] = await redis.run((client) =>
          client.replacePortal([keys.portals(workspaceId)], [after.portalId, before, JSON.stringify(after)]),
        );
        if (outcome === 'ok') return after;
      }
    },

    /** Removes a portal; its sessions are not found any more. Undefined where there is none, else its id. */
    async delete(workspaceId: string, slug: string): Promise<string | undefined> {
      const [outcome, portalId] = await redis.run((client) => client.deletePortal(slugAndPortals(workspaceId), [slug]));
      return outcome === 'ok' ? String(portalId) : undefined;
    },
  };
}

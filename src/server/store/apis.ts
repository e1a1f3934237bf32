import type { Change } from './audit.ts';
import type { Api } from './control-data.ts';
import type { Home } from './home.ts';
import { keys } from './keys.ts';
import { limitReached, type Quota, type StoreLimits } from './limits.ts';
import { type Page, type PageRequest, placeOf, readPage } from './page.ts';
import type { Manager } from './proof.ts';
import type { Redis } from './redis.ts';

export type { Api };

export function apiStore(redis: Redis, home: Home, quota: Quota, { apis: maxApis }: StoreLimits) {
  const keysOf = (workspaceId: string) => ({
    apis: keys.apis(workspaceId),
    apiOrder: keys.apiOrder(workspaceId),
    deletedApis: keys.deletedApis(workspaceId),
    scopeCatalogues: keys.scopeCatalogues(workspaceId),
    quota: keys.quota(workspaceId),
  });

  return {
    /**
     * Writes a new API.
     *
     * @throws Problem limit_exceeded; of a caller that is no longer valid
     */
    async create(workspaceId: string, api: Api, change: Change<Manager>): Promise<void> {
      const own = { apiId: api.apiId, api: JSON.stringify(api), place: placeOf(api.createdAt, api.apiId), maxApis };
      const { outcome } = quota.within(
        await home.add(workspaceId, change, (client, common) =>
          client.createApi({
            keys: { ...common.keys, ...keysOf(workspaceId) },
            args: { ...common.args, ...quota.args, ...own },
          }),
        ),
      );
      if (outcome === 'too_many') throw limitReached(`${maxApis} APIs per workspace`);
    },

    /** The API with this id, or undefined. */
    async find(workspaceId: string, apiId: string): Promise<Api | undefined> {
      const text = await redis.run((client) => client.hGet(keys.apis(workspaceId), apiId));
      return text === null ? undefined : JSON.parse(text);
    },

    /** The APIs with these ids that exist, in the order of the ids. */
    async findMany(workspaceId: string, apiIds: string[]): Promise<Api[]> {
      if (apiIds.length === 0) return [];
      const found = await redis.run((client) => client.hmGet(keys.apis(workspaceId), apiIds));
      return found.filter((text) => text !== null).map((text): Api => JSON.parse(text));
    },

    /** One page of a workspace's APIs, newest first. */
    list: (workspaceId: string, page: PageRequest): Promise<Page<Api>> =>
      readPage(redis, { records: keys.apis(workspaceId), order: keys.apiOrder(workspaceId) }, page),

    /**
     * Writes an API again, unless it has changed since it was read, or is gone. Writes nothing if nothing has changed.
     *
     * @throws Problem limit_exceeded; of a caller that is no longer valid
     */
    async replace(
      workspaceId: string,
      before: Api,
      after: Api,
      change: Change<Manager>,
    ): Promise<'ok' | 'stale' | 'not_found'> {
      const own = {
        apiId: before.apiId,
        textRead: JSON.stringify(before),
        api: JSON.stringify(after),
        dropsCatalogue: Number(before.catalogue !== undefined && after.catalogue === undefined),
      };
      const { outcome } = quota.within(
        await home.change(workspaceId, change, (client, common) =>
          client.replaceApi({
            keys: { ...common.keys, ...keysOf(workspaceId) },
            args: { ...common.args, ...quota.args, ...own },
          }),
        ),
      );
      return outcome;
    },

    /**
     * Removes an API without its keys. False if it does not exist.
     *
     * @throws Problem of a caller that is no longer valid
     */
    async delete(workspaceId: string, { apiId, createdAt }: Api, change: Change<Manager>): Promise<boolean> {
      const { outcome } = await home.change(workspaceId, change, (client, common) =>
        client.deleteApi({
          keys: { ...common.keys, ...keysOf(workspaceId) },
          args: { ...common.args, apiId, place: placeOf(createdAt, apiId) },
        }),
      );
      return outcome === 'ok';
    },
  };
}

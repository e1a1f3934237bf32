import { currentCatalogue } from '../domain/documents/api-scopes.ts';
import { usableApis } from '../domain/keys/key-access.ts';
import type { Operation } from './operation.ts';

export const portalListApis: Operation<'portal.listApis'> = async ({ caller }, deps) => {
  const { workspaceId } = caller.portal;
  const data = await usableApis(deps.store, caller, (api) => currentCatalogue(deps.store, workspaceId, api, deps));
  return { data, pagination: { hasMore: false } };
};

import { Problem } from '../problem.ts';
import type { Owner } from '../store/api-keys.ts';
import type { Api } from '../store/apis.ts';
import type { Store } from '../store/index.ts';
import { firstMissing } from './permissions.ts';
import type { AuthenticatedSession } from './sessions.ts';

/** What a session may be allowed to do with the keys of an API. */
export type KeyAction = 'read_key' | 'create_key' | 'update_key' | 'delete_key' | 'read_analytics';

/** Whose keys the session is about. */
export const ownerOf = ({ grant, portal }: AuthenticatedSession): Owner => ({
  workspaceId: portal.workspaceId,
  externalId: grant.externalId,
});

const missing = (permission: string) =>
  new Problem('unkey/authorization/insufficient_permissions', { parameters: { permission } });

/** @throws Problem insufficient_permissions, naming what is missing on the API */
export function requireOnApi({ grant }: AuthenticatedSession, apiId: string, action: KeyAction): void {
  const permission = firstMissing(grant.permissions, [`api.${apiId}.${action}`]);
  if (permission !== undefined) throw missing(permission);
}

/**
 * An API of the session's portal on which it holds the permission.
 *
 * @throws Problem api_not_found where the portal does not have it or it is gone; insufficient_permissions
 */
export async function portalApi(
  store: Store,
  session: AuthenticatedSession,
  apiId: string,
  action: KeyAction,
): Promise<Api> {
  const { workspaceId, apiIds } = session.portal;
  const api = apiIds.includes(apiId) ? await store.apis.find(workspaceId, apiId) : undefined;
  if (api === undefined) throw new Problem('unkey/data/api_not_found');
  requireOnApi(session, apiId, action);
  return api;
}

/**
 * The ids of the one API that is asked for, or of all APIs of the portal on which the session holds the permission.
 *
 * @throws Problem api_not_found, insufficient_permissions where it holds it on none
 */
export async function readableApis(
  store: Store,
  session: AuthenticatedSession,
  action: KeyAction,
  apiId?: string,
): Promise<string[]> {
  if (apiId !== undefined) return [(await portalApi(store, session, apiId, action)).apiId];
  const { portal, grant } = session;
  const holds = (id: string) => firstMissing(grant.permissions, [`api.${id}.${action}`]) === undefined;
  const readable = portal.apiIds.filter(holds);
  if (readable.length === 0 && !holds('*')) throw missing(`api.*.${action}`);
  return (await store.apis.findMany(portal.workspaceId, readable)).map((api) => api.apiId);
}

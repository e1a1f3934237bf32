import type { VisibleApi } from '../../../../generated/client/types.gen.ts';
import { type Known, knownValues } from '../../../../generated/known-values.ts';
import { Problem } from '../../problem.ts';
import type { Owner } from '../../store/api-keys.ts';
import type { Api } from '../../store/apis.ts';
import type { Store } from '../../store/index.ts';
import { firstMissing } from '../permissions.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';

/** The owner of the keys of the session. */
export const ownerOf = ({ grant, portal }: AuthenticatedSession): Owner => ({
  workspaceId: portal.workspaceId,
  externalId: grant.externalId,
});

const holds = ({ grant }: AuthenticatedSession, apiId: string, action: Known<'KeyAction'>): boolean =>
  firstMissing(grant.permissions, [`api.${apiId}.${action}`]) === undefined;

const missing = (permission: string) =>
  new Problem('unkey/authorization/insufficient_permissions', { parameters: { permission } });

/** @throws Problem insufficient_permissions, which names the missing permission */
export function requireOnApi(session: AuthenticatedSession, apiId: string, action: Known<'KeyAction'>): void {
  if (!holds(session, apiId, action)) throw missing(`api.${apiId}.${action}`);
}

/**
 * An API of the session's portal on which the session has the permission.
 *
 * @throws Problem api_not_found if the portal does not have the API or it was deleted; insufficient_permissions
 */
export async function portalApi(
  store: Store,
  session: AuthenticatedSession,
  apiId: string,
  action: Known<'KeyAction'>,
): Promise<Api> {
  const { workspaceId, apiIds } = session.portal;
  const api = apiIds.includes(apiId) ? await store.apis.find(workspaceId, apiId) : undefined;
  if (api === undefined) throw new Problem('unkey/data/api_not_found');
  requireOnApi(session, apiId, action);
  return api;
}

/**
 * The id of the API with this id, or the ids of all APIs of the portal on which the session has the permission.
 *
 * @throws Problem api_not_found; insufficient_permissions if the session has the permission on none
 */
export async function readableApis(
  store: Store,
  session: AuthenticatedSession,
  action: Known<'KeyAction'>,
  apiId?: string,
): Promise<string[]> {
  if (apiId !== undefined) return [(await portalApi(store, session, apiId, action)).apiId];
  const { portal } = session;
  const readable = portal.apiIds.filter((id) => holds(session, id, action));
  if (readable.length === 0 && !holds(session, '*', action)) throw missing(`api.*.${action}`);
  return (await store.apis.findMany(portal.workspaceId, readable)).map((api) => api.apiId);
}

/** The existing APIs of the portal that the session can use, in the order of the portal, with the permitted actions. */
export async function usableApis(store: Store, session: AuthenticatedSession): Promise<VisibleApi[]> {
  const { workspaceId, apiIds } = session.portal;
  const actionsIn = (apiId: string) => knownValues.KeyAction.filter((action) => holds(session, apiId, action));
  const usable = apiIds.filter((apiId) => actionsIn(apiId).length > 0);
  const apis = await store.apis.findMany(workspaceId, usable);
  return apis.map(({ createdAt: _, policy: __, ...api }) => ({ ...api, actions: actionsIn(api.apiId) }));
}

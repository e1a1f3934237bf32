import type { VisibleApi } from '../../../../generated/client/types.gen.ts';
import { type Known, knownValues } from '../../../../generated/known-values.ts';
import { Problem } from '../../problem.ts';
import type { StoredApiKey } from '../../store/api-key-record.ts';
import type { Owner } from '../../store/api-keys.ts';
import type { Api } from '../../store/apis.ts';
import type { Store } from '../../store/index.ts';
import type { VerifiedRootKey } from '../../store/proof.ts';
import type { StoredCatalogue } from '../../store/scopes.ts';
import { firstMissing } from '../permissions.ts';
import { boundsOf, policyOfBounds } from '../policies/bounds.ts';
import { offeredScopes } from '../policies/offered-scopes.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';

/**
 * Who works with keys: a user with their own keys in the APIs of their portal, or a backend with the keys of all users of its workspace.
 * Both need the permission on the API.
 */
export type KeyCaller = AuthenticatedSession | VerifiedRootKey;

/** What a caller may do with keys in an API: the last part of a permission. */
type KeyAction = Known<'KeyAction'> | 'import_key';

export const isUser = (caller: KeyCaller): caller is AuthenticatedSession => 'grant' in caller;

/** The workspace of a caller. */
export const workspaceOf = (caller: KeyCaller): string => (isUser(caller) ? caller.portal : caller).workspaceId;

/** The owner of the keys of the session. */
export const ownerOf = ({ grant, portal }: AuthenticatedSession): Owner => ({
  workspaceId: portal.workspaceId,
  externalId: grant.externalId,
});

/** Whether the caller has the permission on the API. */
export const holds = (caller: KeyCaller, apiId: string, action: KeyAction): boolean =>
  firstMissing((isUser(caller) ? caller.grant : caller).permissions, [`api.${apiId}.${action}`]) === undefined;

const missing = (permission: string) =>
  new Problem('unkey/authorization/insufficient_permissions', { parameters: { permission } });

/** @throws Problem insufficient_permissions, which names the missing permission */
export function requireOnApi(caller: KeyCaller, apiId: string, action: KeyAction): void {
  if (!holds(caller, apiId, action)) throw missing(`api.${apiId}.${action}`);
}

/** Whether the caller can know of an API: a user of those of their portal, a backend of all. */
const isVisible = (caller: KeyCaller, apiId: string): boolean =>
  !isUser(caller) || caller.portal.apiIds.includes(apiId);

/**
 * An API on which the caller has the permission.
 *
 * @throws Problem api_not_found if it was deleted or the portal of a session does not have it; insufficient_permissions
 */
export async function usableApi(store: Store, caller: KeyCaller, apiId: string, action: KeyAction): Promise<Api> {
  // A root key for one API learns nothing about others.
  if (!isUser(caller)) requireOnApi(caller, apiId, action);
  const api = isVisible(caller, apiId) ? await store.apis.find(workspaceOf(caller), apiId) : undefined;
  if (api === undefined) throw new Problem('unkey/data/api_not_found');
  requireOnApi(caller, apiId, action);
  return api;
}

/**
 * A key on which the caller has the permission: one of a user's own in an API of their portal, or any of the workspace of a backend.
 *
 * @throws Problem key_not_found, insufficient_permissions
 */
export async function usableKey(
  store: Store,
  caller: KeyCaller,
  keyId: string,
  action: KeyAction,
): Promise<StoredApiKey> {
  const key = isUser(caller)
    ? await store.apiKeys.find(ownerOf(caller), keyId)
    : await store.apiKeys.findById(caller.workspaceId, keyId);
  if (key === undefined || !isVisible(caller, key.record.apiId)) throw new Problem('unkey/data/key_not_found');
  requireOnApi(caller, key.record.apiId, action);
  return key;
}

/**
 * The API with this id, or all APIs of the portal on which the session has the permission.
 *
 * @throws Problem api_not_found; insufficient_permissions if the session has the permission on none
 */
export async function readableApis(
  store: Store,
  session: AuthenticatedSession,
  action: Known<'KeyAction'>,
  apiId?: string,
): Promise<Api[]> {
  if (apiId !== undefined) return [await usableApi(store, session, apiId, action)];
  const { portal } = session;
  const readable = portal.apiIds.filter((id) => holds(session, id, action));
  if (readable.length === 0 && !holds(session, '*', action)) throw missing(`api.*.${action}`);
  return store.apis.findMany(portal.workspaceId, readable);
}

const actionsIn = (session: AuthenticatedSession, apiId: string) =>
  knownValues.KeyAction.filter((action) => holds(session, apiId, action));

/** The existing APIs of the portal that the session can use, in the order of the portal. */
export function usedApis(store: Store, session: AuthenticatedSession): Promise<Api[]> {
  const { workspaceId, apiIds } = session.portal;
  return store.apis.findMany(
    workspaceId,
    apiIds.filter((apiId) => actionsIn(session, apiId).length > 0),
  );
}

/** The same APIs as their users can see them, with the permitted actions and what bounds their keys. */
export async function usableApis(
  store: Store,
  session: AuthenticatedSession,
  catalogueOf: (api: Api) => Promise<StoredCatalogue | undefined>,
): Promise<VisibleApi[]> {
  const [apis, userPolicy] = await Promise.all([usedApis(store, session), store.userPolicies.find(ownerOf(session))]);
  return Promise.all(
    apis.map(async (api) => {
      const { apiId, name, prefix } = api;
      const bounds = boundsOf(api, userPolicy);
      const policy = policyOfBounds(bounds);
      const scopes = offeredScopes(api, await catalogueOf(api), bounds.scopes ?? api.policy?.scopes);
      return {
        ...{ apiId, name, ...(prefix !== undefined && { prefix }) },
        ...{ actions: actionsIn(session, apiId), scopes, ...(policy !== undefined && { policy }) },
      };
    }),
  );
}

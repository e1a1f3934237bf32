import { isDeepStrictEqual } from 'node:util';
import { ApiNameSchema, ApiPrefixSchema } from '../../../../generated/client/schemas.gen.ts';
import type { ScopeSourceSettings } from '../../../../generated/client/types.gen.ts';
import { knownValues } from '../../../../generated/known-values.ts';
import { invalidInput, Problem } from '../../problem.ts';
import type { Api } from '../../store/apis.ts';
import type { ScopeSource } from '../../store/control-data.ts';
import type { Store } from '../../store/index.ts';
import type { Policy } from '../../store/policies.ts';
import type { Manager } from '../../store/proof.ts';
import { newId } from '../credentials.ts';
import { type AnyPolicySettings, checkPolicy, storedPolicy } from '../policies/policy-settings.ts';
import { nameFailures, storedName, textFailures } from '../text.ts';
import { type Author, changeOf } from '../workspaces/audit.ts';

const resourceOf = ({ apiId }: ShownApi) => ({ type: 'api', id: apiId }) as const;

/** A new API. */
interface ApiSettings {
  name: string;
  prefix?: string | undefined;
  policy?: AnyPolicySettings;
  scopeSource?: ScopeSourceSettings;
}

/** An API as the contract shows it to its operator. */
export type ShownApi = Omit<Api, 'catalogue'>;
export const apiForOperators = ({ catalogue: _, ...api }: Api): ShownApi => api;

/**
 * The source as it is stored.
 *
 * @throws Problem invalid_input if the workspace has no such portal, or the portal has no document
 */
async function storedSource(
  store: Store,
  workspaceId: string,
  { portal: idOrSlug, kinds }: ScopeSourceSettings,
): Promise<ScopeSource> {
  const isId = idOrSlug.startsWith('portal_');
  const portal = await (isId
    ? store.portals.find(workspaceId, idOrSlug)
    : store.portals.findBySlug(workspaceId, idOrSlug));
  if (portal?.openapiUrl !== undefined) {
    const { portalId } = portal;
    return { portalId, kinds: knownValues.DocumentScopeKind.filter((kind) => kinds.includes(kind)) };
  }
  const location = 'body.scopeSource.portal';
  throw invalidInput(
    portal === undefined
      ? { location, message: 'is no portal of the workspace', fix: 'Send the id or the slug of a portal.' }
      : { location, message: 'must have an `openapiUrl`', fix: 'Set it with portal.updateConfiguration first.' },
  );
}

/**
 * Creates an API in a workspace.
 *
 * @throws Problem invalid_input, limit_exceeded; of a caller that is no longer valid
 */
export async function createApi(
  store: Store,
  workspaceId: string,
  { name, prefix, policy, scopeSource }: ApiSettings,
  by: Author<Manager>,
): Promise<ShownApi> {
  const failures = [
    ...nameFailures('name', name, ApiNameSchema),
    ...textFailures('prefix', prefix, ApiPrefixSchema, 'Use up to 16 letters and digits, with single underscores.'),
  ];
  if (failures.length > 0) throw invalidInput(...failures);
  if (policy !== undefined) checkPolicy(policy);
  const stored = policy && storedPolicy<Policy>(policy);
  const api: Api = {
    apiId: newId('api'),
    name: storedName(name),
    ...(prefix !== undefined && { prefix }),
    ...(stored !== undefined && { policy: stored }),
    ...(scopeSource !== undefined && { scopeSource: await storedSource(store, workspaceId, scopeSource) }),
    createdAt: Date.now(),
  };
  const change = changeOf(by, 'api.create', resourceOf(api), undefined, apiForOperators(api));
  await store.apis.create(workspaceId, api, change);
  return api;
}

/**
 * The API with this id, as it is stored.
 *
 * @throws Problem api_not_found, also for an API of another workspace
 */
export async function findApi(store: Store, workspaceId: string, apiId: string): Promise<Api> {
  const api = await store.apis.find(workspaceId, apiId);
  if (api === undefined) throw new Problem('unkey/data/api_not_found');
  return api;
}

/**
 * The API with this id.
 *
 * @throws Problem api_not_found, also for an API of another workspace
 */
export const getApi = async (store: Store, workspaceId: string, apiId: string): Promise<ShownApi> =>
  apiForOperators(await findApi(store, workspaceId, apiId));

/** The changes of an API: an absent field stays, and a policy or a source of null is none. */
export interface ApiChanges {
  name?: string;
  policy?: AnyPolicySettings | null;
  scopeSource?: ScopeSourceSettings | null;
}

/** The changes, or what makes them of the API as it is: it runs again if others change the API meanwhile. */
type ApiChangesOf = ApiChanges | ((before: Api) => ApiChanges);

/** @param source the source as it is stored; undefined if it stays */
function changedApi(before: Api, { name, policy }: ApiChanges, source: ScopeSource | null | undefined): Api {
  const { policy: oldPolicy, scopeSource: oldSource, catalogue, createdAt, ...rest } = before;
  const newPolicy = policy === undefined ? oldPolicy : policy && storedPolicy<Policy>(policy);
  const newSource = source === undefined ? oldSource : source;
  return {
    ...rest,
    ...(name !== undefined && { name: storedName(name) }),
    ...(newPolicy && { policy: newPolicy }),
    ...(newSource && { scopeSource: newSource }),
    createdAt,
    // The catalogue is that of its source.
    ...(catalogue !== undefined && isDeepStrictEqual(newSource, oldSource) && { catalogue }),
  };
}

/**
 * Changes an API. If nothing changes, writes nothing. Every verification after this call is by the new policy.
 *
 * @throws Problem invalid_input, api_not_found, limit_exceeded; of a caller that is no longer valid
 */
export async function updateApi(
  store: Store,
  workspaceId: string,
  apiId: string,
  given: ApiChangesOf,
  by: Author<Manager>,
): Promise<ShownApi> {
  /** @throws Problem invalid_input */
  const checked = async (changes: ApiChanges) => {
    const failures = nameFailures('name', changes.name, ApiNameSchema);
    if (failures.length > 0) throw invalidInput(...failures);
    if (changes.policy) checkPolicy(changes.policy);
    return { changes, source: changes.scopeSource && (await storedSource(store, workspaceId, changes.scopeSource)) };
  };
  const fixed = typeof given === 'function' ? undefined : await checked(given);
  for (;;) {
    const before = await findApi(store, workspaceId, apiId);
    const { changes, source } = fixed ?? (await checked((given as (before: Api) => ApiChanges)(before)));
    const after = changedApi(before, changes, source);
    const change = changeOf(by, 'api.update', resourceOf(before), apiForOperators(before), apiForOperators(after));
    const outcome = await store.apis.replace(workspaceId, before, after, change);
    if (outcome === 'not_found') throw new Problem('unkey/data/api_not_found');
    if (outcome === 'ok') return apiForOperators(after);
  }
}

/**
 * Removes an API. Portals that have its id ignore it, and its keys are no longer found. workspaces/removals.ts removes them.
 *
 * @throws Problem api_not_found; of a caller that is no longer valid
 */
export async function deleteApi(store: Store, workspaceId: string, apiId: string, by: Author<Manager>): Promise<void> {
  const api = await findApi(store, workspaceId, apiId);
  if (!(await store.apis.delete(workspaceId, api, changeOf(by, 'api.delete', resourceOf(api), apiForOperators(api)))))
    throw new Problem('unkey/data/api_not_found');
}

import { ApiNameSchema, ApiPrefixSchema } from '../../../../generated/client/schemas.gen.ts';
import { invalidInput, Problem } from '../../problem.ts';
import type { Api } from '../../store/apis.ts';
import type { Store } from '../../store/index.ts';
import type { Policy } from '../../store/policies.ts';
import type { Manager } from '../../store/proof.ts';
import { newId } from '../credentials.ts';
import { type AnyPolicySettings, checkPolicy, storedPolicy } from '../policies/policy-settings.ts';
import { nameFailures, storedName, textFailures } from '../text.ts';
import { type Author, changeOf } from '../workspaces/audit.ts';

const resourceOf = ({ apiId }: Api) => ({ type: 'api', id: apiId }) as const;

/**
 * Creates an API in a workspace.
 *
 * @throws Problem invalid_input, limit_exceeded; of a caller that is no longer valid
 */
export async function createApi(
  store: Store,
  workspaceId: string,
  { name, prefix, policy }: { name: string; prefix?: string | undefined; policy?: AnyPolicySettings },
  by: Author<Manager>,
): Promise<Api> {
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
    createdAt: Date.now(),
  };
  await store.apis.create(workspaceId, api, changeOf(by, 'api.create', resourceOf(api), undefined, api));
  return api;
}

/**
 * The API with this id.
 *
 * @throws Problem api_not_found, also for an API of another workspace
 */
export async function getApi(store: Store, workspaceId: string, apiId: string): Promise<Api> {
  const api = await store.apis.find(workspaceId, apiId);
  if (api === undefined) throw new Problem('unkey/data/api_not_found');
  return api;
}

/** The changes of an API: an absent field stays, and a policy of null is none. */
export interface ApiChanges {
  name?: string;
  policy?: AnyPolicySettings | null;
}

function changedApi(before: Api, { name, policy }: ApiChanges): Api {
  const { policy: old, createdAt, ...rest } = before;
  const after = policy === undefined ? old : policy && storedPolicy<Policy>(policy);
  return { ...rest, ...(name !== undefined && { name: storedName(name) }), ...(after && { policy: after }), createdAt };
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
  changes: ApiChanges,
  by: Author<Manager>,
): Promise<Api> {
  const failures = nameFailures('name', changes.name, ApiNameSchema);
  if (failures.length > 0) throw invalidInput(...failures);
  if (changes.policy) checkPolicy(changes.policy);
  for (;;) {
    const before = await getApi(store, workspaceId, apiId);
    const after = changedApi(before, changes);
    const change = changeOf(by, 'api.update', resourceOf(before), before, after);
    const outcome = await store.apis.replace(workspaceId, before, after, change);
    if (outcome === 'not_found') throw new Problem('unkey/data/api_not_found');
    if (outcome === 'ok') return after;
  }
}

/**
 * Removes an API. Portals that have its id ignore it, and its keys are no longer found. workspaces/removals.ts removes them.
 *
 * @throws Problem api_not_found; of a caller that is no longer valid
 */
export async function deleteApi(store: Store, workspaceId: string, apiId: string, by: Author<Manager>): Promise<void> {
  const api = await getApi(store, workspaceId, apiId);
  if (!(await store.apis.delete(workspaceId, api, changeOf(by, 'api.delete', resourceOf(api), api))))
    throw new Problem('unkey/data/api_not_found');
}

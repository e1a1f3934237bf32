import { ApiNameSchema, ApiPrefixSchema } from '../../../../generated/client/schemas.gen.ts';
import { invalidInput, Problem } from '../../problem.ts';
import type { Api } from '../../store/apis.ts';
import type { Store } from '../../store/index.ts';
import type { Manager } from '../../store/proof.ts';
import { newId } from '../credentials.ts';
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
  { name, prefix }: { name: string; prefix?: string | undefined },
  by: Author<Manager>,
): Promise<Api> {
  const failures = [
    ...nameFailures('name', name, ApiNameSchema),
    ...textFailures('prefix', prefix, ApiPrefixSchema, 'Use up to 16 letters and digits, with single underscores.'),
  ];
  if (failures.length > 0) throw invalidInput(...failures);
  const api: Api = {
    apiId: newId('api'),
    name: storedName(name),
    ...(prefix !== undefined && { prefix }),
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

/** The scopes of an API: a list in its policy, or what the OpenAPI document of a portal offers. */
import type { ApiScopes } from '../../../../generated/client/types.gen.ts';
import type { Known } from '../../../../generated/known-values.ts';
import { invalidInput, Problem } from '../../problem.ts';
import type { Api } from '../../store/apis.ts';
import type { Store } from '../../store/index.ts';
import type { Alternatives, OperationNeeds, StoredCatalogue } from '../../store/scopes.ts';
import { sha256 } from '../credentials.ts';
import { offeredScopes } from '../policies/offered-scopes.ts';
import { findApi } from '../portals/apis.ts';
import { type DocumentAccess, documentScopes, freshMs, type ShownScopes } from './openapi-document.ts';
import { catalogueOf } from './scope-catalogue.ts';

/** The age of a copy, in ms, at which it is fetched again before an unknown operation is refused, or an operator sees the scopes. */
const recentMs = 10_000;
/** How many scopes that are gone a response has. */
const maxGone = 1000;

/** An API with its catalogue as it is stored now, and the document that it is of. */
interface ReadScopes {
  api: Api;
  state: Known<'ScopeDocumentState'>;
  /** When the document was fetched, in Unix ms; undefined without a copy. */
  fetchedAt?: number;
}

/** What the document of the source offers, or why there is none. */
async function readSource(
  store: Store,
  workspaceId: string,
  portalId: string,
  access: DocumentAccess,
  since: number | undefined,
): Promise<ShownScopes | Known<'ScopeDocumentState'>> {
  const portal = await store.portals.find(workspaceId, portalId);
  if (portal === undefined) return 'no_portal';
  try {
    return await documentScopes(store, portal, access, since);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === 'unkey/data/openapi_document_not_found') return 'no_document';
    if (error.code === 'unkey/data/openapi_document_unavailable') return 'unavailable';
    throw error;
  }
}

/**
 * Brings the stored catalogue of an API up to date with its document. Without a document, the catalogue stays as it was read last.
 *
 * @param since a copy that is older, in Unix ms, is fetched again first, if it can be
 * @returns undefined if the API was deleted, or its scopes come from no document any more
 * @throws Problem limit_exceeded; StoreUnavailable
 */
async function readScopes(
  store: Store,
  workspaceId: string,
  found: Api,
  access: DocumentAccess,
  since?: number,
): Promise<ReadScopes | undefined> {
  for (let api: Api | undefined = found; api !== undefined; api = await store.apis.find(workspaceId, api.apiId)) {
    if (api.scopeSource === undefined) return undefined;
    const { portalId, kinds } = api.scopeSource;
    const source = await readSource(store, workspaceId, portalId, access, since);
    if (typeof source === 'string') return { api, state: source };
    const catalogue = catalogueOf(source.scopes, kinds);
    const now = { ...api, catalogue: sha256(JSON.stringify(catalogue)) };
    const read: ReadScopes = { api: now, state: source.stale ? 'stale' : 'current', fetchedAt: source.fetchedAt };
    if (api.catalogue === now.catalogue) return read;
    if ((await store.scopes.keep(workspaceId, api, now, catalogue)) === 'ok') return read;
  }
  return undefined;
}

/** Looks after the response whether the document of an API has changed, if this process has not done so for a minute. */
function lookAgain(store: Store, workspaceId: string, api: Api, access: DocumentAccess): void {
  if (store.scopes.isDue(workspaceId, api))
    void readScopes(store, workspaceId, api, access, Date.now() - freshMs).catch(access.reportFailure);
}

/**
 * The catalogue of an API whose scopes come from a document, and undefined if it was never read or the scopes are a list. A process
 * looks once a minute whether the document has changed, after the response.
 */
export async function currentCatalogue(
  store: Store,
  workspaceId: string,
  api: Api,
  access: DocumentAccess,
): Promise<StoredCatalogue | undefined> {
  if (api.scopeSource === undefined) return undefined;
  if (api.catalogue === undefined) {
    const read = await readScopes(store, workspaceId, api, access);
    return read && store.scopes.catalogue(workspaceId, read.api);
  }
  lookAgain(store, workspaceId, api, access);
  return store.scopes.catalogue(workspaceId, api);
}

/** Reads the document of an API whose source was set just now, so that its scopes can be offered. */
export async function readNewSource(
  store: Store,
  workspaceId: string,
  apiId: string,
  access: DocumentAccess,
): Promise<void> {
  const api = await store.apis.find(workspaceId, apiId);
  if (api?.scopeSource !== undefined && api.catalogue === undefined) await readScopes(store, workspaceId, api, access);
}

/**
 * What a key needs to call an operation. A process that has the catalogue says it at once, so that a verification stays one round trip.
 * Else the document is read: an unknown operation may be new, so a copy of more than ten seconds is fetched again.
 *
 * @param location where the operation is named in the body
 * @returns a function that throws Problem invalid_input if the document of the API has no such operation
 */
export function operationNeeds(
  store: Store,
  access: DocumentAccess,
  operationId: string,
  location: string,
): OperationNeeds {
  async function read(workspaceId: string, api: Api): Promise<Alternatives> {
    const current = await currentCatalogue(store, workspaceId, api, access);
    const known = current?.operations.get(operationId);
    if (known !== undefined) return known;
    const now = await readScopes(store, workspaceId, api, access, Date.now() - recentMs);
    const found = now && (await store.scopes.catalogue(workspaceId, now.api))?.operations.get(operationId);
    if (found !== undefined) return found;
    throw invalidInput(
      now === undefined
        ? {
            location,
            message: 'must be left out: the scopes of the API of this key come from no OpenAPI document',
            fix: 'Send `scopes`, or set the `scopeSource` of the API with apis.updateApi.',
          }
        : {
            location,
            message: 'is no operation of the OpenAPI document that the scopes of the API come from',
            fix: 'Send an operationId that apis.getScopes returns for the API.',
          },
    );
  }
  return (workspaceId, api, isCertain) => {
    const known = store.scopes.cached(workspaceId, api)?.operations.get(operationId);
    if (known === undefined) return isCertain ? read(workspaceId, api) : undefined;
    lookAgain(store, workspaceId, api, access);
    return known;
  };
}

/**
 * The scopes of an API, and how many keys carry them.
 *
 * @throws Problem api_not_found, limit_exceeded; StoreUnavailable
 */
export async function getScopes(
  store: Store,
  workspaceId: string,
  apiId: string,
  access: DocumentAccess,
): Promise<ApiScopes> {
  const found = await findApi(store, workspaceId, apiId);
  const read = await readScopes(store, workspaceId, found, access, Date.now() - recentMs);
  const api = read?.api ?? found;
  const [catalogue, counts] = await Promise.all([
    store.scopes.catalogue(workspaceId, api),
    store.scopes.counts(workspaceId, apiId),
  ]);
  const scopes = offeredScopes(api, catalogue, api.policy?.scopes).map((each) => ({
    ...each,
    keys: counts.get(each.scope) ?? 0,
  }));
  for (const { scope } of scopes) counts.delete(scope);
  const gone = [...counts].map(([scope, keys]) => ({ scope, keys })).sort((a, b) => b.keys - a.keys);
  const { omitted = { scopes: 0, operations: 0 } } = catalogue ?? {};
  return {
    apiId,
    ...(read !== undefined && {
      document: {
        state: read.state,
        ...(read.fetchedAt !== undefined && { fetchedAt: read.fetchedAt }),
        omittedScopes: omitted.scopes,
        omittedOperations: omitted.operations,
      },
    }),
    scopes,
    gone: gone.slice(0, maxGone),
    operations: [...(catalogue?.operations ?? [])].map(([operationId, anyOf]) => ({ operationId, anyOf })),
  };
}

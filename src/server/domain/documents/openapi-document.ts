import { setTimeout as sleep } from 'node:timers/promises';
import { DocumentUnavailable, type UnavailableReason } from '../../outbound/document-unavailable.ts';
import type { FetchDocument } from '../../outbound/fetch-document.ts';
import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { DocumentCopy, DocumentSource } from '../../store/openapi-documents.ts';
import type { Portal } from '../../store/portals.ts';
import { newId, sha256 } from '../credentials.ts';
import { readInThread } from './openapi-thread.ts';

/** The age at which a copy is fetched again, in ms. */
const freshMs = 5 * 60_000;
/** How long to wait for the first fetch of another process, and how often to check, in ms. */
const patienceMs = 12_000;
const lookMs = 100;

/** How the document is fetched, and who learns of a failure after the response. */
export interface DocumentAccess {
  fetchDocument: FetchDocument;
  reportFailure: (error: unknown) => void;
}

const sourceOf = ({ workspaceId, portalId, openapiUrl }: Portal): DocumentSource | undefined =>
  openapiUrl === undefined ? undefined : { workspaceId, portalId, openapiUrl, urlHash: sha256(openapiUrl) };

/** As JSON, because `JSON.parse` would change its numbers. */
const shown = ({ fetchedAt, stale, json }: DocumentCopy): string =>
  `{"fetchedAt":${fetchedAt},"stale":${stale},"document":${json}}`;

/** The copy after a fetch: a new one, or the stored one if the document has not changed. */
async function fetchCopy(
  { openapiUrl }: DocumentSource,
  stored: DocumentCopy | undefined,
  fetchDocument: FetchDocument,
): Promise<DocumentCopy> {
  const known = stored?.etag === undefined ? undefined : { url: stored.url, etag: stored.etag };
  const fetched = await fetchDocument(openapiUrl, known);
  const fresh = { fetchedAt: Date.now(), stale: false };
  if (fetched !== 'not_modified') {
    const { text, ...origin } = fetched;
    return { ...(await readInThread(text, origin.url)), ...origin, ...fresh };
  }
  if (stored === undefined) throw new Error('a document without a stored copy cannot be unchanged');
  return { ...stored, ...fresh };
}

/**
 * Fetches the document and stores it. Undefined if another process is fetching it, or has just done so.
 *
 * @throws DocumentUnavailable, which prevents the next fetch for a while
 */
async function refresh(
  store: Store,
  source: DocumentSource,
  stored: DocumentCopy | undefined,
  fetchDocument: FetchDocument,
): Promise<DocumentCopy | undefined> {
  const marker = newId('req');
  if (!(await store.openapiDocuments.begin(source, marker, stored))) return undefined;
  try {
    const copy = await fetchCopy(source, stored, fetchDocument);
    await store.openapiDocuments.keep(source, marker, copy);
    return copy;
  } catch (error) {
    if (error instanceof DocumentUnavailable) await store.openapiDocuments.fail(source, marker, error.reason);
    throw error;
  }
}

/**
 * The OpenAPI document that the portal shows: the stored copy, or one that is fetched now if there is none. An old copy is
 * fetched again after the response, by one process at a time. Returns a FetchedOpenapiDocument as JSON.
 *
 * @throws Problem openapi_document_not_found, openapi_document_unavailable
 */
export async function getOpenapiDocument(
  store: Store,
  portal: Portal,
  { fetchDocument, reportFailure }: DocumentAccess,
): Promise<string> {
  const source = sourceOf(portal);
  if (source === undefined) throw new Problem('unkey/data/openapi_document_not_found');
  for (const end = Date.now() + patienceMs; Date.now() < end; ) {
    const { copy, attempt } = await store.openapiDocuments.find(source);
    if (copy !== undefined) {
      const isDue = Date.now() - copy.fetchedAt > freshMs;
      if (isDue) void refresh(store, source, copy, fetchDocument).catch(reportFailure);
      return shown(copy);
    }
    if (attempt?.state === 'failed') throw new DocumentUnavailable(attempt.reason as UnavailableReason);
    const fetched = await refresh(store, source, undefined, fetchDocument);
    if (fetched !== undefined) return shown(fetched);
    await sleep(lookMs);
  }
  throw new DocumentUnavailable('it did not arrive within 5 seconds');
}

/**
 * The origins of the servers in the stored copy of the portal's document, for a security policy. Fetches nothing; none
 * without a copy.
 */
export async function openapiServerOrigins(store: Store, portal: Portal): Promise<string[]> {
  const source = sourceOf(portal);
  return source === undefined ? [] : store.openapiDocuments.origins(source);
}

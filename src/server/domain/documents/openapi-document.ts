import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchedOpenapiDocument } from '../../../../generated/client/types.gen.ts';
import { DocumentUnavailable, type UnavailableReason } from '../../outbound/document-unavailable.ts';
import type { FetchDocument } from '../../outbound/fetch-document.ts';
import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { DocumentCopy, DocumentSource } from '../../store/openapi-documents.ts';
import type { Portal } from '../../store/portals.ts';
import { newId, sha256 } from '../credentials.ts';
import { readInThread } from './openapi-thread.ts';

/** How old a copy may be before it is fetched again, in ms. */
const freshMs = 5 * 60_000;
/** How long the first fetch is waited for where another is at it, in ms, and how often it is looked at. */
const patienceMs = 12_000;
const lookMs = 100;

/** How the document is fetched, and who is told where that fails behind an answer. */
export interface DocumentAccess {
  fetchDocument: FetchDocument;
  reportFailure: (error: unknown) => void;
}

const sourceOf = ({ workspaceId, portalId, openapiUrl }: Portal): DocumentSource | undefined =>
  openapiUrl === undefined ? undefined : { workspaceId, portalId, openapiUrl, urlHash: sha256(openapiUrl) };

const shown = ({ fetchedAt, stale, json }: DocumentCopy): FetchedOpenapiDocument => ({
  fetchedAt,
  stale,
  document: JSON.parse(json),
});

/** The copy that comes of a fetch; the one that is kept, where that is still good. */
async function fetchCopy(
  { openapiUrl }: DocumentSource,
  kept: DocumentCopy | undefined,
  fetchDocument: FetchDocument,
): Promise<DocumentCopy> {
  const known = kept?.etag === undefined ? undefined : { url: kept.url, etag: kept.etag };
  const fetched = await fetchDocument(openapiUrl, known);
  const fresh = { fetchedAt: Date.now(), stale: false };
  if (fetched !== 'not_modified') {
    const { text, url, etag } = fetched;
    return { ...(await readInThread(text, url)), url, ...(etag !== undefined && { etag }), ...fresh };
  }
  if (kept === undefined) throw new Error('what is not kept cannot be unchanged');
  return { ...kept, ...fresh };
}

/**
 * Fetches the document and keeps it. Undefined where another is at it, or has just been.
 *
 * @throws DocumentUnavailable, which is remembered for a while
 */
async function refresh(
  store: Store,
  source: DocumentSource,
  kept: DocumentCopy | undefined,
  fetchDocument: FetchDocument,
): Promise<DocumentCopy | undefined> {
  const marker = newId('req');
  if (!(await store.openapiDocuments.begin(source, marker, kept))) return undefined;
  try {
    const copy = await fetchCopy(source, kept, fetchDocument);
    await store.openapiDocuments.keep(source, marker, copy);
    return copy;
  } catch (error) {
    if (error instanceof DocumentUnavailable) await store.openapiDocuments.fail(source, marker, error.reason);
    throw error;
  }
}

/**
 * The OpenAPI document that the portal shows: the copy that is kept, and only where there is none one that is fetched
 * now. A copy that has become old is fetched again behind the answer, by one process at a time.
 *
 * @throws Problem openapi_document_not_found, openapi_document_unavailable
 */
export async function getOpenapiDocument(
  store: Store,
  portal: Portal,
  { fetchDocument, reportFailure }: DocumentAccess,
): Promise<FetchedOpenapiDocument> {
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
    const fetched = attempt === undefined ? await refresh(store, source, undefined, fetchDocument) : undefined;
    if (fetched !== undefined) return shown(fetched);
    await sleep(lookMs);
  }
  throw new DocumentUnavailable('it did not arrive within 5 seconds');
}

/**
 * The origins of the servers that the kept copy of the portal's document names, fit for a security policy. Fetches
 * nothing; none without a copy.
 */
export async function openapiServerOrigins(store: Store, portal: Portal): Promise<string[]> {
  const source = sourceOf(portal);
  return source === undefined ? [] : store.openapiDocuments.origins(source);
}

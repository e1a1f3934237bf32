import { setTimeout as sleep } from 'node:timers/promises';
import { DocumentUnavailable, type UnavailableReason } from '../../outbound/document-unavailable.ts';
import type { FetchDocument } from '../../outbound/fetch-document.ts';
import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { DocumentCopy, DocumentSource, DocumentText } from '../../store/openapi-documents.ts';
import type { Portal } from '../../store/portals.ts';
import { newId, sha256 } from '../credentials.ts';
import { atMost } from './at-most.ts';
import { readInProcess } from './openapi-process.ts';
import type { DocumentScopes } from './openapi-scopes.ts';

/** The age at which a copy is fetched again, in ms. */
export const freshMs = 5 * 60_000;
/** How long to wait for the first fetch of another process, and how often to check, in ms. */
const patienceMs = 12_000;
const lookMs = 100;
/** How many documents a process fetches at a time. Each is in its memory until it is read. */
const inTurn = atMost(4);

/** How the document is fetched, and who learns of a failure after the response. */
export interface DocumentAccess {
  fetchDocument: FetchDocument;
  /** The maximum size of a document, in MiB. */
  maxMib: number;
  reportFailure: (error: unknown) => void;
}

/** A FetchedOpenapiDocument. */
export interface ShownDocument {
  /** Names the document and whether it is stale. Its age alone does not change it. */
  version: string;
  /** As JSON, in parts: `JSON.parse` would change its numbers. Undefined if the caller has this version. */
  parts?: (string | Buffer)[];
}

const sourceOf = ({ workspaceId, portalId, openapiUrl }: Portal): DocumentSource | undefined =>
  openapiUrl === undefined ? undefined : { workspaceId, portalId, openapiUrl, urlHash: sha256(openapiUrl) };

/** The copy after a fetch, with its text: a new one, or the stored one if the document has not changed. */
async function fetchCopy(
  { openapiUrl }: DocumentSource,
  stored: DocumentCopy | undefined,
  { fetchDocument, maxMib }: DocumentAccess,
): Promise<{ copy: DocumentCopy; text?: DocumentText }> {
  const known = stored?.etag === undefined ? undefined : { url: stored.url, etag: stored.etag };
  const fetched = await fetchDocument(openapiUrl, known);
  const fresh = { fetchedAt: Date.now(), stale: false };
  if (fetched !== 'not_modified') {
    const { text, ...origin } = fetched;
    const { json, scopes, ...read } = await readInProcess(text, origin.url, maxMib);
    return { copy: { ...read, ...origin, ...fresh }, text: { json, scopes } };
  }
  if (stored === undefined) throw new Error('a document without a stored copy cannot be unchanged');
  return { copy: { ...stored, ...fresh } };
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
  access: DocumentAccess,
): Promise<DocumentCopy | undefined> {
  const marker = newId('req');
  if (!(await store.openapiDocuments.begin(source, marker, stored))) return undefined;
  try {
    const { copy, text } = await inTurn(() => fetchCopy(source, stored, access));
    await store.openapiDocuments.keep(source, marker, copy, text);
    return copy;
  } catch (error) {
    if (error instanceof DocumentUnavailable) await store.openapiDocuments.fail(source, marker, error.reason);
    throw error;
  }
}

/**
 * The stored copy, or one that is fetched now if there is none. An old copy is fetched again after the response, by one process
 * at a time.
 *
 * @param since a copy that is older, in Unix ms, is fetched again before this returns, if it can be
 * @throws Problem openapi_document_unavailable
 */
async function currentCopy(
  store: Store,
  source: DocumentSource,
  access: DocumentAccess,
  since = 0,
): Promise<DocumentCopy> {
  let old: DocumentCopy | undefined;
  const oldUnless = (error: unknown) => {
    if (old === undefined || !(error instanceof DocumentUnavailable)) throw error;
    return { ...old, stale: true };
  };
  for (const end = Date.now() + patienceMs; Date.now() < end; ) {
    const { copy, attempt } = await store.openapiDocuments.find(source);
    if (copy !== undefined && copy.fetchedAt >= since) {
      // Its time is in the future if the clock has gone back.
      const isDue = Math.abs(Date.now() - copy.fetchedAt) > freshMs;
      if (isDue) void refresh(store, source, copy, access).catch(access.reportFailure);
      return copy;
    }
    old = copy;
    if (attempt?.state === 'failed') return oldUnless(new DocumentUnavailable(attempt.reason as UnavailableReason));
    const fetched = await refresh(store, source, copy, access).catch(oldUnless);
    if (fetched !== undefined) return fetched;
    await sleep(lookMs);
  }
  return oldUnless(new DocumentUnavailable('it did not arrive within 5 seconds'));
}

/** How often a copy may be replaced by another one before its text is read. */
const maxReplaced = 3;

/**
 * The OpenAPI document that the portal shows.
 *
 * @param knows whether the caller has this version already: its text is then not read
 * @throws Problem openapi_document_not_found, openapi_document_unavailable
 */
export async function getOpenapiDocument(
  store: Store,
  portal: Portal,
  access: DocumentAccess,
  knows: (version: string) => boolean = () => false,
): Promise<ShownDocument> {
  const source = sourceOf(portal);
  if (source === undefined) throw new Problem('unkey/data/openapi_document_not_found');
  for (let i = 0; i < maxReplaced; i++) {
    const { hash, stale, fetchedAt } = await currentCopy(store, source, access);
    const version = stale ? `${hash}-stale` : hash;
    if (knows(version)) return { version };
    const json = await store.openapiDocuments.json(source, hash);
    if (json !== undefined) {
      return { version, parts: [`{"fetchedAt":${fetchedAt},"stale":${stale},"document":`, json, '}'] };
    }
  }
  throw new DocumentUnavailable('its server cannot be reached');
}

/**
 * The origins of the servers in the portal's document, for a security policy: of the stored copy, or none. Fetches nothing.
 */
export async function openapiServerOrigins(store: Store, portal: Portal): Promise<string[]> {
  const source = sourceOf(portal);
  return source === undefined ? [] : store.openapiDocuments.origins(source);
}

/** The same, of a document that is fetched now if there is no copy yet. @throws Problem openapi_document_unavailable */
export async function currentServerOrigins(store: Store, portal: Portal, access: DocumentAccess): Promise<string[]> {
  const source = sourceOf(portal);
  return source === undefined ? [] : (await currentCopy(store, source, access)).origins;
}

/** What the document of a portal offers as scopes, with the age of the copy. */
export interface ShownScopes {
  scopes: DocumentScopes;
  /** Unix ms. */
  fetchedAt: number;
  /** Whether the last fetch has failed. */
  stale: boolean;
}

/**
 * What the document that the portal shows offers as scopes: of the stored copy, or of one that is fetched now.
 *
 * @param since a copy that is older, in Unix ms, is fetched again first, if it can be
 * @throws Problem openapi_document_not_found, openapi_document_unavailable
 */
export async function documentScopes(
  store: Store,
  portal: Portal,
  access: DocumentAccess,
  since?: number,
): Promise<ShownScopes> {
  const source = sourceOf(portal);
  if (source === undefined) throw new Problem('unkey/data/openapi_document_not_found');
  for (let i = 0; i < maxReplaced; i++) {
    const { hash, fetchedAt, stale } = await currentCopy(store, source, access, since);
    const text = await store.openapiDocuments.scopes(source, hash);
    if (text !== undefined) return { scopes: JSON.parse(text), fetchedAt, stale };
  }
  throw new DocumentUnavailable('its server cannot be reached');
}

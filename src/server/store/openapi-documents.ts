import { keys } from './keys.ts';
import type { Redis } from './redis.ts';

/** How long a copy is kept after it was last fetched, in seconds: for as long as its server may be away. */
const copyTtlSeconds = 30 * 86_400;
/** How long a fetch counts as under way, in seconds: longer than any takes, and soon over after a crash. */
const underWayTtlSeconds = 15;
/** How long a failure is remembered, in seconds: for so long nobody asks again. */
const failureTtlSeconds = 30;

/** Whose document, and from where. */
export interface DocumentSource {
  workspaceId: string;
  portalId: string;
  openapiUrl: string;
  /** SHA-256 of openapiUrl: a copy is good for that alone. */
  urlHash: string;
}

/** A copy of a document. */
export interface DocumentCopy {
  /** The document as JSON. */
  json: string;
  /** The origins of its servers. */
  origins: string[];
  /** Where it was found in the end. */
  url: string;
  etag?: string;
  /** Unix ms. */
  fetchedAt: number;
  /** Whether it could not be fetched again when that was due. */
  stale: boolean;
}

/** A fetch that is under way, or one that failed a moment ago, and why. */
export type Attempt = { state: 'under_way' } | { state: 'failed'; reason: string };

export function openapiDocumentStore(redis: Redis) {
  const copyKey = ({ workspaceId, portalId }: DocumentSource) => keys.openapiDocument(workspaceId, portalId);
  const attemptKey = ({ workspaceId, portalId, urlHash }: DocumentSource) =>
    keys.openapiAttempt(workspaceId, portalId, urlHash);
  const underWay = (marker: string) => `under_way\n${marker}`;

  return {
    /** The copy that is kept of this source, and what is known of attempts to fetch it. One round trip. */
    async find(source: DocumentSource): Promise<{ copy?: DocumentCopy; attempt?: Attempt }> {
      const [fields, text] = await redis.run((client) =>
        Promise.all([client.hGetAll(copyKey(source)), client.get(attemptKey(source))]),
      );
      const { urlHash, json = '', origins = '[]', url = '', etag, fetchedAt, stale } = fields;
      const copy: DocumentCopy = {
        ...{ json, url, ...(etag && { etag }) },
        ...{ origins: JSON.parse(origins), fetchedAt: Number(fetchedAt), stale: stale === '1' },
      };
      const [state, reason = ''] = text?.split('\n') ?? [];
      const attempt: Attempt = state === 'failed' ? { state, reason } : { state: 'under_way' };
      return { ...(urlHash === source.urlHash && { copy }), ...(state !== undefined && { attempt }) };
    },

    /** The origins of the servers in the copy that is kept of this source; none without a copy. */
    async origins(source: DocumentSource): Promise<string[]> {
      const [urlHash, origins] = await redis.run((client) => client.hmGet(copyKey(source), ['urlHash', 'origins']));
      return urlHash === source.urlHash && origins ? JSON.parse(origins) : [];
    },

    /**
     * Takes the fetch upon itself, unless somebody is at it, it failed a moment ago, or the copy is no longer the one
     * that was seen.
     */
    async begin(source: DocumentSource, marker: string, seen: DocumentCopy | undefined): Promise<boolean> {
      const { outcome } = await redis.run((client) =>
        client.beginDocument({
          keys: { document: copyKey(source), attempt: attemptKey(source) },
          args: {
            marker: underWay(marker),
            ttlSeconds: underWayTtlSeconds,
            urlHash: source.urlHash,
            fetchedAtRead: seen?.fetchedAt ?? '',
          },
        }),
      );
      return outcome === 'ok';
    },

    /** Keeps a fresh copy, unless nobody wants it any more, and ends the attempt. */
    async keep(source: DocumentSource, marker: string, copy: DocumentCopy): Promise<void> {
      const { workspaceId, portalId, openapiUrl, urlHash } = source;
      const { json, origins, url, etag = '', fetchedAt, stale } = copy;
      const fields = {
        ...{ urlHash, json, url, etag },
        ...{ origins: JSON.stringify(origins), fetchedAt: String(fetchedAt), stale: stale ? '1' : '0' },
      };
      await redis.run((client) =>
        client.keepDocument({
          keys: { portals: keys.portals(workspaceId), document: copyKey(source), attempt: attemptKey(source) },
          args: {
            portalId,
            openapiUrl,
            marker: underWay(marker),
            ttlSeconds: copyTtlSeconds,
            fieldsAndValues: Object.entries(fields).flat(),
          },
        }),
      );
    },

    /** Remembers a failure in the place of the attempt, and of the copy that it is stale. */
    async fail(source: DocumentSource, marker: string, reason: string): Promise<void> {
      await redis.run((client) =>
        client.failDocument({
          keys: { document: copyKey(source), attempt: attemptKey(source) },
          args: {
            marker: underWay(marker),
            failure: `failed\n${reason}`,
            ttlSeconds: failureTtlSeconds,
            urlHash: source.urlHash,
          },
        }),
      );
    },
  };
}

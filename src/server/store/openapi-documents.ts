import { LRUCache } from 'lru-cache';
import { RESP_TYPES } from 'redis';
import { keys } from './keys.ts';
import type { Quota } from './limits.ts';
import type { Redis } from './redis.ts';
import { longestAttemptSeconds } from './scripts/documents.ts';

/** How long a copy is stored after its last fetch, in seconds: its server can be away for as long. */
const copyTtlSeconds = 30 * 86_400;
/** How long a fetch counts as under way, in seconds: longer than any fetch takes, and short after a crash. */
const underWayTtlSeconds = 25;
/** How long a failure prevents the next fetch, in seconds. */
const failureTtlSeconds = longestAttemptSeconds;

/** How many bytes of texts a process remembers: a few large documents, or hundreds of usual ones. */
const rememberedBytes = 32 * 2 ** 20;

const fieldNames = ['urlHash', 'hash', 'origins', 'url', 'etag', 'fetchedAt', 'stale'] as const;

const bytesOfTexts = { [RESP_TYPES.BLOB_STRING]: Buffer };

/** The portal and the URL of a document. */
export interface DocumentSource {
  workspaceId: string;
  portalId: string;
  openapiUrl: string;
  /** SHA-256 of openapiUrl: a copy is valid for this URL only. */
  urlHash: string;
}

/** A copy of a document, without its text. */
export interface DocumentCopy {
  /** SHA-256 of its text. */
  hash: string;
  /** The origins of its servers. */
  origins: string[];
  /** The URL after all redirects. */
  url: string;
  etag?: string;
  /** Unix ms. */
  fetchedAt: number;
  /** Whether the last fetch has failed. */
  stale: boolean;
}

/** The text of a document. */
export interface DocumentText {
  /** As JSON in UTF-8. */
  json: Buffer;
  /** What it offers as scopes, as JSON. */
  scopes: string | Buffer;
}

/** A fetch that is under way, or one that failed a moment ago, with the reason. */
export type Attempt = { state: 'under_way' } | { state: 'failed'; reason: string };

export function openapiDocumentStore(redis: Redis, quota: Quota) {
  const copyKey = ({ workspaceId, portalId }: DocumentSource) => keys.openapiDocument(workspaceId, portalId);
  const attemptKey = ({ workspaceId, portalId, urlHash }: DocumentSource) =>
    keys.openapiAttempt(workspaceId, portalId, urlHash);
  const textId = (source: DocumentSource, hash: string) => `${copyKey(source)} ${hash}`;
  const underWay = (marker: string) => `under_way\n${marker}`;
  /**
   * The texts by key and hash, so that an entry never becomes wrong. Responses to slow clients share them, and most calls read no
   * text from Redis.
   */
  const texts = new LRUCache<string, Buffer>({
    maxSize: rememberedBytes,
    sizeCalculation: ({ length }) => length || 1,
  });

  return {
    /** The stored copy of this source, and the last attempt to fetch it. One round trip, without the text. */
    async find(source: DocumentSource): Promise<{ copy?: DocumentCopy; attempt?: Attempt }> {
      const [fields, stored, left] = await redis.run((client) =>
        Promise.all([
          client.hmGet(copyKey(source), [...fieldNames]),
          client.get(attemptKey(source)),
          client.pTTL(attemptKey(source)),
        ]),
      );
      // It has longer only if the clock of Redis has gone back since it was written.
      const text = left > longestAttemptSeconds * 1000 ? undefined : stored;
      const [urlHash, hash, origins, url, etag, fetchedAt, stale] = fields;
      const copy: DocumentCopy = {
        ...{ hash: String(hash), url: String(url), ...(etag && { etag }) },
        ...{ origins: JSON.parse(origins ?? '[]'), fetchedAt: Number(fetchedAt), stale: stale === '1' },
      };
      const [state, reason = ''] = text?.split('\n') ?? [];
      const attempt: Attempt = state === 'failed' ? { state, reason } : { state: 'under_way' };
      return { ...(urlHash === source.urlHash && { copy }), ...(state !== undefined && { attempt }) };
    },

    /** The text of the copy with this hash, as JSON in UTF-8; undefined if another copy has replaced it. */
    async json(source: DocumentSource, hash: string): Promise<Buffer | undefined> {
      const id = textId(source, hash);
      const known = texts.get(id);
      if (known !== undefined) return known;
      // As bytes: to decode and encode megabytes would block the server.
      const [stored, text] = await redis.run((client) =>
        client.withTypeMapping(bytesOfTexts).hmGet(copyKey(source), ['hash', 'json']),
      );
      if (String(stored) !== hash || text == null) return undefined;
      texts.set(id, text);
      return text;
    },

    /** What the copy with this hash offers as scopes, as JSON; undefined if another copy has replaced it. */
    async scopes(source: DocumentSource, hash: string): Promise<string | undefined> {
      const [stored, scopes] = await redis.run((client) => client.hmGet(copyKey(source), ['hash', 'scopes']));
      return stored === hash && scopes != null ? scopes : undefined;
    },

    /** The origins of the servers in the stored copy of this source; none without a copy. */
    async origins(source: DocumentSource): Promise<string[]> {
      const [urlHash, origins] = await redis.run((client) => client.hmGet(copyKey(source), ['urlHash', 'origins']));
      return urlHash === source.urlHash && origins ? JSON.parse(origins) : [];
    },

    /**
     * Starts a fetch, unless another process has started one, it failed a moment ago, or the copy is no longer the one that
     * the caller has read.
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

    /**
     * Stores a fresh copy, unless the portal no longer needs it or the workspace is full, and ends the attempt.
     *
     * @param text undefined if the stored text is still that of the copy
     */
    async keep(
      source: DocumentSource,
      marker: string,
      copy: DocumentCopy,
      text: DocumentText | undefined,
    ): Promise<void> {
      const { workspaceId, portalId, openapiUrl, urlHash } = source;
      const { hash, origins, url, etag = '', fetchedAt, stale } = copy;
      if (text !== undefined) texts.set(textId(source, hash), text.json);
      const age = { fetchedAt: String(fetchedAt), stale: stale ? '1' : '0' };
      const fields =
        text === undefined
          ? age
          : { ...age, ...text, ...{ urlHash, hash, url, etag, origins: JSON.stringify(origins) } };
      await redis.run((client) =>
        client.keepDocument({
          keys: {
            portals: keys.portals(workspaceId),
            document: copyKey(source),
            attempt: attemptKey(source),
            quota: keys.quota(workspaceId),
          },
          args: {
            ...quota.args,
            portalId,
            openapiUrl,
            marker: underWay(marker),
            ttlSeconds: copyTtlSeconds,
            textBytes: text === undefined ? 0 : text.json.length + Buffer.byteLength(text.scopes),
            fieldsAndValues: Object.entries(fields).flat(),
          },
        }),
      );
    },

    /** Stores a failure in the place of the attempt, and marks the copy as stale. */
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

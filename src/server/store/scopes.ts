/** The scopes of APIs: catalogues that are read from OpenAPI documents, and how many keys carry each scope. */
import { LRUCache } from 'lru-cache';
import type { ControlStore } from './control.ts';
import type { Api, DocumentScopeKind } from './control-data.ts';
import { keys } from './keys.ts';
import type { Quota } from './limits.ts';
import { partitionsOf } from './partitions.ts';
import type { Redis } from './redis.ts';
import { countsEndless } from './scripts/scopes.ts';

/** A scope that keys of an API can carry. */
export interface CatalogueScope {
  scope: string;
  kind: DocumentScopeKind;
  description?: string;
}

/** Alternatives: a key needs all scopes of one of them. */
export type Alternatives = string[][];

/** What the keys of an API can carry, and what each operation needs, by the kinds of names that its company has chosen. */
export interface Catalogue {
  /** In the order of the kinds, and of the document. */
  scopes: CatalogueScope[];
  /** By operationId, in the order of the document. */
  operations: [operationId: string, alternatives: Alternatives][];
  /** How many of each the document has besides. */
  omitted: { scopes: number; operations: number };
}

/** A catalogue that a process has read. It is shared and not changed. */
export interface StoredCatalogue extends Omit<Catalogue, 'operations'> {
  operations: ReadonlyMap<string, Alternatives>;
}

/**
 * What a key needs to call an operation, by the API of the key. If it is not certain that the key is of this API, the function returns
 * undefined for what it does not know.
 */
export type OperationNeeds = (
  workspaceId: string,
  api: Api,
  isCertain: boolean,
) => Alternatives | undefined | Promise<Alternatives>;

/** How long a process uses a catalogue before it looks at the document again, in ms, and of how many APIs it knows that. */
const lookMs = 60_000;
const maxLookedAt = 10_000;
/** How much of catalogues a process caches, in characters of JSON. */
const cachedCharacters = 16 * 2 ** 20;

export function scopeStore(redis: Redis, control: ControlStore, quota: Quota) {
  /** By API and hash, so that an entry never becomes wrong. */
  const catalogues = new LRUCache<string, StoredCatalogue & { size: number }>({
    maxSize: cachedCharacters,
    sizeCalculation: ({ size }) => size,
  });
  /** The APIs whose document this process has looked at lately. */
  const lookedAt = new LRUCache<string, true>({ max: maxLookedAt, ttl: lookMs });
  const nameOf = (workspaceId: string, apiId: string, hash: string) => `${workspaceId} ${apiId} ${hash}`;

  return {
    /** Whether it is time for this process to look whether the document of an API has changed. Says so once a minute. */
    isDue(workspaceId: string, { apiId }: Api): boolean {
      const name = `${workspaceId} ${apiId}`;
      const due = !lookedAt.has(name);
      if (due) lookedAt.set(name, true);
      return due;
    },

    /** The catalogue of an API, if this process has it. */
    cached: (workspaceId: string, { apiId, catalogue: hash }: Api): StoredCatalogue | undefined =>
      hash === undefined ? undefined : catalogues.get(nameOf(workspaceId, apiId, hash)),

    /**
     * The catalogue of an API, or undefined if none was read. Most calls need no round trip. If the record of the API has changed
     * since it was read, it is the catalogue of the present one.
     *
     * @throws StoreUnavailable
     */
    async catalogue(workspaceId: string, { apiId, catalogue: hash }: Api): Promise<StoredCatalogue | undefined> {
      if (hash === undefined) return undefined;
      const known = catalogues.get(nameOf(workspaceId, apiId, hash));
      if (known !== undefined) return known;
      const text = await redis.run((client) => client.hGet(keys.scopeCatalogues(workspaceId), apiId));
      if (text == null) return undefined;
      const end = text.indexOf('\n');
      const { operations, ...read }: Catalogue = JSON.parse(text.slice(end + 1));
      const stored = { ...read, operations: new Map(operations), size: text.length };
      catalogues.set(nameOf(workspaceId, apiId, text.slice(0, end)), stored);
      return stored;
    },

    /**
     * Stores the catalogue of an API, whose record names its hash, unless the record has changed since it was read. Resolves once
     * every partition knows of the change.
     *
     * @param after the record of the API with the hash
     * @throws Problem limit_exceeded; StoreUnavailable
     */
    async keep(
      workspaceId: string,
      before: Api,
      after: Api & { catalogue: string },
      catalogue: Catalogue,
    ): Promise<'ok' | 'stale' | 'not_found'> {
      const { outcome } = quota.within(
        await redis.run((client) =>
          client.keepCatalogue({
            keys: {
              apis: keys.apis(workspaceId),
              scopeCatalogues: keys.scopeCatalogues(workspaceId),
              control: keys.control(workspaceId),
              quota: keys.quota(workspaceId),
            },
            args: {
              ...quota.args,
              apiId: before.apiId,
              textRead: JSON.stringify(before),
              api: JSON.stringify(after),
              catalogue: `${after.catalogue}\n${JSON.stringify(catalogue)}`,
            },
          }),
        ),
      );
      if (outcome === 'ok') await control.publish(workspaceId);
      return outcome;
    },

    /**
     * How many keys of an API that have not ended carry each scope. Each partition has counts that change with its keys, so this
     * reads 64 small records however many keys there are, besides the keys with an end that has come since the last call.
     *
     * @throws StoreUnavailable
     */
    async counts(workspaceId: string, apiId: string): Promise<Map<string, number>> {
      const counts = new Map<string, number>();
      await Promise.all(
        partitionsOf(workspaceId).map(async (place) => {
          const names = { scopeCounts: keys.scopeCounts(place, ''), scopeEnds: keys.scopeEnds(place, '') };
          for (;;) {
            const reply = await redis.run((client) => client.readScopes({ keys: names, args: { apiId } }));
            if (reply.outcome === 'more') continue;
            const { scopesAndCounts } = reply;
            for (let i = 0; i < scopesAndCounts.length; i += 2) {
              const [encoded = '', count] = scopesAndCounts.slice(i, i + 2);
              if (encoded === countsEndless) continue;
              const scope = decodeURIComponent(encoded);
              counts.set(scope, (counts.get(scope) ?? 0) + Number(count));
            }
            return;
          }
        }),
      );
      return counts;
    },
  };
}

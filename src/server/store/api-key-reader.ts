import { type ApiKeyRecord, recordOf, type StoredApiKey } from './api-key-record.ts';
import { keys } from './keys.ts';
import { merged, type Source } from './merge.ts';
import { type Page, type PageRequest, readPlaces } from './page.ts';
import { type Owner, type Partition, partitionOf, partitionsOf, partitionsOfKeyId } from './partitions.ts';
import type { Redis } from './redis.ts';
import { lastUsedLength } from './scripts/keys.ts';

/** How many keys one page of a list looks at, at most: the cost of a page does not grow with the number of keys. */
const maxLookedAt = 1000;
/** How many keys a page reads at once after the first ones, which are as many as it returns. */
const readAtOnce = 250;

/** A key in a list, with the partition of its user. */
interface Listed {
  place: string;
  partition: Partition;
}

const idOf = (place: string): string => place.slice(place.indexOf(':') + 1);

/** Finds keys by their ids, one by one or by the page. */
export function apiKeyReader(redis: Redis) {
  /** The texts with these names, in their order. One round trip. */
  async function getMany(
    wanted: { partition: Partition; name: string | undefined }[],
  ): Promise<(string | undefined)[]> {
    const named = wanted.flatMap(({ partition, name }) =>
      name === undefined ? [] : [{ slot: partition.partition, name }],
    );
    const groups = [...Map.groupBy(named, ({ slot }) => slot).values()].map((group) => group.map(({ name }) => name));
    const found = await redis.run((client) => Promise.all(groups.map((names) => client.mGet(names))));
    const texts = new Map(
      groups.flatMap((names, i) => names.map((name, j) => [name, found[i]?.[j] ?? undefined] as const)),
    );
    return wanted.map(({ name }) => (name === undefined ? undefined : texts.get(name)));
  }

  /** The values of these keys with their hashes; undefined for one that does not exist. Two round trips. */
  async function read(ids: { partition: Partition; keyId: string }[]) {
    const hashes = await getMany(
      ids.map(({ partition, keyId }) => ({ partition, name: keys.keyId(partition, keyId) })),
    );
    const values = await getMany(
      ids.map(({ partition }, i) => {
        const hash = hashes[i];
        return { partition, name: hash == null ? undefined : keys.apiKey(partition, hash) };
      }),
    );
    return values.map((value, i) => (value == null ? undefined : { value, hash: hashes[i] ?? '' }));
  }

  /** The key with this id in one of these partitions, or undefined. */
  async function findIn(places: Partition[], keyId: string): Promise<StoredApiKey | undefined> {
    const found = await read(places.map((partition) => ({ partition, keyId })));
    const stored = found.find((one) => one !== undefined);
    return stored && { record: recordOf(stored.value), hash: stored.hash, text: stored.value.slice(lastUsedLength) };
  }

  /**
   * One page of the keys of a list that are wanted. Reads a bounded number of keys, so a page may be short although more follow.
   *
   * @param onGone is called with keys whose records Redis has removed
   */
  async function page(
    listed: AsyncIterable<Listed>,
    limit: number,
    wanted: (record: ApiKeyRecord) => boolean,
    onGone: (gone: Listed[]) => Promise<unknown>,
  ): Promise<Page<ApiKeyRecord>> {
    const items: ApiKeyRecord[] = [];
    let [place, lookedAt, size]: [string | undefined, number, number] = [undefined, 0, limit + 1];
    let batch: Listed[] = [];
    /** Adds the keys of a batch. Whether the page is full: then the next one begins after its last key. */
    const take = async (): Promise<boolean> => {
      const found = await read(batch.map((one) => ({ partition: one.partition, keyId: idOf(one.place) })));
      const gone = batch.filter((_, i) => found[i] === undefined);
      if (gone.length > 0) await onGone(gone);
      for (const [i, one] of batch.entries()) {
        const value = found[i]?.value;
        const record = value === undefined ? undefined : recordOf(value);
        if (record !== undefined && wanted(record)) {
          if (items.length === limit) return true;
          items.push(record);
        }
        place = one.place;
      }
      lookedAt += batch.length;
      batch = [];
      return false;
    };
    const next = () => (place === undefined ? { items } : { items, next: place });
    for await (const one of listed) {
      // More follow, so the page ends here.
      if (batch.length === 0 && lookedAt >= maxLookedAt) return next();
      batch.push(one);
      if (batch.length < size) continue;
      if (await take()) return next();
      size = readAtOnce;
    }
    return (await take()) ? next() : { items };
  }

  /** The keys of lists, each in a partition, newest first and in one order. */
  const listedIn = (lists: { list: string; partition: Partition }[], after: string | undefined, firstSize?: number) =>
    merged(
      lists.map(
        ({ list, partition }): Source<Listed> => ({
          async read(last, size) {
            const from = last?.place ?? after;
            const { items } = await readPlaces(redis, list, {
              limit: size,
              ...(from !== undefined && { after: from }),
            });
            return items.map((place) => ({ place, partition }));
          },
        }),
      ),
      (a, b) => a.place > b.place,
      firstSize,
    );

  return {
    /** The user's own key with this id, or undefined. */
    async find(owner: Owner, keyId: string): Promise<StoredApiKey | undefined> {
      const found = await findIn([partitionOf(owner)], keyId);
      return found?.record.externalId === owner.externalId ? found : undefined;
    },

    /** The key of any user of a workspace with this id, or undefined. */
    findById: (workspaceId: string, keyId: string): Promise<StoredApiKey | undefined> =>
      findIn(partitionsOfKeyId(workspaceId, keyId), keyId),

    /** The user's records with these key ids, without those that do not exist. Two round trips. */
    async findMany(owner: Owner, keyIds: string[]): Promise<ApiKeyRecord[]> {
      const partition = partitionOf(owner);
      const found = await read(keyIds.map((keyId) => ({ partition, keyId })));
      const records = found.flatMap((one) => (one === undefined ? [] : [recordOf(one.value)]));
      return records.filter(({ externalId }) => externalId === owner.externalId);
    },

    /**
     * One page of the user's keys that are wanted, newest first. Reads a bounded number of keys, so a page may be short
     * although more follow.
     */
    list(
      owner: Owner,
      { limit, after }: PageRequest,
      wanted: (record: ApiKeyRecord) => boolean,
    ): Promise<Page<ApiKeyRecord>> {
      const lists = [{ list: keys.userKeyOrder(owner), partition: partitionOf(owner) }];
      return page(listedIn(lists, after, limit + 1), limit, wanted, async () => {});
    },

    /** One page of the keys of all users in an API that are wanted, as `list` does. */
    listOfApi(
      workspaceId: string,
      apiId: string,
      { limit, after }: PageRequest,
      wanted: (record: ApiKeyRecord) => boolean,
    ): Promise<Page<ApiKeyRecord>> {
      const lists = partitionsOf(workspaceId).map((partition) => ({
        list: keys.apiKeyOrder(partition, apiId),
        partition,
      }));
      // A key whose record is gone never comes back.
      const remove = (gone: Listed[]) =>
        redis.run((client) =>
          Promise.all(gone.map(({ place, partition }) => client.zRem(keys.apiKeyOrder(partition, apiId), place))),
        );
      return page(listedIn(lists, after), limit, wanted, remove);
    },
  };
}

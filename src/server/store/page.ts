import type { Redis } from './redis.ts';

/** Part of a list, newest first. `next` is the place where the next page begins, if there is one. */
export interface Page<Item> {
  items: Item[];
  next?: string;
}

/** Which part of a list: `limit` items below the place `after`. */
export interface PageRequest {
  limit: number;
  after?: string;
}

/**
 * The place of a record in its list. Places are in the order of creation and never change, so that a page that begins below
 * one neither repeats nor skips a record.
 */
export const placeOf = (createdAt: number, id: string): string => `${String(createdAt).padStart(13, '0')}:${id}`;

/** The bound of a page for ZRANGE BYLEX. */
const below = (after: string | undefined): string => (after === undefined ? '+' : `(${after}`);

/** The keys of a list: a HASH of records, and a ZSET of their places. */
interface ListKeys {
  records: string;
  order: string;
}

/** Up to `size` records of a list with their places, newest first, from below a place on. One round trip. */
async function readEntries(
  redis: Redis,
  list: ListKeys,
  after: string | undefined,
  size: number,
): Promise<{ place: string; record: string }[]> {
  const { placesAndRecords } = await redis.run((client) =>
    client.readPage({ keys: { ...list }, args: { from: below(after), size } }),
  );
  return placesAndRecords.flatMap((place, i) => (i % 2 === 0 ? { place, record: placesAndRecords[i + 1] ?? '' } : []));
}

/** One page of the records of a list. One round trip. */
export async function readPage<Item>(redis: Redis, list: ListKeys, { limit, after }: PageRequest): Promise<Page<Item>> {
  // One more than the page has, to know whether there is more.
  const entries = await readEntries(redis, list, after, limit + 1);
  const page = entries.slice(0, limit);
  const items = page.map(({ record }): Item => JSON.parse(record));
  const last = page.at(-1);
  return entries.length > limit && last !== undefined ? { items, next: last.place } : { items };
}

/** One page of the places alone, from a ZSET. One round trip. */
export async function readPlaces(redis: Redis, order: string, { limit, after }: PageRequest): Promise<Page<string>> {
  const found = await redis.run((client) =>
    client.zRange(order, below(after), '-', { BY: 'LEX', REV: true, LIMIT: { offset: 0, count: limit + 1 } }),
  );
  if (found.length <= limit) return { items: found };
  return { items: found.slice(0, limit), next: String(found[limit - 1]) };
}

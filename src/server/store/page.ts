import type { Redis } from './redis.ts';

/** Part of a list, newest first. `next` is where it goes on, where it does. */
export interface Page<Item> {
  items: Item[];
  next?: string;
}

/** Which part of a list: so many, from below that place on. */
export interface PageRequest {
  limit: number;
  after?: string;
}

/**
 * The place of a record in its list. Places are in the order of their creation, and stay what they are while other
 * records come and go, so that a list that goes on below one neither repeats nor hides a record.
 */
export const placeOf = (createdAt: number, id: string): string => `${String(createdAt).padStart(13, '0')}:${id}`;

/** Where the reading begins, as ZRANGE BYLEX takes it. */
const below = (after: string | undefined): string => (after === undefined ? '+' : `(${after}`);

/** One page of the records in a hash, in the order of a ZSET. One round trip. */
export async function readPage<Item>(
  redis: Redis,
  [records, order]: [records: string, order: string],
  { limit, after }: PageRequest,
): Promise<Page<Item>> {
  // One more than asked for, to know whether there is more.
  const found = await redis.run((client) => client.readPage([records, order], [below(after), String(limit + 1)]));
  const items = found.filter((_, i) => i % 2 === 1).map((text): Item => JSON.parse(String(text)));
  if (items.length <= limit) return { items };
  return { items: items.slice(0, limit), next: String(found[2 * (limit - 1)]) };
}

/** One page of the places alone, from a ZSET. One round trip. */
export async function readPlaces(redis: Redis, order: string, { limit, after }: PageRequest): Promise<Page<string>> {
  const found = await redis.run((client) =>
    client.zRange(order, below(after), '-', { BY: 'LEX', REV: true, LIMIT: { offset: 0, count: limit + 1 } }),
  );
  if (found.length <= limit) return { items: found };
  return { items: found.slice(0, limit), next: String(found[limit - 1]) };
}

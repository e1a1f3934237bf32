/** A page as operations return it. */
interface ServerPage<Item> {
  data: Item[];
  pagination: { hasMore: boolean; cursor?: string };
}

/** A page of a list in the UI. */
export interface FullPage<Item> {
  items: Item[];
  /** Start of the next page, if one exists. */
  next: string | undefined;
}

/** Maximum number of calls for one page: with a filter the server may return short pages. */
const maxCalls = 25;

/** Reads until the page is full or the list ends. */
export async function fullPage<Item>(
  size: number,
  start: string | undefined,
  read: (page: { limit: number; cursor?: string }) => Promise<ServerPage<Item>>,
): Promise<FullPage<Item>> {
  const items: Item[] = [];
  let next = start;
  for (let calls = 0; calls < maxCalls; calls++) {
    const { data, pagination } = await read({
      limit: size - items.length,
      ...(next !== undefined && { cursor: next }),
    });
    items.push(...data);
    next = pagination.cursor;
    if (!pagination.hasMore || items.length >= size) break;
  }
  return { items, next };
}

/** A page of any list. */
interface Page<Item> {
  data: Item[];
  pagination: { hasMore: boolean; cursor?: string };
}

/**
 * Goes through a list to its end, a page at a time, as its items are asked for.
 *
 * @param list reads the page behind a cursor: `(page) => portico.portal.listKeys({ apiId, ...page })`
 * @throws what `list` throws
 */
export async function* itemsOf<Item>(list: (page: { cursor?: string }) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const { data, pagination } = await list(cursor === undefined ? {} : { cursor });
    yield* data;
    cursor = pagination.hasMore ? pagination.cursor : undefined;
  } while (cursor !== undefined);
}

/** One page of a list. */
interface Page<Item> {
  data: Item[];
  pagination: { hasMore: boolean; cursor?: string };
}

/**
 * Iterates over all items of a list. It fetches each page when the loop reaches it.
 *
 * @param list fetches the page of a cursor: `(page) => portico.portal.listKeys({ apiId, ...page })`
 * @throws the errors of `list`
 */
export async function* itemsOf<Item>(list: (page: { cursor?: string }) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const { data, pagination } = await list(cursor === undefined ? {} : { cursor });
    yield* data;
    cursor = pagination.hasMore ? pagination.cursor : undefined;
  } while (cursor !== undefined);
}

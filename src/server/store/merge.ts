/** A sorted list that is read in parts. */
export interface Source<Item> {
  /** Up to `size` items after an item, or the first ones. Fewer than `size` are the last ones. */
  read(after: Item | undefined, size: number): Promise<Item[]>;
}

/** How many items of each list are read first, unless its reader wants another number. Each further part is twice as long. */
const defaultSize = 8;

interface Part<Item> {
  source: Source<Item>;
  items: Item[];
  next: number;
  size: number;
}

const headOf = <Item>({ items, next }: Part<Item>): Item | undefined => items[next];

async function readPart<Item>(source: Source<Item>, after: Item | undefined, size: number): Promise<Part<Item>> {
  return { source, items: await source.read(after, size), next: 0, size };
}

/**
 * The items of several sorted lists in one order. All first parts are read together. Reads of a list only as much as its share of the
 * result needs.
 *
 * @param isBefore the order of the lists. No two items are equal
 * @param firstSize how many items of each list are read first
 */
export async function* merged<Item>(
  sources: Source<Item>[],
  isBefore: (a: Item, b: Item) => boolean,
  firstSize = defaultSize,
): AsyncGenerator<Item> {
  const parts = await Promise.all(sources.map((source) => readPart(source, undefined, firstSize)));
  for (;;) {
    let first = 0;
    for (const [i, part] of parts.entries()) {
      const [head, best] = [headOf(part), headOf(parts[first] ?? part)];
      if (head !== undefined && (best === undefined || isBefore(head, best))) first = i;
    }
    const part = parts[first];
    const item = part && headOf(part);
    if (part === undefined || item === undefined) return;
    yield item;
    part.next += 1;
    if (part.next === part.items.length && part.items.length === part.size) {
      parts[first] = await readPart(part.source, item, part.size * 2);
    }
  }
}

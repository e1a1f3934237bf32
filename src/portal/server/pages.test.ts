import { expect, test } from '@jest/globals';
import { fullPage } from './pages.ts';

/** A list of numbers whose pages have these lengths, and what was asked of it. */
function listOf(...lengths: number[]) {
  const asked: object[] = [];
  const read = async (page: { limit: number; cursor?: string }) => {
    asked.push(page);
    const at = Number(page.cursor ?? 0);
    const hasMore = at + 1 < lengths.length;
    const data = Array.from({ length: Math.min(lengths[at] ?? 0, page.limit) }, (_, i) => at * 100 + i);
    return { data, pagination: { hasMore, ...(hasMore && { cursor: String(at + 1) }) } };
  };
  return { asked, read };
}

test('short and empty pages are filled from the next ones, without more than fit', async () => {
  const { asked, read } = listOf(1, 0, 2, 5);
  expect(await fullPage(4, undefined, read)).toEqual({ items: [0, 200, 201, 300], next: undefined });
  expect(asked).toEqual([
    { limit: 4 },
    { limit: 3, cursor: '1' },
    { limit: 3, cursor: '2' },
    { limit: 1, cursor: '3' },
  ]);
});

test('a full page is one call, and has the start of the next one', async () => {
  const { asked, read } = listOf(2, 2);
  expect(await fullPage(2, undefined, read)).toEqual({ items: [0, 1], next: '1' });
  expect(await fullPage(2, '1', read)).toEqual({ items: [100, 101], next: undefined });
  expect(asked).toHaveLength(2);
});

test('a list of empty pages ends for now, and can be continued', async () => {
  const { asked, read } = listOf(...Array.from({ length: 100 }, () => 0));
  expect(await fullPage(20, undefined, read)).toEqual({ items: [], next: '25' });
  expect(asked).toHaveLength(25);
});

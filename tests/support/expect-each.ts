/** Assertions about the items of a list. */
import { expect } from '@jest/globals';

/** Checks the items of a list, one after another. A list without items fails, because then nothing was checked. */
export function expectEach<T>(items: Iterable<T>, check: (item: T) => void): void {
  const all = [...items];
  expect(all).not.toHaveLength(0);
  for (const item of all) check(item);
}

/** How the index of the search is made, and read: the build and the browser must agree. */
import type { Options } from 'minisearch';

/** A page, or what stands under one of its headings. */
export interface SearchEntry {
  /** Its address. */
  id: string;
  page: string;
  title: string;
  text: string;
  keywords: string;
}

const split = (text: string): string[] =>
  text
    .split(/[\s/,;:(){}"'`<>=|?!]+/)
    .map((word) => word.replaceAll(/^[.\-_*]+|[.\-_*]+$/g, ''))
    .filter(Boolean);

/** `portal.createSession` → `portal`, `create`, `Session` */
const smallest = (text: string): string[] =>
  split(text)
    .flatMap((word) => word.split(/[._-]|(?<=[a-z])(?=[A-Z])/))
    .filter(Boolean);

/** Each word as a whole, and each of its parts, so that it is found by both. */
const words = (text: string): string[] =>
  split(text).flatMap((word) => [...new Set([word, ...word.split(/[._-]/).filter(Boolean), ...smallest(word)])]);

export const searchOptions: Options<SearchEntry> = {
  fields: ['title', 'page', 'keywords', 'text'],
  storeFields: ['page', 'title'],
  tokenize: words,
  searchOptions: {
    tokenize: smallest,
    boost: { title: 4, keywords: 3, page: 2 },
    // A page before its parts.
    boostDocument: (id) => (String(id).includes('#') ? 1 : 2),
    prefix: true,
    fuzzy: 0.2,
    combineWith: 'AND',
  },
};

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

/** `portal.createSession` and `portal_session_not_found` are found by each of their words, and as a whole. */
const words = (text: string): string[] =>
  text.split(/[\s/,;:(){}"'`<>=|?!]+/).flatMap((word) => {
    const trimmed = word.replaceAll(/^[.\-_*]+|[.\-_*]+$/g, '');
    if (trimmed === '') return [];
    const parts = trimmed.split(/[._-]|(?<=[a-z])(?=[A-Z])/).filter(Boolean);
    return parts.length > 1 ? [trimmed, ...parts] : [trimmed];
  });

export const searchOptions: Options<SearchEntry> = {
  fields: ['title', 'page', 'keywords', 'text'],
  storeFields: ['page', 'title'],
  tokenize: words,
  searchOptions: { boost: { title: 4, keywords: 3, page: 2 }, prefix: true, fuzzy: 0.2, combineWith: 'AND' },
};

/** How the search index is built and queried. The build and the browser must use the same options. */
import type MiniSearch from 'minisearch';
import type { Options, SearchResult } from 'minisearch';
import { expandQuery } from './synonyms.ts';

/** A page, or the text under one of its headings. */
export interface SearchEntry {
  /** The path, with the anchor of the heading. */
  id: string;
  /** Where the page is in the navigation, such as `Integrate`. */
  group: string;
  /** The title of the page. */
  page: string;
  /** The heading; the title of the page for the text above the first heading. */
  title: string;
  text: string;
  keywords: string;
}

/** A found entry, with the index terms that matched. */
export type SearchHit = SearchResult & Pick<SearchEntry, 'id' | 'group' | 'page' | 'title' | 'text'>;

const split = (text: string): string[] =>
  text
    .split(/[\s/,;:(){}"'`<>=|?!·]+/)
    .map((word) => word.replaceAll(/^[.\-_*]+|[.\-_*]+$/g, ''))
    .filter(Boolean);

/** `portal.createSession` → `portal`, `create`, `Session` */
const partsOf = (text: string): string[] =>
  split(text)
    .flatMap((word) => word.split(/[._-]|(?<=[a-z])(?=[A-Z])/))
    .filter(Boolean);

/** Each word and each of its parts, so that both find the entry. */
const wordsAndParts = (text: string): string[] =>
  split(text).flatMap((word) => [...new Set([word, ...word.split(/[._-]/).filter(Boolean), ...partsOf(word)])]);

/** The options of the index. */
export const searchOptions: Options<SearchEntry> = {
  fields: ['title', 'page', 'keywords', 'text'],
  // The text is stored for the excerpts.
  storeFields: ['group', 'page', 'title', 'text'],
  tokenize: wordsAndParts,
  searchOptions: {
    tokenize: partsOf,
    boost: { title: 4, keywords: 3, page: 2 },
    // A page before its sections, and a guide before the operations that it explains.
    boostDocument: (id) => (String(id).includes('#') ? 1 : String(id).startsWith('/docs/reference/') ? 1.25 : 2),
    prefix: true,
    // A short word with another letter is another word: "not", "no".
    fuzzy: (term) => (term.length > 3 ? 0.2 : false),
    combineWith: 'AND',
  },
};

/** A synonym is a correct word that the documentation uses: it outranks the typed word, and needs no fuzzy match. */
const synonymOptions = { combineWith: 'AND', fuzzy: false, boostTerm: () => 2 } as const;

/** The title of the page alone does not make each of its sections a result. */
const isRelevant = ({ id, match }: SearchHit) =>
  !id.includes('#') || Object.values(match).some((fields) => fields.some((field) => field !== 'page'));

/**
 * Finds the entries that contain each word of a query, or a synonym of it.
 *
 * @returns the entries, best first
 */
export function searchDocs(index: MiniSearch<SearchEntry>, query: string): SearchHit[] {
  const queries = expandQuery(query).map(({ typed, documented }) => ({
    combineWith: 'OR' as const,
    queries: [
      { combineWith: 'AND' as const, queries: [typed] },
      ...documented.map((phrase) => ({ ...synonymOptions, queries: [phrase] })),
    ],
  }));
  if (queries.length === 0) return [];
  return (index.search({ combineWith: 'AND', queries }) as SearchHit[]).filter(isRelevant);
}

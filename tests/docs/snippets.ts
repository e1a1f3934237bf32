/** The code in the hand-written documentation, for the tests that run it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import markdownIt from 'markdown-it';
import { root } from '../../src/server/package.ts';

/** A fenced block of a page. */
export interface Snippet {
  /** The page, from the root of the repository. */
  page: string;
  /** The first line of the block in the page, from 1. */
  line: number;
  /** The level-2 heading above the block; '' before the first one. */
  section: string;
  /** The first word of its fence, such as `ts`. */
  language: string;
  /** The repository file that the block shows, if its fence names one. Another test runs that file. */
  file: string | undefined;
  code: string;
}

const parser = markdownIt();

function tokensOf(page: string) {
  // Front matter is not Markdown: the parser would see a rule and a heading.
  const text = readFileSync(join(root, page), 'utf8').replace(/^---\n.*?\n---\n/s, (front) =>
    '\n'.repeat(front.split('\n').length - 1),
  );
  return parser.parse(text, {});
}

/** Returns the targets of the links of a page, as written. */
export const linksOf = (page: string): string[] =>
  tokensOf(page)
    .flatMap(({ children }) => children ?? [])
    .filter(({ type }) => type === 'link_open')
    .map((token) => String(token.attrGet('href') ?? ''));

/** Returns all fenced blocks of a page, in order. */
export function snippetsOf(page: string): Snippet[] {
  const snippets: Snippet[] = [];
  let section = '';
  const tokens = tokensOf(page);
  for (const [i, { type, tag, info, content, map }] of tokens.entries()) {
    if (type === 'heading_open' && tag === 'h2') section = tokens[i + 1]?.content ?? '';
    if (type === 'fence')
      snippets.push({
        ...{ page, line: (map?.[0] ?? 0) + 1, section, language: info.split(' ')[0] ?? '' },
        ...{ file: /file="([^"]*)"/.exec(info)?.[1], code: content },
      });
  }
  return snippets;
}

/** Returns the paths of all pages in docs/. */
export const guides = (): string[] =>
  readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`);

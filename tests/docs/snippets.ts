/** The code in the hand-written documentation, for the tests that run it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import markdownIt from 'markdown-it';
import { root } from '../../src/server/package.ts';

/** A fenced block of a page. */
export interface Snippet {
  /** The page, from the root of the repository. */
  page: string;
  /** Where the block begins in the page, from 1. */
  line: number;
  /** The heading that it stands under, of level 2; '' above the first. */
  section: string;
  /** The first word of its fence, such as `ts`. */
  language: string;
  /** The file of the repository that it shows whole, where its fence names one: that is run elsewhere. */
  file: string | undefined;
  code: string;
}

const parser = markdownIt();

function tokensOf(page: string) {
  // Front matter is of the engine that renders the pages; to Markdown it would be a rule and a heading.
  const text = readFileSync(join(root, page), 'utf8').replace(/^---\n.*?\n---\n/s, (front) =>
    '\n'.repeat(front.split('\n').length - 1),
  );
  return parser.parse(text, {});
}

/** Where the links of a page lead, as they stand there. */
export const linksOf = (page: string): string[] =>
  tokensOf(page)
    .flatMap(({ children }) => children ?? [])
    .filter(({ type }) => type === 'link_open')
    .map((token) => String(token.attrGet('href') ?? ''));

/** All fenced blocks of a page, in their order. */
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

/** The pages that show integrators and operators how to do things. */
export const guides = (): string[] =>
  readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`);

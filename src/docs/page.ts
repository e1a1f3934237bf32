/** One page of the documentation, before it is drawn: Markdown, and what is said of it elsewhere. */
export interface Page {
  /** Where its Markdown is, relative to the documentation's root: `concepts/sessions.md`. Links between pages use it. */
  source: string;
  title: string;
  /** One sentence, for search engines, lists and models. */
  description: string;
  /** Everything below the title. */
  markdown: string;
  /** What the navigation calls it, where that is another name than the title. */
  label?: string;
  /** Which of the two are code. */
  isCode?: { title: boolean; label: boolean };
  /** What stands before the title, such as the method of an operation. */
  badge?: { text: string; kind: string };
  /** Other words that people look for it by. */
  keywords?: string;
  /** Scripts and styles that this page alone needs, as the build names them. */
  needs?: 'try';
}

/** A part of the navigation. */
export interface Section {
  title: string;
  pages: Page[];
  groups?: { title: string; pages: Page[] }[];
}

/** All pages of a section, in their order. */
export const pagesOf = ({ pages, groups = [] }: Section): Page[] => [
  ...pages,
  ...groups.flatMap((group) => group.pages),
];

/** `concepts/sessions.md` → `/docs/concepts/sessions`, `reference/index.md` → `/docs/reference`. */
export function pathOf(source: string): string {
  const path = source.replace(/\.md$/, '').replace(/(^|\/)index$/, '');
  return path === '' ? '/docs' : `/docs/${path}`;
}

/** Where a page's Markdown is served: its address with `.md`. */
export const markdownPathOf = (source: string): string => `${pathOf(source)}.md`;

/**
 * The source that a link leads to, which is relative to the source it stands in.
 *
 * @returns a path relative to the documentation's root; `../openapi.yaml` where it is outside of it
 */
export function linked(from: string, link: string): string {
  const parts = from.split('/').slice(0, -1);
  let above = 0;
  for (const part of link.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) above++;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return [...Array(above).fill('..'), ...parts].join('/');
}

/** The link from one source to another, as Markdown has it. */
export function linkTo(from: string, to: string): string {
  const here = from.split('/').slice(0, -1);
  const there = to.split('/');
  while (here.length > 0 && there.length > 1 && here[0] === there[0]) {
    here.shift();
    there.shift();
  }
  return [...here.map(() => '..'), ...there].join('/');
}

/** Where the pages that are made from the contract are. */
export const operationSource = (operationId: string) => `reference/${operationId}.md`;
export const errorSource = (errorCode: string) => `errors/${errorCode}.md`;

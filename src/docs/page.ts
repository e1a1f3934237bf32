/** One page of the documentation, before it is drawn: Markdown and metadata. */
export interface Page {
  /** Path of the Markdown, relative to the root of the documentation: `concepts/sessions.md`. Links between pages use it. */
  source: string;
  title: string;
  /** One sentence for search engines, lists and language models. */
  description: string;
  /** The Markdown below the title. */
  markdown: string;
  /** The name in the navigation; the title by default. */
  label?: string;
  /** Whether the title and the label are set as code. */
  isCode?: { title: boolean; label: boolean };
  /** The group of a guide within its section. */
  group?: string;
  /** A mark before the title, such as the method of an operation. */
  badge?: { text: string; kind: string };
  /** More words for the search. */
  keywords?: string;
  /** Scripts and styles that only this page needs. */
  needs?: 'try' | 'theme';
}

/** A part of the navigation: its pages, then its subsections. */
export interface Section {
  title: string;
  pages: Page[];
  subsections?: Section[];
  /** The page that lists the pages of this section, if one exists. */
  overview?: Page;
}

/** All pages of a section, in the order of the navigation. */
export const pagesOf = ({ pages, subsections = [] }: Section): Page[] => [...pages, ...subsections.flatMap(pagesOf)];

/** The section of a page and the sections around it, outermost first; empty if no section contains the page. */
export function sectionPath(sections: Section[], page: Page): Section[] {
  const section = sections.find((candidate) => pagesOf(candidate).includes(page));
  return section === undefined ? [] : [section, ...sectionPath(section.subsections ?? [], page)];
}

/** `concepts/sessions.md` → `/docs/concepts/sessions`, `reference/index.md` → `/docs/reference`. */
export function pathOf(source: string): string {
  const path = source.replace(/\.md$/, '').replace(/(^|\/)index$/, '');
  return path === '' ? '/docs' : `/docs/${path}`;
}

/** The path that serves the Markdown of a page. */
export const markdownPathOf = (source: string): string => `${pathOf(source)}.md`;

/**
 * Resolves a relative link.
 *
 * @param from the source of the page that contains the link
 * @returns a path relative to the root of the documentation, such as `../openapi.yaml` for a file outside of it
 */
export function linkTarget(from: string, link: string): string {
  const parts = from.split('/').slice(0, -1);
  let above = 0;
  for (const part of link.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) above++;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return [...Array(above).fill('..'), ...parts].join('/');
}

/** The relative link from one source to another. */
export function linkTo(from: string, to: string): string {
  const here = from.split('/').slice(0, -1);
  const there = to.split('/');
  while (here.length > 0 && there.length > 1 && here[0] === there[0]) {
    here.shift();
    there.shift();
  }
  return [...here.map(() => '..'), ...there].join('/');
}

/** The source of the page of an operation. */
export const operationSource = (operationId: string) => `reference/${operationId}.md`;
/** The source of the page of an error. */
export const errorSource = (errorCode: string) => `errors/${errorCode}.md`;

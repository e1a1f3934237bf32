/** Files for programs: llms.txt for language models, the sitemap for crawlers, the index of the search. */
import MiniSearch from 'minisearch';
import type { Rendered } from './markdown.ts';
import { servedMarkdown } from './markdown.ts';
import { markdownPathOf, type Page, pagesOf, pathOf, type Section, sectionPath } from './page.ts';
import { type SearchEntry, searchOptions } from './search-index.ts';
import { plain } from './write-markdown.ts';

/**
 * The Markdown of one page, with its title and description.
 *
 * @param base origin of the site
 */
export const markdownPage = (page: Page, base: string): string =>
  `# ${page.title}\n\n> ${plain(page.description)}\n\n${servedMarkdown(page.source, page.markdown, base).trim()}\n`;

/** The list of all pages, in the format of llmstxt.org. */
export function llmsTxt(product: string, summary: string, sections: Section[], base: string): string {
  const lists = sections.map((section) => {
    const items = pagesOf(section).map(
      (page) => `- [${page.title}](${base}${markdownPathOf(page.source)}): ${plain(page.description)}\n`,
    );
    return `## ${section.title}\n\n${items.join('')}`;
  });
  return `# ${product}

> ${summary}

The documentation is generated from one OpenAPI document, ${base}/openapi.yaml. All pages in one file:
${base}/llms-full.txt

${lists.join('\n')}`;
}

/** All pages in one file. A line with the address precedes each page. */
export const llmsFullTxt = (product: string, summary: string, pages: Page[], base: string): string =>
  `# ${product}\n\n> ${summary}\n\n${pages
    .map((page) => `---\nSource: ${base}${pathOf(page.source)}\n\n${markdownPage(page, base)}`)
    .join('\n')}`;

/** The sitemap, in the format of sitemaps.org. */
export const sitemap = (pages: Page[], base: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${pages.map(({ source }) => `<url><loc>${base}${pathOf(source)}</loc></url>\n`).join('')}</urlset>
`;

/** The text of an operation or an error begins with its description. */
const repeatsDescription = ({ badge }: Page) => badge !== undefined;

/** The search index as JSON, for the browser. */
export function searchIndex(sections: Section[], pages: { page: Page; rendered: Rendered }[]): string {
  const index = new MiniSearch<SearchEntry>(searchOptions);
  for (const { page, rendered } of pages) {
    const path = pathOf(page.source);
    const group = sectionPath(sections, page)
      .slice(0, 2)
      .map(({ title }) => title)
      .join(' › ');
    for (const { heading, text } of rendered.passages) {
      const isTop = heading === undefined;
      index.add({
        id: isTop ? path : `${path}#${heading.id}`,
        group,
        page: page.title,
        title: isTop ? page.title : heading.text,
        text: isTop && !repeatsDescription(page) ? `${plain(page.description)} ${text}` : text,
        keywords: isTop ? (page.keywords ?? '') : '',
      });
    }
  }
  return JSON.stringify(index);
}

/** What machines read: the site for language models, the map for crawlers, the index of the search. */
import MiniSearch from 'minisearch';
import type { Rendered } from './markdown.ts';
import { servedMarkdown } from './markdown.ts';
import { markdownPathOf, type Page, pagesOf, pathOf, type Section } from './page.ts';
import { type SearchEntry, searchOptions } from './search-options.ts';
import { plain } from './write-markdown.ts';

/** A page as Markdown, by itself. */
export const markdownPage = (page: Page, base: string): string =>
  `# ${page.title}\n\n> ${plain(page.description)}\n\n${servedMarkdown(page.source, page.markdown, base).trim()}\n`;

/** The list of everything, in the form of llmstxt.org. */
export function llmsTxt(product: string, summary: string, sections: Section[], base: string): string {
  const lists = sections.map((section) => {
    const items = pagesOf(section).map(
      (page) => `- [${page.title}](${base}${markdownPathOf(page.source)}): ${plain(page.description)}\n`,
    );
    return `## ${section.title}\n\n${items.join('')}`;
  });
  return `# ${product}

> ${summary}

Everything here is made from one OpenAPI document, ${base}/openapi.yaml. The whole documentation in one file:
${base}/llms-full.txt

${lists.join('\n')}`;
}

/** Every page in one file, each behind a line that says where it is. */
export const llmsFullTxt = (product: string, summary: string, pages: Page[], base: string): string =>
  `# ${product}\n\n> ${summary}\n\n${pages
    .map((page) => `---\nSource: ${base}${pathOf(page.source)}\n\n${markdownPage(page, base)}`)
    .join('\n')}`;

/** The map of the site. */
export const sitemap = (pages: Page[], base: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${pages.map(({ source }) => `<url><loc>${base}${pathOf(source)}</loc></url>\n`).join('')}</urlset>
`;

/** The index that the browser searches in. */
export function searchIndex(pages: { page: Page; rendered: Rendered }[]): string {
  const index = new MiniSearch<SearchEntry>(searchOptions);
  for (const { page, rendered } of pages) {
    const path = pathOf(page.source);
    for (const { heading, text } of rendered.passages) {
      const isTop = heading === undefined;
      index.add({
        id: isTop ? path : `${path}#${heading.id}`,
        page: page.title,
        title: isTop ? page.title : heading.text,
        text: isTop ? `${plain(page.description)} ${text}` : text,
        keywords: isTop ? (page.keywords ?? '') : '',
      });
    }
  }
  return JSON.stringify(index);
}

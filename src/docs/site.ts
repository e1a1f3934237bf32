/** The whole documentation: facts in, files out. */
import type { Facts } from './facts.ts';
import { type Assets, drawPage, type Frame } from './layout.ts';
import { llmsFullTxt, llmsTxt, markdownPage, searchIndex, sitemap } from './machine.ts';
import { render } from './markdown.ts';
import { type Page, pagesOf, pathOf, type Section } from './page.ts';
import { commandLinePage, environmentPage, portalPage } from './pages/configuration.ts';
import { errorGroups, errorPage, errorsPage } from './pages/error.ts';
import { changelogPage, guidePages } from './pages/guide.ts';
import { homePage } from './pages/home.ts';
import { operationPage, operationsByTag } from './pages/operation.ts';
import { referencePage, tryPage } from './pages/reference.ts';

/** What is built. */
export interface Site {
  /** All text files by their path from the site's root, such as `docs/quickstart.html`. */
  files: Map<string, string>;
  /** Pictures that pages show, relative to docs/. */
  images: string[];
  /** Every page, in the order of the navigation. */
  pages: Page[];
}

/** The pages by section: the order of the navigation, and of everything else. */
export function sectionsOf(facts: Facts, base: string): Section[] {
  const start = guidePages(facts, (source) => source === 'quickstart.md');
  const guides = (folder: string) => guidePages(facts, (source) => source.startsWith(`${folder}/`));
  const sections: Section[] = [
    { title: 'Get started', pages: start },
    { title: 'Integrate', pages: guides('integrate') },
    { title: 'Operate', pages: guides('operate') },
    {
      title: 'API reference',
      pages: [referencePage(facts), tryPage(facts)],
      groups: operationsByTag(facts).map(({ tag, operations }) => ({
        title: tag,
        pages: operations.map((operation) => operationPage(facts, operation, base)),
      })),
    },
    {
      title: 'Errors',
      pages: [errorsPage(facts)],
      groups: errorGroups(facts).map(({ title, errors }) => ({
        title,
        pages: errors.map((error) => errorPage(facts, error, base)),
      })),
    },
    { title: 'Configuration', pages: [environmentPage(facts), commandLinePage(facts), portalPage(facts)] },
    {
      title: 'Concepts',
      pages: [...guides('concepts'), ...guidePages(facts, (source) => source === 'architecture.md')],
    },
    { title: 'Evidence', pages: guides('evidence') },
    { title: 'Project', pages: [changelogPage(facts)] },
  ];
  const home = homePage(facts, sections);
  return sections
    .map((section) => (section.title === 'Get started' ? { ...section, pages: [home, ...section.pages] } : section))
    .filter((section) => pagesOf(section).length > 0);
}

const notFound: Page = {
  source: '404.md',
  title: 'There is no such page',
  description: 'Nothing is at this address.',
  markdown: 'Nothing is at this address. Look in the navigation, search, or begin at [the beginning](index.md).\n',
};

/** `/docs` → `docs/index`, `/docs/quickstart` → `docs/quickstart`. */
const fileOf = (page: Page) => (page.source === 'index.md' ? 'docs/index' : pathOf(page.source).slice(1));

/**
 * Builds it.
 *
 * @param base origin of the site
 * @param assets built files, by what they are for
 */
export function buildSite(facts: Facts, base: string, assets: Assets): Site {
  const { info } = facts.document;
  const sections = sectionsOf(facts, base);
  const pages = sections.flatMap(pagesOf);
  const frame: Frame = { product: info.title, version: info.version, base, sections, assets };
  const rendered = pages.map((page) => ({ page, rendered: render(page.source, page.markdown) }));
  const files = new Map<string, string>();
  for (const { page, rendered: result } of rendered) {
    files.set(`${fileOf(page)}.html`, drawPage(frame, page, result));
    files.set(`${fileOf(page)}.md`, markdownPage(page, base));
  }
  files.set('docs/404.html', drawPage(frame, notFound, render(notFound.source, notFound.markdown)));
  files.set('docs/search.json', searchIndex(rendered));
  files.set('llms.txt', llmsTxt(info.title, info.summary, sections, base));
  files.set('llms-full.txt', llmsFullTxt(info.title, info.summary, pages, base));
  files.set('sitemap.xml', sitemap(pages, base));
  files.set('robots.txt', `User-agent: *\nAllow: /docs\nSitemap: ${base}/sitemap.xml\n`);
  return { files, images: [...new Set(rendered.flatMap(({ rendered: { images } }) => images))], pages };
}

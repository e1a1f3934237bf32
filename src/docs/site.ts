/** Builds the documentation site: facts in, files out. */
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

/** The built site. */
export interface Site {
  /** All text files by their path from the root of the site, such as `docs/quickstart.html`. */
  files: Map<string, string>;
  /** Images that pages show, relative to docs/. */
  images: string[];
  /** Every page, in the order of the navigation. */
  pages: Page[];
}

function referenceSection(facts: Facts, base: string): Section {
  const reference = referencePage(facts);
  const errors = errorsPage(facts);
  return {
    title: 'Reference',
    pages: [
      ...[reference, tryPage(facts), errors],
      ...[environmentPage(facts), commandLinePage(facts), portalPage(facts), changelogPage(facts)],
    ],
    subsections: [
      {
        title: 'Operations',
        overview: reference,
        pages: [],
        subsections: operationsByTag(facts).map(({ tag, operations }) => ({
          title: tag,
          pages: operations.map((operation) => operationPage(facts, operation, base)),
        })),
      },
      {
        title: 'Errors',
        overview: errors,
        pages: [],
        subsections: errorGroups(facts).map(({ title, errors: found }) => ({
          title,
          pages: found.map((error) => errorPage(facts, error, base)),
        })),
      },
    ],
  };
}

/** The groups of guides in a section, in their order. A guide names its own in its front matter. */
const groups = {
  integrate: ['The portal', 'Keys and limits', 'Your backend'],
  evidence: ['Size and speed', 'Correctness', 'Failures'],
};

/** A section with its guides in groups. @throws Error if a guide is in none of them */
function groupedSection(title: string, names: string[], guides: Page[]): Section {
  const stray = guides.find(({ group }) => group === undefined || !names.includes(group));
  if (stray !== undefined) throw new Error(`docs/${stray.source}: its group must be one of ${names.join(', ')}`);
  const subsections = names.map((name) => ({ title: name, pages: guides.filter(({ group }) => group === name) }));
  return { title, pages: [], subsections };
}

/** The pages by section, in the order of the navigation. */
export function sectionsOf(facts: Facts, base: string): Section[] {
  const guides = (folder: string) => guidePages(facts, (source) => source.startsWith(`${folder}/`));
  const isTopLevel = (name: string) => (source: string) => source === `${name}.md`;
  const start = guidePages(facts, isTopLevel('quickstart'));
  const others: Section[] = [
    groupedSection('Integrate', groups.integrate, guides('integrate')),
    { title: 'Operate', pages: guides('operate') },
    referenceSection(facts, base),
    { title: 'Concepts', pages: [...guides('concepts'), ...guidePages(facts, isTopLevel('architecture'))] },
    groupedSection('Evidence', groups.evidence, guides('evidence')),
  ];
  const home = homePage(facts, [{ title: 'Get started', pages: start }, ...others]);
  return [{ title: 'Get started', pages: [home, ...start] }, ...others];
}

const notFound: Page = {
  source: '404.md',
  title: 'Page not found',
  description: 'No page exists at this address.',
  markdown: 'No page exists at this address. Use the navigation or the search, or go to the [home page](index.md).\n',
};

/** `/docs` → `docs/index`, `/docs/quickstart` → `docs/quickstart`. */
const fileOf = (page: Page) => (page.source === 'index.md' ? 'docs/index' : pathOf(page.source).slice(1));

/**
 * Builds the site.
 *
 * @param base origin of the site
 * @param assets names of the built scripts and styles
 * @throws Error if a guide has no front matter, is in no group of its section, or names an unknown table
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
  files.set('docs/search.json', searchIndex(sections, rendered));
  files.set('llms.txt', llmsTxt(info.title, info.summary, sections, base));
  files.set('llms-full.txt', llmsFullTxt(info.title, info.summary, pages, base));
  files.set('sitemap.xml', sitemap(pages, base));
  files.set('robots.txt', `User-agent: *\nAllow: /docs\nSitemap: ${base}/sitemap.xml\n`);
  return { files, images: [...new Set(rendered.flatMap(({ rendered: { images } }) => images))], pages };
}

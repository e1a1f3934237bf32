/** Draws a page as HTML: header, navigation, article, table of contents. */
import type { Heading, Rendered } from './markdown.ts';
import { markdownPathOf, type Page, pagesOf, pathOf, type Section, sectionPath } from './page.ts';
import { plain } from './write-markdown.ts';

/** Names of built files under /docs/assets. */
export interface Assets {
  style: string;
  script: string;
  tryScript: string;
  themeScript: string;
  icon: string;
}

/** What all pages share. */
export interface Frame {
  /** Name of the product. */
  product: string;
  version: string;
  /** Origin of the site. */
  base: string;
  sections: Section[];
  assets: Assets;
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? '');

/** A long name breaks after a dot or an underscore only. */
const asCode = (text: string) => `<code>${escapeHtml(text).replaceAll(/(?<=[._])/g, '<wbr>')}</code>`;
const titleOf = ({ title, isCode }: Page) => (isCode?.title ? asCode(title) : escapeHtml(title));
const labelOf = ({ label, title, isCode }: Page) =>
  isCode?.label ? asCode(label ?? title) : escapeHtml(label ?? title);

/** The navigation: a heading for a section and its parts, a disclosure for what is below those. */
function navigation({ sections }: Frame, current: Page): string {
  const item = (page: Page) => {
    const badge = page.badge?.kind === 'error' ? ` <span class="status">${page.badge.text}</span>` : '';
    const ariaCurrent = page === current ? ' aria-current="page"' : '';
    return `<li><a href="${pathOf(page.source)}"${ariaCurrent}>${labelOf(page)}${badge}</a></li>`;
  };
  const inside = ({ pages, subsections = [] }: Section, level: number, isOpen: boolean): string => {
    const items = pages.length === 0 ? '' : `<ul>${pages.map(item).join('')}</ul>`;
    return items + subsections.map((subsection) => draw(subsection, level + 1, isOpen)).join('');
  };
  const draw = (section: Section, level: number, isOpen: boolean): string => {
    const title = escapeHtml(section.title);
    const isHere = isOpen || section.overview === current;
    if (level <= 3) return `<section><h${level}>${title}</h${level}>${inside(section, level, isHere)}</section>`;
    const open = isHere || section.pages.includes(current) ? ' open' : '';
    return `<details${open}><summary>${title}</summary>${inside(section, level, isHere)}</details>`;
  };
  return sections.map((section) => draw(section, 2, false)).join('');
}

/** The sections of a page, from the home page. */
function breadcrumbs({ sections }: Frame, page: Page): string {
  const home = sections[0]?.pages[0];
  if (page === home) return '';
  const steps = ['<a href="/docs">Docs</a>'];
  for (const { title, overview } of sectionPath(sections, page)) {
    const text = escapeHtml(title);
    steps.push(overview === undefined ? text : `<a href="${pathOf(overview.source)}">${text}</a>`);
  }
  steps.push(`<span aria-current="page">${page.isCode?.title ? titleOf(page) : labelOf(page)}</span>`);
  return `<nav class="breadcrumbs" aria-label="Breadcrumb"><ol>${steps.map((step) => `<li>${step}</li>`).join('')}</ol></nav>`;
}

/** Links to the pages before and after. */
function neighbours({ sections }: Frame, page: Page): string {
  const all = sections.flatMap(pagesOf);
  const at = all.indexOf(page);
  if (at < 0) return '';
  const link = (to: Page | undefined, rel: string, text: string) =>
    to === undefined ? '' : `<a rel="${rel}" href="${pathOf(to.source)}"><span>${text}</span> ${titleOf(to)}</a>`;
  return `<nav class="neighbours" aria-label="Previous and next page">${link(all[at - 1], 'prev', 'Previous')}${link(all[at + 1], 'next', 'Next')}</nav>`;
}

/** The table of contents. */
function contents(headings: Heading[]): string {
  if (headings.length < 2) return '';
  const items = headings.map(
    ({ level, id, text }) => `<li class="level-${level}"><a href="#${id}">${escapeHtml(text)}</a></li>`,
  );
  return `<aside class="contents"><nav aria-labelledby="on-this-page"><h2 id="on-this-page">On this page</h2><ul>${items.join('')}</ul></nav></aside>`;
}

/** The HTML of a page. */
export function drawPage(frame: Frame, page: Page, { html, headings }: Rendered): string {
  const { product, version, base, assets } = frame;
  const isTry = page.needs === 'try';
  const isFound = page.source !== '404.md';
  const own = { try: assets.tryScript, theme: assets.themeScript };
  const asset = (name: string) => `/docs/assets/${name}`;
  const badge =
    page.badge === undefined ? '' : `<span class="badge ${page.badge.kind}">${escapeHtml(page.badge.text)}</span> `;
  const title = page.source === 'index.md' ? page.title : `${page.title} · ${product} docs`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<meta name="description" content="${escapeHtml(plain(page.description))}">
${
  isFound
    ? `<link rel="canonical" href="${base}${pathOf(page.source)}">
<link rel="alternate" type="text/markdown" href="${base}${markdownPathOf(page.source)}">`
    : '<meta name="robots" content="noindex">'
}
<link rel="icon" href="${asset(assets.icon)}" type="image/svg+xml">
<link rel="stylesheet" href="${asset(assets.style)}">
${page.needs === undefined ? '' : `<script type="module" src="${asset(own[page.needs])}"></script>\n`}<script type="module" src="${asset(assets.script)}"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<button type="button" class="menu" popovertarget="navigation" aria-label="Menu"><svg aria-hidden="true" viewBox="0 0 20 20"><path d="M2 5h16M2 10h16M2 15h16"/></svg></button>
<a class="brand" href="/docs"><img src="${asset(assets.icon)}" alt="" width="24" height="24">${escapeHtml(product)} <span>docs</span></a>
<button type="button" class="search" id="open-search" hidden>Search <kbd>/</kbd></button>
<a class="version" href="/openapi.yaml">v${escapeHtml(version)}</a>
</header>
<div class="frame${isTry ? ' wide' : ''}">
<nav class="navigation" id="navigation" popover aria-label="Documentation">${navigation(frame, page)}</nav>
<main id="main">
${breadcrumbs(frame, page)}
<article${page.source === 'index.md' ? ' class="home"' : ''}>
<h1>${badge}${titleOf(page)}</h1>
${html}${isTry ? '<div id="try"><noscript><p>This page needs JavaScript. All other pages work without it.</p></noscript></div>\n' : ''}</article>
${neighbours(frame, page)}
<footer>${isFound ? `<a href="${markdownPathOf(page.source)}">This page as Markdown</a>` : '<a href="/docs">All documentation</a>'}</footer>
</main>
${isTry ? '' : contents(headings)}
</div>
</body>
</html>
`;
}

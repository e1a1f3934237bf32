/** Draws a page: its frame, the navigation, and what stands in it. */
import type { Heading, Rendered } from './markdown.ts';
import { markdownPathOf, type Page, pagesOf, pathOf, type Section } from './page.ts';
import { plain } from './write-markdown.ts';

/** Names of built files under /docs/assets. */
export interface Assets {
  style: string;
  script: string;
  tryScript: string;
  tryStyle: string;
  icon: string;
}

/** What every page is drawn with. */
export interface Frame {
  /** What the product is called. */
  product: string;
  version: string;
  /** Origin of the site. */
  base: string;
  sections: Section[];
  assets: Assets;
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? '');

/** A long name may be broken at its joints, and nowhere else. */
const asCode = (text: string) => `<code>${escapeHtml(text).replaceAll(/(?<=[._])/g, '<wbr>')}</code>`;
const titleOf = ({ title, isCode }: Page) => (isCode?.title ? asCode(title) : escapeHtml(title));
const labelOf = ({ label, title, isCode }: Page) =>
  isCode?.label ? asCode(label ?? title) : escapeHtml(label ?? title);

function navigation({ sections }: Frame, current: Page): string {
  const item = (page: Page) => {
    const badge = page.badge?.kind === 'error' ? ` <span class="status">${page.badge.text}</span>` : '';
    const here = page === current ? ' aria-current="page"' : '';
    return `<li><a href="${pathOf(page.source)}"${here}>${labelOf(page)}${badge}</a></li>`;
  };
  const items = (pages: Page[]) => `<ul>${pages.map(item).join('')}</ul>`;
  const groups = (section: Section) =>
    (section.groups ?? []).map(({ title, pages }) => {
      const open = pages.includes(current) || section.pages.includes(current) ? ' open' : '';
      return `<details${open}><summary>${escapeHtml(title)}</summary>${items(pages)}</details>`;
    });
  return sections
    .map(
      (section) =>
        `<section><h2>${escapeHtml(section.title)}</h2>${items(section.pages)}${groups(section).join('')}</section>`,
    )
    .join('');
}

/** The section that a page is in, and what leads to it from the beginning. */
function breadcrumbs({ sections }: Frame, page: Page): string {
  const home = sections[0]?.pages[0];
  if (page === home) return '';
  const section = sections.find((found) => pagesOf(found).includes(page));
  const [first] = section?.pages ?? [];
  const group = section?.groups?.find(({ pages }) => pages.includes(page));
  const steps = [`<a href="/docs">Docs</a>`];
  // A section leads to its overview, where it has one.
  if (section !== undefined) {
    const isOverview = first?.source.endsWith('/index.md') === true && first !== page;
    const title = escapeHtml(section.title);
    steps.push(isOverview ? `<a href="${pathOf(first.source)}">${title}</a>` : title);
  }
  if (group !== undefined) steps.push(escapeHtml(group.title));
  steps.push(`<span aria-current="page">${page.isCode?.title ? titleOf(page) : labelOf(page)}</span>`);
  return `<nav class="breadcrumbs" aria-label="Breadcrumb"><ol>${steps.map((step) => `<li>${step}</li>`).join('')}</ol></nav>`;
}

function neighbours({ sections }: Frame, page: Page): string {
  const all = sections.flatMap(pagesOf);
  const at = all.indexOf(page);
  if (at < 0) return '';
  const link = (to: Page | undefined, rel: string, said: string) =>
    to === undefined ? '' : `<a rel="${rel}" href="${pathOf(to.source)}"><span>${said}</span> ${titleOf(to)}</a>`;
  return `<nav class="neighbours" aria-label="Previous and next page">${link(all[at - 1], 'prev', 'Previous')}${link(all[at + 1], 'next', 'Next')}</nav>`;
}

function contents(headings: Heading[]): string {
  if (headings.length < 2) return '';
  const items = headings.map(
    ({ level, id, text }) => `<li class="level-${level}"><a href="#${id}">${escapeHtml(text)}</a></li>`,
  );
  return `<aside class="contents"><nav aria-labelledby="on-this-page"><h2 id="on-this-page">On this page</h2><ul>${items.join('')}</ul></nav></aside>`;
}

/** A whole page. */
export function drawPage(frame: Frame, page: Page, { html, headings }: Rendered): string {
  const { product, version, base, assets } = frame;
  const isTry = page.needs === 'try';
  const isFound = page.source !== '404.md';
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
${isTry ? `<link rel="stylesheet" href="${asset(assets.tryStyle)}">\n<script type="module" src="${asset(assets.tryScript)}"></script>\n` : ''}<script type="module" src="${asset(assets.script)}"></script>
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
<article>
<h1>${badge}${titleOf(page)}</h1>
${html}${isTry ? '<div id="try"><noscript><p>Trying operations takes JavaScript. Everything else here does not.</p></noscript></div>\n' : ''}</article>
${neighbours(frame, page)}
<footer>${isFound ? `<a href="${markdownPathOf(page.source)}">This page as Markdown</a>` : '<a href="/docs">All documentation</a>'}</footer>
</main>
${isTry ? '' : contents(headings)}
</div>
</body>
</html>
`;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionPortal, Tab } from '../../../../generated/client/types.gen.ts';
import { root } from '../../package.ts';

/** Where the app is built to. */
const built = join(root, 'dist/portal');
/** The files that the pages ask for. */
export const assetsDirectory = join(built, 'assets');

/** What scripts/build/portal.ts tells of the app, in portal.json: what it takes to write a page. */
export interface PortalBuild {
  /** Names of files under /assets. */
  script: string;
  style: string;
  /** The style sheet that the documentation tab alone needs. */
  documentationStyle: string;
  /** What the script imports at once, to be asked for together with it. */
  imports: string[];
  /** What it loads besides: for the language that is spoken, and for the tab that is looked at. */
  later: { languages: Record<string, string[]>; tabs: Record<Tab, string[]> };
  /** The script that stands in the page of a link, and its hash as a content security policy names it. */
  takeSessionId: { script: string; hash: string };
  /** By language, what a page says without the app. */
  texts: Record<string, Record<PortalPage | 'broken', { title: string; text: string }>>;
  /** By language, what the links of such a page say. */
  links: Record<string, Record<'backToApp' | 'help' | 'reload', string>>;
}

/** The pages that a person can be shown. `app` and `enter` need JavaScript; the others say all without. */
export type PortalPage =
  | 'enter'
  | 'app'
  | 'session-expired'
  | 'come-from-your-app'
  | 'portal-disabled'
  | 'signed-out'
  | 'not-found'
  | 'unreachable';

/** What a page is made of. */
export interface PortalPageContent {
  page: PortalPage;
  /** One of the app's languages. */
  language: string;
  /** The tab that it shows, or is likely to lead to. */
  tab: Tab | undefined;
  /** Which portal it is about, as far as that is known. */
  portal: SessionPortal | undefined;
  /** Where people go of whom nothing is known. */
  homeUrl: string | undefined;
  /** What the response's policy lets style elements in by. */
  styleNonce: string;
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? '');
/** JSON that can stand in a script element: nothing in it can end the element. */
const escapeJson = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c');

const link = (href: string | undefined, text: string | undefined) =>
  href === undefined ? '' : `<a class="button" href="${escapeHtml(href)}">${escapeHtml(text ?? '')}</a>`;

/** Writes the pages of the portal around the app that was built. */
export function portalHtml() {
  const build: PortalBuild = JSON.parse(readFileSync(join(built, 'portal.json'), 'utf8'));
  const { script, style, documentationStyle, imports, later, takeSessionId, texts, links } = build;

  /** Asks for everything together that the app would ask for one after the other. */
  const preloads = (language: string, tab: Tab | undefined) =>
    [...new Set([...imports, ...(later.languages[language] ?? []), ...(tab === undefined ? [] : later.tabs[tab])])]
      .map((name) => `<link rel="modulepreload" href="/assets/${name}">`)
      .join('');

  /** What a page says where no script of ours runs. */
  const notice = (language: string, page: PortalPage | 'broken', ways: string) => {
    const { title, text } = texts[language]?.[page] ?? { title: '', text: '' };
    const below = ways === '' ? '' : `<div class="ways">${ways}</div>`;
    return `<main class="notice"><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${below}</main>`;
  };

  return {
    /** The languages of the app, the first where no other is asked for. */
    languages: Object.keys(texts),
    /** The hash of the one script that stands in a page. */
    inlineScriptHash: takeSessionId.hash,

    /** A whole page. */
    write({ page, language, tab, portal, homeUrl, styleNonce }: PortalPageContent): string {
      const title = texts[language]?.[page].title ?? '';
      const { backToApp, help, reload } = links[language] ?? {};
      const { faviconUrl } = portal?.branding ?? {};
      const name = page === 'app' || page === 'enter' ? (portal?.name ?? portal?.slug ?? title) : title;
      const needsApp = page === 'app' || page === 'enter';
      const ways = link(portal?.returnUrl ?? homeUrl, backToApp) + link(portal?.supportUrl, help);
      const said = notice(language, page, ways);
      return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
${page === 'enter' ? `<script>${takeSessionId.script}</script>\n` : ''}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="style-nonce" content="${styleNonce}">
<title>${escapeHtml(name)}</title>
<link rel="icon" href="${faviconUrl === undefined ? 'data:,' : escapeHtml(faviconUrl)}">
<link rel="stylesheet" href="/assets/${style}">
${preloads(language, tab)}
<script type="application/json" id="boot">${escapeJson({ page, portal, homeUrl, documentationStyle: `/assets/${documentationStyle}` })}</script>
<script type="module" src="/assets/${script}"></script>
</head>
<body>
<div id="portal">${needsApp ? '' : said}</div>
${needsApp ? `<noscript>${said}</noscript>` : ''}
<template id="broken">${notice(language, 'broken', link('/', reload))}</template>
</body>
</html>
`;
    },
  };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionPortal } from '../../../../generated/client/types.gen.ts';
import type { Known } from '../../../../generated/known-values.ts';
import { themeCss } from '../../../ui/theme/theme.ts';
import { ConfigError } from '../../config/index.ts';
import { root } from '../../package.ts';

/** The folder of the built app. */
const built = join(root, 'dist/portal');
/** The files that the pages load. */
export const assetsDirectory = join(built, 'assets');

/** What the server needs to write a page. scripts/build/portal.ts writes it to portal.json. */
export interface PortalBuild {
  /** Names of files under /assets. */
  script: string;
  style: string;
  /** The file of the font Inter. */
  font: string;
  /** The static imports of the script, which are preloaded with it. */
  imports: string[];
  /** What the script loads later: per language and per tab. */
  later: { languages: Record<string, string[]>; tabs: Record<Known<'Tab'>, string[]> };
  /** The inline script of the `enter` page, and its hash for the content security policy. */
  takeSessionId: { script: string; hash: string };
  /** The languages that are written from right to left. */
  rightToLeft: readonly string[];
  /** The texts of each page without the app, by language. */
  texts: Record<string, Record<PortalPage | 'broken', { title: string; text: string }>>;
  /** The texts of the links on such a page, by language. */
  links: Record<string, Record<'backToApp' | 'help' | 'reload', string>>;
}

/** The pages. `app` and `enter` need JavaScript; the others are complete without it. */
export type PortalPage =
  | 'enter'
  | 'app'
  | 'session-expired'
  | 'come-from-your-app'
  | 'portal-disabled'
  | 'several-sessions'
  | 'signed-out'
  | 'not-found'
  | 'unreachable'
  | 'too-many-requests';

/** The content of a page. */
export interface PortalPageContent {
  page: PortalPage;
  /** A language of the app. */
  language: string;
  /** The locale of the session, if it has one: the app formats numbers and dates as it says, if it is of the same language. */
  locale: string | undefined;
  /** The tab that the page shows or probably opens. */
  tab: Known<'Tab'> | undefined;
  /** The portal, if it is known. */
  portal: SessionPortal | undefined;
  /** The link for users whose portal is unknown. */
  homeUrl: string | undefined;
  /** The origins of the customer's API that the policy allows calls to. */
  apiOrigins?: string[] | undefined;
  /** The nonce of the content security policy for style elements. */
  styleNonce: string;
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? '');
/** JSON for a script element. The escape prevents a string from ending the element. */
const escapeJson = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c');

/** What the app needs to know of a portal: the page already has its look. */
function portalForApp({ branding, ...portal }: SessionPortal) {
  const { fontUrl: _, faviconUrl: __, variables: ___, ...rest } = branding;
  return { ...portal, branding: rest };
}

const link = (href: string | undefined, text: string | undefined) =>
  href === undefined ? '' : `<a class="button" href="${escapeHtml(href)}">${escapeHtml(text ?? '')}</a>`;

/** @throws ConfigError if the app is not built */
function readBuild(): PortalBuild {
  try {
    return JSON.parse(readFileSync(join(built, 'portal.json'), 'utf8'));
  } catch {
    throw new ConfigError('dist/portal is missing or damaged: run npm run build.');
  }
}

/** Writes the pages of the portal around the built app. @throws ConfigError if the app is not built */
export function portalHtml() {
  const build = readBuild();
  const { script, style, font, imports, later, takeSessionId, rightToLeft, texts, links } = build;

  /** Preloads in parallel what the app would otherwise load step by step. */
  const preloads = (language: string, tab: Known<'Tab'> | undefined) =>
    [...new Set([...imports, ...(later.languages[language] ?? []), ...(tab === undefined ? [] : later.tabs[tab])])]
      .map((name) => `<link rel="modulepreload" href="/assets/${name}">`)
      .join('');

  /** The style element of a portal, and its font. */
  function lookOf(branding: SessionPortal['branding'], nonce: string): string {
    const url = branding.fontUrl ?? (branding.font === 'inter' ? `/assets/${font}` : undefined);
    const preload =
      url === undefined
        ? ''
        : `<link rel="preload" as="font" type="font/woff2" href="${escapeHtml(url)}" crossorigin>\n`;
    return `${preload}<style nonce="${nonce}">${themeCss(branding)}</style>\n`;
  }

  /** The text of a page without JavaScript. */
  const notice = (language: string, page: PortalPage | 'broken', actions: string) => {
    const { title, text } = texts[language]?.[page] ?? { title: '', text: '' };
    const below = actions === '' ? '' : `<div class="ways">${actions}</div>`;
    return `<main class="notice"><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${below}</main>`;
  };

  return {
    /** The languages of the app. The first is the default. */
    languages: Object.keys(texts),
    /** The hash of the inline script. */
    inlineScriptHash: takeSessionId.hash,

    /** Writes a page. */
    write({ page, language, locale, tab, portal, homeUrl, apiOrigins, styleNonce }: PortalPageContent): string {
      const title = texts[language]?.[page].title ?? '';
      const { backToApp, help, reload } = links[language] ?? {};
      const { faviconUrl, colorScheme = 'auto', title: own = portal?.name ?? portal?.slug } = portal?.branding ?? {};
      const name = page === 'app' || page === 'enter' ? (own ?? title) : title;
      const scheme = colorScheme === 'light' || colorScheme === 'dark' ? ` data-scheme="${colorScheme}"` : '';
      const needsApp = page === 'app' || page === 'enter';
      const actions = link(portal?.returnUrl ?? homeUrl, backToApp) + link(portal?.supportUrl, help);
      const text = notice(language, page, actions);
      return `<!doctype html>
<html lang="${language}" dir="${rightToLeft.includes(language) ? 'rtl' : 'ltr'}"${scheme}>
<head>
<meta charset="utf-8">
${page === 'enter' ? `<script>${takeSessionId.script}</script>\n` : ''}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="style-nonce" content="${styleNonce}">
<title>${escapeHtml(name)}</title>
<link rel="icon" href="${faviconUrl === undefined ? 'data:,' : escapeHtml(faviconUrl)}">
<link rel="stylesheet" href="/assets/${style}">
${portal === undefined ? '' : lookOf(portal.branding, styleNonce)}${preloads(language, tab)}
<script type="application/json" id="boot">${escapeJson({ page, portal: portal && portalForApp(portal), locale, homeUrl, apiOrigins })}</script>
<script type="module" src="/assets/${script}"></script>
</head>
<body>
<div id="portal">${needsApp ? '' : text}</div>
${needsApp ? `<noscript>${text}</noscript>` : ''}
<template id="broken">${notice(language, 'broken', link('/', reload))}</template>
</body>
</html>
`;
    },
  };
}

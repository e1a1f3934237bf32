import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionPortal } from '../../../../generated/client/types.gen.ts';
import type { Known } from '../../../../generated/known-values.ts';
import { themeCss } from '../../../ui/theme/theme.ts';
import { ConfigError } from '../../config/index.ts';
import { root } from '../../package.ts';
import { escapeHtml } from './html-text.ts';
import { brandOf, type ShellContent, type ShellIcons, type ShellTexts, shellOf, withName } from './portal-shell.ts';

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
  /** The texts of each page without the app, and of the page of a link while it is exchanged, by language. */
  texts: Record<string, Record<PortalPage | 'broken' | 'entering', { title: string; text: string }>>;
  /** The texts of the links on such a page, by language. In `back`, `{name}` is the name of the portal. */
  links: Record<string, Record<'back' | 'backToApp' | 'help' | 'portal' | 'reload' | 'tryAgain', string>>;
  /** The texts of what is shown until the app is loaded, by language, and its icons. */
  shells: Record<string, ShellTexts>;
  icons: ShellIcons;
}

/** The pages. `app` and `enter` need JavaScript; the others are complete without it. */
export type PortalPage =
  | 'enter'
  | 'app'
  | 'session-expired'
  | 'come-from-your-app'
  | 'portal-disabled'
  | 'workspace-disabled'
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
  /** Whether the portal has an OpenAPI document, if the app will need to know. */
  hasDocument?: boolean | undefined;
  /** What the page shows until the app is loaded, if it is known what the app will show. */
  shell?: ShellContent | undefined;
  /** Whether the page is in a frame. */
  isFramed?: boolean;
  /** The nonce of the content security policy for style elements. */
  styleNonce: string;
}

/** Pages on which the user can do something at once: it comes first, before the way back. */
const ownWays: Partial<Record<PortalPage, { text: 'portal' | 'tryAgain'; href: string }>> = {
  'not-found': { text: 'portal', href: '/' },
  unreachable: { text: 'tryAgain', href: '' },
  'too-many-requests': { text: 'tryAgain', href: '' },
};

/** Pages whose user may have opened a new link in another tab since. */
const mayBeSignedIn = new Set<PortalPage>([
  ...(['session-expired', 'come-from-your-app', 'portal-disabled', 'workspace-disabled', 'several-sessions'] as const),
]);

/** JSON for a script element. The escape prevents a string from ending the element. */
const escapeJson = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c');

/** What the app needs to know of a portal: the page already has its look. */
function portalForApp({ branding, ...portal }: SessionPortal) {
  const { fontUrl: _, faviconUrl: __, variables: ___, ...rest } = branding;
  return { ...portal, branding: rest };
}

/** The links of a page, the best one first: it is the primary one. */
const waysOf = (links: readonly (readonly [href: string, html: string])[]) =>
  links.length === 0
    ? ''
    : `<div class="ways">${links
        .map(
          ([href, html], i) => `<a class="button${i === 0 ? ' primary' : ''}" href="${escapeHtml(href)}">${html}</a>`,
        )
        .join('')}</div>`;

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
  const { script, style, font, imports, later, takeSessionId, rightToLeft, texts, links, shells, icons } = build;

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

  /** A page with one message, as the app draws it. */
  function notice(
    language: string,
    page: PortalPage | 'broken' | 'entering',
    portal: SessionPortal | undefined,
    ways: string,
  ): string {
    const { title, text } = texts[language]?.[page] ?? { title: '', text: '' };
    const brand = portal === undefined ? '' : brandOf(portal, shells[language]?.logo ?? '');
    const content = `${brand}<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${ways}`;
    const busy = page === 'entering' ? ' aria-busy="true"' : '';
    return `<main class="notice"${busy}><div class="notice-card">${content}</div></main>`;
  }

  /** The ways to continue from a page. The app has the same, in notices/notices.tsx. */
  function waysFrom({ page, language, portal, homeUrl, isFramed }: PortalPageContent): string {
    const texts = links[language];
    if (texts === undefined) return '';
    const own = ownWays[page];
    const back = portal?.returnUrl ?? homeUrl;
    const backText = portal === undefined ? escapeHtml(texts.backToApp) : withName(texts.back, portal);
    return waysOf([
      ...(own === undefined ? [] : [[own.href, escapeHtml(texts[own.text])] as const]),
      ...(back === undefined ? [] : [[back, backText] as const]),
      ...(portal?.supportUrl === undefined ? [] : [[portal.supportUrl, escapeHtml(texts.help)] as const]),
      ...(!isFramed && mayBeSignedIn.has(page) ? [['/', escapeHtml(texts.tryAgain)] as const] : []),
    ]);
  }

  /** What is in the place of the app until it is loaded. */
  function beforeApp({ page, language, portal, shell }: PortalPageContent): string {
    const texts = shells[language];
    if (shell !== undefined && portal !== undefined && texts !== undefined) return shellOf(shell, portal, texts, icons);
    return page === 'enter' ? notice(language, 'entering', portal, '') : '';
  }

  return {
    /** The languages of the app. The first is the default. */
    languages: Object.keys(texts),
    /** The hash of the inline script. */
    inlineScriptHash: takeSessionId.hash,

    /** Writes a page. */
    write(content: PortalPageContent): string {
      const { page, language, locale, tab, portal, homeUrl, apiOrigins, hasDocument, styleNonce } = content;
      const title = texts[language]?.[page].title ?? '';
      const { faviconUrl, colorScheme = 'auto', title: own = portal?.name ?? portal?.slug } = portal?.branding ?? {};
      const scheme = colorScheme === 'light' || colorScheme === 'dark' ? ` data-scheme="${colorScheme}"` : '';
      const form = portal?.branding.header;
      // Without a header a user could not sign out. In a frame, the page around it has its own.
      const shownForm = form === 'none' && content.isFramed !== true ? 'compact' : form;
      const header = shownForm === 'compact' || shownForm === 'none' ? ` data-header="${shownForm}"` : '';
      const needsApp = page === 'app' || page === 'enter';
      const name = needsApp ? (own ?? title) : title;
      const text = notice(language, page, portal, waysFrom(content));
      const reload = waysOf([['/', escapeHtml(links[language]?.reload ?? '')]]);
      return `<!doctype html>
<html lang="${language}" dir="${rightToLeft.includes(language) ? 'rtl' : 'ltr'}"${scheme}${header}>
<head>
<meta charset="utf-8">
${page === 'enter' ? `<script>${takeSessionId.script}</script>\n` : ''}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="style-nonce" content="${styleNonce}">
<title>${escapeHtml(name)}</title>
<link rel="icon" href="${faviconUrl === undefined ? 'data:,' : escapeHtml(faviconUrl)}">
<link rel="stylesheet" href="/assets/${style}">
${portal === undefined ? '' : lookOf(portal.branding, styleNonce)}${preloads(language, tab)}
<script type="application/json" id="boot">${escapeJson({ page, tab, portal: portal && portalForApp(portal), locale, homeUrl, apiOrigins, hasDocument })}</script>
<script type="module" src="/assets/${script}"></script>
${needsApp ? `<noscript><style nonce="${styleNonce}">#portal{display:none}</style></noscript>\n` : ''}</head>
<body>
<div id="portal">${needsApp ? beforeApp(content) : text}</div>
${needsApp ? `<noscript>${text}</noscript>` : ''}
<template id="broken">${notice(language, 'broken', undefined, reload)}</template>
</body>
</html>
`;
    },
  };
}

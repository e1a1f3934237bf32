/** The pages as the server writes them around the built app. */
import { describe, expect, test } from '@jest/globals';
import type { SessionPortal } from '../../../../generated/client/types.gen.ts';
import { type PortalPageContent, portalHtml } from './portal-html.ts';

const html = portalHtml();
const page = (content: Partial<PortalPageContent>) =>
  html.write({
    ...{
      page: 'app',
      language: 'en',
      tab: undefined,
      locale: undefined,
      portal: undefined,
      homeUrl: undefined,
      styleNonce: 'n0',
    },
    ...content,
  });
const portal = { slug: 'acme', branding: { primaryColor: '#2563eb' } } as SessionPortal;

const titleOf = (text: string) => /<title>(.*)<\/title>/.exec(text)?.[1];
const bootOf = (text: string) => JSON.parse(/id="boot">(.*?)<\/script>/.exec(text)?.[1] ?? '');
const preloadsOf = (text: string) =>
  [...text.matchAll(/<link rel="modulepreload" href="([^"]+)">/g)].map(([, href]) => href);
const rootOf = (text: string) => /<div id="portal">(.*?)<\/div>\n(?:<noscript>|\n)/s.exec(text)?.[1];
const linksOf = (text = '') =>
  [...text.matchAll(/<a class="button( primary)?" href="([^"]*)">/g)].map(([, , href]) => href);
const primaryOf = (text = '') =>
  [...text.matchAll(/<a class="button primary" href="[^"]*">([^<]*)</g)].map(([, name]) => name);

test('the first language is English, and every language has every page', () => {
  expect(html.languages[0]).toBe('en');
  const titles = html.languages.map((language) => titleOf(page({ page: 'not-found', language })));
  expect(new Set(titles).size).toBe(html.languages.length);
  for (const language of html.languages) expect(page({ language })).toContain(`<html lang="${language}" dir="`);
});

test('the page has the direction of its language', () => {
  const rightToLeft = html.languages.filter((language) => page({ language }).includes(' dir="rtl">'));
  expect(rightToLeft).toEqual(['ar']);
  expect(page({ language: 'en' })).toContain('<html lang="en" dir="ltr">');
});

test.each(['app', 'enter'] as const)('%s needs the app: its text is only for browsers without JavaScript', (name) => {
  const text = page({ page: name });
  expect(text).toMatch(/<noscript><main class="notice"><div class="notice-card"><h1>[^<]+<\/h1><p>[^<]*JavaScript/);
  expect(text).toContain('<noscript><style nonce="n0">#portal{display:none}</style></noscript>');
  expect(rootOf(text)).not.toContain('JavaScript');
});

describe('until the app is loaded', () => {
  const shell = { tab: 'analytics', tabs: ['keys', 'analytics', 'docs'], isPreview: false } as const;
  const urls = { returnUrl: 'https://app.example', supportUrl: 'https://help.example' };
  const branding = { ...portal.branding, logoUrl: 'https://a.example/"x', logoDarkUrl: 'https://a.example/dark' };
  const acme = { ...portal, ...urls, name: 'A & <B> {name}', branding };

  test('the page has the brand, the tabs, the title and rows, in the language of the user', () => {
    const root = rootOf(page({ language: 'de', portal: acme, shell })) ?? '';
    const texts = root
      .replaceAll(/<[^>]*>/g, '|')
      .split(/[|\s]*\|[|\s]*/)
      .filter((text) => text !== '');
    expect(texts.slice(0, 7)).toEqual([
      ...['Wird geladen …', 'A &amp; &lt;B&gt; {name}', 'Zurück zu A &amp; &lt;B&gt; {name}', 'Hilfe'],
      ...['API-Schlüssel', 'Nutzung', 'Dokumentation'],
    ]);
    expect(root).toContain('<div class="shell" aria-hidden="true">');
    expect(root).toContain('<span aria-current="page"><svg');
    const image = (scheme: string, url: string) =>
      `<img class="${scheme}-only" loading="lazy" src="${url}" alt="Logo von A &amp; &lt;B&gt; {name}">`;
    expect(root).toContain(image('light', 'https://a.example/&quot;x'));
    expect(root).toContain(image('dark', 'https://a.example/dark'));
    expect(root).toContain(`<div class="skeleton-rows">${'<div></div>'.repeat(7)}</div>`);
    expect(root).not.toMatch(/<(a|button|h1|main|nav)[ >]/);
    expect(root).not.toContain('class="preview"');
  });

  test('the page of a preview has room for its banner, and one without links has none', () => {
    const root = rootOf(page({ portal, shell: { ...shell, isPreview: true } }));
    expect(root).toContain('<div class="preview">&nbsp;</div>');
    expect(root).not.toMatch(/header-link|<picture>/);
  });

  test('the page of a link that leads nowhere says that it signs in', () => {
    expect(rootOf(page({ page: 'enter', portal }))).toMatch(
      /^<main class="notice" aria-busy="true">.*acme.*<h1>Signing you in<\/h1><p>One moment, please\.<\/p>/,
    );
    expect(rootOf(page({ page: 'app', portal }))).toBe('');
  });

  test('the app gets the tab', () => {
    expect(bootOf(page({ portal, shell, tab: 'analytics' }))).toMatchObject({ tab: 'analytics' });
  });
});

test.each([
  'session-expired',
  'come-from-your-app',
  'portal-disabled',
  'workspace-disabled',
  'several-sessions',
  'signed-out',
  'not-found',
  'unreachable',
  'too-many-requests',
] as const)('%s is complete without the app, and has its own title', (name) => {
  const text = page({ page: name, portal: { ...portal, name: 'Acme' }, isFramed: true });
  const root = rootOf(text)?.replace(/<div class="ways">.*?<\/div>/, '');
  const brand = '<div class="brand"><span class="brand-name" dir="auto">Acme</span></div>';
  expect(root).toBe(
    `<main class="notice"><div class="notice-card">${brand}<h1>${titleOf(text)}</h1><p>${/<p>(.*?)<\/p>/.exec(text)?.[1]}</p></div></main>`,
  );
  expect(titleOf(text)).not.toBe('Acme');
  expect(text).not.toContain('<noscript>');
});

test('the title of the app is the name of the portal, else its slug, else that of the page', () => {
  expect(titleOf(page({ portal: { ...portal, name: 'A & <B>' } }))).toBe('A &amp; &lt;B&gt;');
  expect(titleOf(page({ page: 'enter', portal }))).toBe('acme');
  expect(titleOf(page({}))).toMatch(/\w/);
});

test('only the page of a link has the script that takes the id from the address bar', () => {
  expect(page({ page: 'enter' })).toMatch(/<meta charset="utf-8">\n<script>[^<]/);
  expect(page({})).not.toContain('<script>');
  expect(html.inlineScriptHash).toMatch(/^sha256-/);
});

test('the links of a notice: what the user can do at once, back to the app or home, support, and the same page', () => {
  const notice = (content: Partial<PortalPageContent>) => rootOf(page({ page: 'session-expired', ...content }));
  const urls = { returnUrl: 'https://app.example/?a=1&b="2"', supportUrl: 'https://help.example' };
  const acme = { ...portal, ...urls };
  const homeUrl = 'https://home.example';
  const back = 'https://app.example/?a=1&amp;b=&quot;2&quot;';
  expect(linksOf(notice({ portal: acme, homeUrl }))).toEqual([back, urls.supportUrl, '/']);
  expect(primaryOf(notice({ portal: acme, homeUrl }))).toEqual(['Back to acme']);
  expect(linksOf(notice({ portal: acme, isFramed: true }))).toEqual([back, urls.supportUrl]);
  expect(linksOf(notice({ page: 'signed-out', portal, homeUrl }))).toEqual([homeUrl]);
  expect(primaryOf(notice({ homeUrl }))).toEqual(['Back to the application']);
  expect(notice({ page: 'signed-out', portal })).not.toContain('class="ways"');
  expect(linksOf(notice({ page: 'not-found', homeUrl }))).toEqual(['/', homeUrl]);
  for (const busy of ['unreachable', 'too-many-requests'] as const) {
    expect(linksOf(notice({ page: busy, homeUrl }))).toEqual(['', homeUrl]);
    expect(primaryOf(notice({ page: busy, homeUrl }))).toEqual(['Try again']);
  }
  expect(linksOf(/<template id="broken">(.*)<\/template>/.exec(page({}))?.[1])).toEqual(['/']);
});

test('the icon is that of the portal, or an empty one', () => {
  const branding = { ...portal.branding, faviconUrl: 'https://a.example/"x' };
  expect(page({ portal: { ...portal, branding } })).toContain('<link rel="icon" href="https://a.example/&quot;x">');
  expect(page({ portal })).toContain('<link rel="icon" href="data:,">');
});

test('the app gets the page, the portal and the home URL, and no text can end the script', () => {
  const hostile = { ...portal, name: '</script><script>alert(1)</script>' };
  const text = page({ portal: hostile, homeUrl: 'https://home.example' });
  expect(bootOf(text)).toEqual({
    page: 'app',
    portal: hostile,
    homeUrl: 'https://home.example',
  });
  expect(text).not.toContain('<script>alert');
});

test('what the app loads later is preloaded: the language, and the tab if there is one', () => {
  const none = preloadsOf(page({}));
  const [keys, docs] = [preloadsOf(page({ tab: 'keys' })), preloadsOf(page({ tab: 'docs' }))];
  expect(new Set(keys).size).toBe(keys.length);
  for (const name of none) expect(keys).toContain(name);
  expect(keys.length).toBeGreaterThan(none.length);
  expect(docs).not.toEqual(keys);
  expect(preloadsOf(page({ language: 'de' }))).not.toEqual(none);
});

test('an unknown language has no text, and does not fail', () => {
  const empty = '<main class="notice"><div class="notice-card"><h1></h1><p></p></div></main>';
  expect(rootOf(page({ page: 'not-found', language: 'xx' }))).toBe(empty);
  const shell = { tab: 'keys', tabs: ['keys'], isPreview: false } as const;
  expect(rootOf(page({ language: 'xx', portal, shell }))).toBe('');
});

test('the nonce of styles is in the page', () => {
  expect(page({ styleNonce: 'abc' })).toContain('<meta name="style-nonce" content="abc">');
});

test.each([
  ['full', false, ''],
  ['compact', false, ' data-header="compact"'],
  ['none', false, ' data-header="compact"'],
  ['none', true, ' data-header="none"'],
  ['"><script>', true, ''],
])('the header %s, in a frame: %s, is the attribute %j', (header, isFramed, attribute) => {
  const branding = { ...portal.branding, header, colorScheme: 'dark' };
  const text = page({ isFramed, portal: { ...portal, branding } });
  expect(text).toContain(`<html lang="en" dir="ltr" data-scheme="dark"${attribute}>`);
});

test('the look of the portal has the nonce, and its own font is preloaded', () => {
  const branding = { ...portal.branding, fontUrl: 'https://a.example/f.woff2', title: 'A & B' };
  const text = page({ portal: { ...portal, branding } });
  expect(text).toMatch(/<style nonce="n0">@font-face\{[^<]*:root\{[^<]*#2563eb[^<]*<\/style>/);
  expect(text).toContain(
    '<link rel="preload" as="font" type="font/woff2" href="https://a.example/f.woff2" crossorigin>',
  );
  expect(titleOf(text)).toBe('A &amp; B');
  expect(page({})).not.toContain('<style nonce="n0">@');
});

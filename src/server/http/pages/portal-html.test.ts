/** The pages as the server writes them around the built app. */
import { expect, test } from '@jest/globals';
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
const rootOf = (text: string) => /<div id="portal">(.*)<\/div>\n/.exec(text)?.[1];
const linksOf = (text = '') => [...text.matchAll(/<a class="button" href="([^"]*)">/g)].map(([, href]) => href);

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
  expect(rootOf(text)).toBe('');
  expect(text).toMatch(/<noscript><main class="notice"><h1>[^<]+<\/h1><p>[^<]+<\/p>/);
});

test.each([
  'session-expired',
  'come-from-your-app',
  'portal-disabled',
  'several-sessions',
  'signed-out',
  'not-found',
  'unreachable',
  'too-many-requests',
] as const)('%s is complete without the app, and has its own title', (name) => {
  const text = page({ page: name, portal: { ...portal, name: 'Acme' } });
  expect(rootOf(text)).toBe(
    `<main class="notice"><h1>${titleOf(text)}</h1><p>${/<p>(.*?)<\/p>/.exec(text)?.[1]}</p></main>`,
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

test('the links of a notice: back to the app or home, and to support', () => {
  const notice = (content: Partial<PortalPageContent>) =>
    linksOf(rootOf(page({ page: 'session-expired', ...content })));
  const urls = { returnUrl: 'https://app.example/?a=1&b="2"', supportUrl: 'https://help.example' };
  expect(notice({ portal: { ...portal, ...urls }, homeUrl: 'https://home.example' })).toEqual([
    'https://app.example/?a=1&amp;b=&quot;2&quot;',
    'https://help.example',
  ]);
  expect(notice({ portal, homeUrl: 'https://home.example' })).toEqual(['https://home.example']);
  expect(notice({ portal })).toEqual([]);
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
  expect(rootOf(page({ page: 'not-found', language: 'xx' }))).toBe('<main class="notice"><h1></h1><p></p></main>');
});

test('the nonce of styles is in the page', () => {
  expect(page({ styleNonce: 'abc' })).toContain('<meta name="style-nonce" content="abc">');
});

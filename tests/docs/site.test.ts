/** The built site: links, anchors, the structure of each page, the navigation and the search. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import MiniSearch from 'minisearch';
import { readFacts } from '../../scripts/build/docs-facts.ts';
import type { Facts } from '../../src/docs/facts.ts';
import { errorSource, markdownPathOf, operationSource, pathOf } from '../../src/docs/page.ts';
import { type SearchEntry, searchDocs, searchOptions } from '../../src/docs/search-index.ts';
import { buildSite, type Site } from '../../src/docs/site.ts';
import { root } from '../../src/server/package.ts';
import { expectEach } from '../support/expect-each.ts';

const base = 'https://portal.acme.example';
const assets = { style: 's.css', script: 's.js', tryScript: 't.js', themeScript: 'th.js', icon: 'i.svg' };
/** Other sites that pages can link to. */
const allowedOrigins = new Set([
  'https://github.com',
  'https://heyapi.dev',
  'https://keepachangelog.com',
  'https://schemathesis.readthedocs.io',
  'https://semver.org',
]);

let facts: Facts;
let site: Site;
/** HTML, Markdown and anchors by the path of the page. */
const html = new Map<string, string>();
const markdown = new Map<string, string>();
const ids = new Map<string, Set<string>>();

const unescaped = (text: string) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => unescaped(found));
const fileText = (name: string) => site.files.get(name) ?? '';

beforeAll(async () => {
  facts = await readFacts();
  site = buildSite(facts, base, assets);
  for (const { source } of site.pages) {
    const file = source === 'index.md' ? 'docs/index' : pathOf(source).slice(1);
    const text = fileText(`${file}.html`);
    html.set(pathOf(source), text);
    markdown.set(markdownPathOf(source), fileText(`${file}.md`));
    ids.set(pathOf(source), new Set(all(text, /\sid="([^"]*)"/g)));
  }
});

/** Files of the site that are no pages. */
const others = ['/openapi.yaml', '/openapi.json', '/llms.txt', '/llms-full.txt', '/sitemap.xml', '/docs/search.json'];

/** The problem of a link; undefined if the link works. */
function problemOf(from: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link) && !link.startsWith(`${base}/`)) {
    const { protocol, origin, hostname } = new URL(link);
    if (protocol === 'http:') return hostname === 'localhost' ? undefined : 'is not https';
    return allowedOrigins.has(origin) ? undefined : 'leads to another site that is not in the list';
  }
  const [path = '', fragment] = link.replace(base, '').split('#');
  if (path.startsWith('/docs/assets/')) return undefined;
  if (/\.(png|svg)$/.test(path)) {
    const isBuilt = site.images.includes(path.replace('/docs/', ''));
    return isBuilt && existsSync(join(root, path.slice(1))) ? undefined : 'is no image';
  }
  const target = path === '' ? from : path;
  if (others.includes(target)) return undefined;
  if (!html.has(target) && !markdown.has(target)) return 'leads to no page';
  if (fragment === undefined) return undefined;
  const page = target.replace(/\.md$/, '');
  return ids.get(page)?.has(decodeURIComponent(fragment)) ? undefined : 'leads to no heading';
}

test('every link and anchor of every page works', () => {
  const wrong = [...html].flatMap(([from, text]) =>
    all(text, /\s(?:href|src)="([^"]*)"/g).flatMap((link) => {
      const why = problemOf(from, link);
      return why === undefined ? [] : [`${from}: ${link} ${why}`];
    }),
  );
  expect(html.size).toBeGreaterThan(60);
  expect(wrong).toEqual([]);
});

test('every link in the Markdown of every page works, and leads to Markdown', () => {
  const outsideOfCode = (text: string) => text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '`');
  const wrong = [...markdown].flatMap(([from, text]) =>
    all(outsideOfCode(text), /\]\(([^)\s]+)\)/g).flatMap((link) => {
      const why = problemOf(from.replace(/\.md$/, ''), link);
      const isHtml = html.has(link.replace(base, '').split('#')[0] ?? '');
      return why === undefined && !isHtml ? [] : [`${from}: ${link} ${why ?? 'is HTML'}`];
    }),
  );
  expect(wrong).toEqual([]);
});

test('every operation, every error and every file in docs/ has a page', () => {
  const sources = site.pages.map(({ source }) => source);
  expect(sources).toEqual(
    expect.arrayContaining(facts.operations.map(({ operationId }) => operationSource(operationId))),
  );
  expect(sources).toEqual(expect.arrayContaining(facts.errors.map(({ code }) => errorSource(code))));
  const written = readdirSync(join(root, 'docs'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.md'));
  expect(sources).toEqual(expect.arrayContaining(written));
  expect(new Set(sources).size).toBe(sources.length);
});

test('every page is in every navigation, in the sitemap, in the search and in the llms files', () => {
  const paths = site.pages.map(({ source }) => pathOf(source));
  for (const text of html.values()) {
    const [, navigation = ''] = /<nav class="navigation"([\s\S]*?)<\/nav>/.exec(text) ?? [];
    expect(all(navigation, /href="([^"]*)"/g)).toEqual(paths);
  }
  expect(all(fileText('sitemap.xml'), /<loc>([^<]*)<\/loc>/g)).toEqual(paths.map((path) => base + path));
  expect(all(fileText('llms.txt'), /^- \[[^\]]*\]\(([^)]*)\): \S/gm)).toEqual(
    site.pages.map(({ source }) => base + markdownPathOf(source)),
  );
  expect(all(fileText('llms-full.txt'), /^Source: (.*)$/gm)).toEqual(paths.map((path) => base + path));
  const index = MiniSearch.loadJSON<SearchEntry>(fileText('docs/search.json'), searchOptions);
  for (const path of paths) expect(index.has(path)).toBe(true);
});

test('llms.txt has the format of llmstxt.org: a title, a summary, text, lists of links', () => {
  expect(fileText('llms.txt')).toMatch(/^# .+\n\n> .+\n\n[^#]+(## .+\n\n(- \[.+\]\(https:.+\): .+\n)+\n?)+$/);
});

test.each([
  ['session not found', '/docs/errors/unkey/authentication/portal_session_not_found'],
  ['portal_session_not_found', '/docs/errors/unkey/authentication/portal_session_not_found'],
  ['createSession', '/docs/reference/portal.createSession'],
  ['DOCS_BASE_URL', '/docs/configuration/environment'],
  ['root key permisions', '/docs/integrate/root-key-permissions'],
  ['rotate', '/docs/integrate/api-keys'],
  ['rotate a key', '/docs/integrate/api-keys'],
  ['regenerate key', '/docs/reference/portal.rerollKey'],
  ['logout', '/docs/reference/portal.endSession'],
  ['log out', '/docs/reference/portal.endSession'],
  ['sign out', '/docs/concepts/sessions'],
  ['login', '/docs/reference/portal.createSession'],
  ['Next.js', '/docs/integrate/typescript-client'],
  ['nextjs', '/docs/quickstart'],
  ['express', '/docs/integrate/typescript-client'],
  ['react', '/docs/integrate/typescript-client'],
  ['sdk', '/docs/integrate/typescript-client'],
  ['webhook', '/docs/integrate/webhooks'],
  ['401', '/docs/integrate/errors'],
  ['403', '/docs/integrate/errors'],
  ['404', '/docs/errors'],
  ['429', '/docs/integrate/rate-limits'],
  ['throttling', '/docs/integrate/rate-limits'],
  ['token', '/docs/concepts/sessions'],
  ['env', '/docs/configuration/environment'],
  ['settings', '/docs/configuration/environment'],
  ['docker', '/docs/operate/deploy'],
  ['helm', '/docs/operate/deploy'],
  ['k8s', '/docs/operate/deploy'],
  ['prometheus', '/docs/operate/observability'],
  ['grafana', '/docs/operate/observability'],
  ['api key', '/docs/integrate/api-keys'],
  ['iframe', '/docs/integrate/embedding'],
  ['cors', '/docs/integrate/own-front-end'],
  ['headless', '/docs/integrate/own-front-end'],
  ['logo', '/docs/integrate/branding'],
  ['cursor', '/docs/integrate/pagination'],
  ['python', '/docs/integrate/generate-a-client'],
  ['tenant', '/docs/configuration/command-line'],
  ['scopes', '/docs/integrate/root-key-permissions'],
  ['high availability', '/docs/operate/scaling'],
  ['gdpr', '/docs/concepts/security-model'],
])('the first three pages found for "%s" include %s', (query, path) => {
  const index = MiniSearch.loadJSON<SearchEntry>(fileText('docs/search.json'), searchOptions);
  const pages = [...new Set(searchDocs(index, query).map(({ id }) => id.split('#')[0]))];
  expect(pages.slice(0, 3)).toContain(path);
});

test('every page has one h1, landmarks, a description, a canonical address, and nothing inline', () => {
  const titles = new Set<string>();
  for (const [path, text] of html) {
    const problems = [
      all(text, /<(h1)[ >]/g).length !== 1 && 'has not one h1',
      all(text, /<(main) /g).length !== 1 && 'has not one main',
      !text.startsWith('<!doctype html>\n<html lang="en">') && 'says no language',
      !/<meta name="description" content="[^"]{20,}">/.test(text) && 'has no description',
      !text.includes(`<link rel="canonical" href="${base}${path}">`) && 'has no canonical address',
      / style=|<style|<script>|\son[a-z]+=/.test(text.replaceAll(/<code>[\s\S]*?<\/code>/g, '')) &&
        'has something inline',
      all(text, /\sid="([^"]*)"/g).length !== ids.get(path)?.size && 'has an id twice',
    ].filter(Boolean);
    expect([path, problems]).toEqual([path, []]);
    titles.add(all(text, /<title>([^<]*)<\/title>/g)[0] ?? '');
  }
  expect(titles.size).toBe(html.size);
});

test('the navigation has six groups', () => {
  const [, navigation = ''] = /<nav class="navigation"([\s\S]*?)<\/nav>/.exec(html.get('/docs') ?? '') ?? [];
  const groups = ['Get started', 'Integrate', 'Operate', 'Reference', 'Concepts', 'Evidence'];
  expect(all(navigation, /<h2>([^<]*)<\/h2>/g)).toEqual(groups);
  expect(all(fileText('llms.txt'), /^## (.*)$/gm)).toEqual(groups);
});

test('the guides of a long section are in groups, in the navigation and on the home page', () => {
  const groups = ['The portal', 'Keys and limits', 'Your backend', 'Size and speed', 'Correctness', 'Failures'];
  const home = html.get('/docs') ?? '';
  const [, navigation = ''] = /<nav class="navigation"([\s\S]*?)<\/nav>/.exec(home) ?? [];
  expect(all(navigation, /<h3>([^<]*)<\/h3>/g)).toEqual(expect.arrayContaining(groups));
  expect(all(home, /<h3 id="[^"]*"[^>]*><a[^>]*>(?:<span>)?([^<]*)</g)).toEqual(groups);
});

test('the home page begins with three ways in, and a picture in both schemes', () => {
  const [, above = ''] = /<h1>[\s\S]*?<\/h1>([\s\S]*?)<h2/.exec(html.get('/docs') ?? '') ?? [];
  const [, cards = ''] = /<ul>([\s\S]*?)<\/ul>/.exec(above) ?? [];
  expect(all(cards, /<a href="([^"]*)">/g)).toEqual(['/docs/quickstart', '/docs/operate/deploy', '/docs/reference']);
  expect(all(above, /<img src="([^"]*)" alt="[^"]{10,}"/g)).toEqual(
    ['light', 'dark'].map((scheme) => `/docs/screenshots/keys-${scheme}.png`),
  );
});

test('the home page links to sections for common tasks', () => {
  const [, tasks = ''] = /id="find-a-task"[\s\S]*?<ul>([\s\S]*?)<\/ul>/.exec(html.get('/docs') ?? '') ?? [];
  expect(all(tasks, /<a href="[^"]*">([^<]*)<\/a>/g)).toEqual(
    expect.arrayContaining([
      ...['Create a session', 'Verify a key', 'Rotate a key', 'Change a setting', 'Deploy', 'Handle an error'],
    ]),
  );
});

test('headings do not skip a level', () => {
  expectEach(html, ([path, text]) => {
    const article = /<article[^>]*>([\s\S]*)<\/article>/.exec(text)?.[1] ?? '';
    const levels = all(article, /<h([1-6])[ >]/g).map(Number);
    const skipping = levels.filter((level, i) => level - (levels[i - 1] ?? 0) > 1);
    expect([path, levels[0], skipping]).toEqual([path, 1, []]);
  });
});

test('the links to the previous and next page follow the navigation', () => {
  const paths = site.pages.map(({ source }) => pathOf(source));
  expectEach(paths.entries(), ([i, path]) => {
    const [neighbours = ''] = /<nav class="neighbours"[\s\S]*?<\/nav>/.exec(html.get(path) ?? '') ?? [];
    expect(all(neighbours, /href="([^"]*)"/g)).toEqual(
      [paths[i - 1], paths[i + 1]].filter((found) => found !== undefined),
    );
  });
});

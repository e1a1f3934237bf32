/** The site as it is built, every page of it: what leads where, what every page has, and where it can be found. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import MiniSearch from 'minisearch';
import { readFacts } from '../../scripts/build/docs-facts.ts';
import type { Facts } from '../../src/docs/facts.ts';
import { errorSource, markdownPathOf, operationSource, pathOf } from '../../src/docs/page.ts';
import { type SearchEntry, searchOptions } from '../../src/docs/search-options.ts';
import { buildSite, type Site } from '../../src/docs/site.ts';
import { root } from '../../src/server/package.ts';

const base = 'https://portal.acme.example';
const assets = { style: 's.css', script: 's.js', tryScript: 't.js', tryStyle: 't.css', icon: 'i.svg' };
/** Where pages may lead beside the site: what a reader is sent to. */
const allowedOrigins = new Set([
  'https://github.com',
  'https://heyapi.dev',
  'https://keepachangelog.com',
  'https://semver.org',
]);

let facts: Facts;
let site: Site;
/** HTML and Markdown by address; the ids that can be jumped to by the address of the page. */
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

/** Files beside the pages that can be asked for. */
const others = ['/openapi.yaml', '/openapi.json', '/llms.txt', '/llms-full.txt', '/sitemap.xml', '/docs/search.json'];

/** What is wrong with a link; undefined where it leads somewhere. */
function wrongWith(from: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link) && !link.startsWith(`${base}/`)) {
    const { protocol, origin, hostname } = new URL(link);
    if (protocol === 'http:') return hostname === 'localhost' ? undefined : 'is not https';
    return allowedOrigins.has(origin) ? undefined : 'leads outside, to where is not listed';
  }
  const [path = '', fragment] = link.replace(base, '').split('#');
  if (path.startsWith('/docs/assets/')) return undefined;
  if (/\.(png|svg)$/.test(path)) {
    const isBuilt = site.images.includes(path.replace('/docs/', ''));
    return isBuilt && existsSync(join(root, path.slice(1))) ? undefined : 'is no picture';
  }
  const target = path === '' ? from : path;
  if (others.includes(target)) return undefined;
  if (!html.has(target) && !markdown.has(target)) return 'leads to no page';
  if (fragment === undefined) return undefined;
  const page = target.replace(/\.md$/, '');
  return ids.get(page)?.has(decodeURIComponent(fragment)) ? undefined : 'leads to no heading';
}

test('every link and anchor of every page leads somewhere', () => {
  const wrong = [...html].flatMap(([from, text]) =>
    all(text, /\s(?:href|src)="([^"]*)"/g).flatMap((link) => {
      const why = wrongWith(from, link);
      return why === undefined ? [] : [`${from}: ${link} ${why}`];
    }),
  );
  expect(html.size).toBeGreaterThan(60);
  expect(wrong).toEqual([]);
});

test('every link of every page as Markdown leads somewhere, to Markdown', () => {
  const outsideOfCode = (text: string) => text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '`');
  const wrong = [...markdown].flatMap(([from, text]) =>
    all(outsideOfCode(text), /\]\(([^)\s]+)\)/g).flatMap((link) => {
      const why = wrongWith(from.replace(/\.md$/, ''), link);
      const isHtml = html.has(link.replace(base, '').split('#')[0] ?? '');
      return why === undefined && !isHtml ? [] : [`${from}: ${link} ${why ?? 'is HTML'}`];
    }),
  );
  expect(wrong).toEqual([]);
});

test('every operation has a page, every error has one, and every file below docs/', () => {
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

test('every page is in the navigation of every page, in the site map, in the search and in the files for models', () => {
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

test('the file for models has the form of llmstxt.org: a title, a summary, text, lists of links', () => {
  expect(fileText('llms.txt')).toMatch(/^# .+\n\n> .+\n\n[^#]+(## .+\n\n(- \[.+\]\(https:.+\): .+\n)+\n?)+$/);
});

test.each([
  ['session not found', '/docs/errors/unkey/authentication/portal_session_not_found'],
  ['portal_session_not_found', '/docs/errors/unkey/authentication/portal_session_not_found'],
  ['createSession', '/docs/reference/portal.createSession'],
  ['DOCS_BASE_URL', '/docs/configuration/environment'],
  ['root key permisions', '/docs/integrate/root-key-permissions'],
])('whoever searches for "%s" finds it among the first', (query, path) => {
  const index = MiniSearch.loadJSON<SearchEntry>(fileText('docs/search.json'), searchOptions);
  const found = index.search(query).map(({ id }) => String(id).split('#')[0]);
  expect(found.slice(0, 3)).toContain(path);
});

test('every page has one heading of the first level, landmarks, a description, an address of its own, and nothing inline', () => {
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

test('no heading leaves a level out', () => {
  for (const [path, text] of html) {
    const article = /<article>([\s\S]*)<\/article>/.exec(text)?.[1] ?? '';
    const levels = all(article, /<h([1-6])[ >]/g).map(Number);
    levels.forEach((level, i) => {
      expect([path, level - (levels[i - 1] ?? 0) <= 1]).toEqual([path, true]);
    });
  }
});

test('before and after are the neighbours of the navigation', () => {
  const paths = site.pages.map(({ source }) => pathOf(source));
  paths.forEach((path, i) => {
    const [neighbours = ''] = /<nav class="neighbours"[\s\S]*?<\/nav>/.exec(html.get(path) ?? '') ?? [];
    expect(all(neighbours, /href="([^"]*)"/g)).toEqual(
      [paths[i - 1], paths[i + 1]].filter((found) => found !== undefined),
    );
  });
});

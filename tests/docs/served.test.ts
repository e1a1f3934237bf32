/** The documentation as the server sends it: to browsers, to programs, and at the addresses in error responses. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { readFacts } from '../../scripts/build/docs-facts.ts';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startPatientServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
let redis: LocalRedis;
let server: LocalServer;
let base: string;

beforeAll(async () => {
  const port = await freePort();
  base = `http://localhost:${port}`;
  redis = await startRedis();
  server = await startPatientServer({
    PORT: String(port),
    REDIS_URL: redis.url,
    PORTAL_BASE_URL: base,
    DOCS_BASE_URL: `${base}/docs`,
  });
});
afterAll(async () => {
  await server?.stop();
  await redis?.stop();
});

const get = (path: string, accept?: string, init: RequestInit = {}) =>
  fetch(base + path, {
    redirect: 'manual',
    ...init,
    headers: { ...init.headers, ...(accept !== undefined && { accept }) },
  });
const typeOf = (response: Response) => response.headers.get('content-type');

describe('content', () => {
  test.each([
    ['a browser', '/docs/reference/portal.createSession', browser, 'text/html'],
    ['a client that accepts everything', '/docs/reference/portal.createSession', '*/*', 'text/html'],
    ['a language model', '/docs/reference/portal.createSession', 'text/markdown', 'text/markdown'],
    ['a client that prefers Markdown', '/docs', 'text/markdown, text/html;q=0.5', 'text/markdown'],
    ['a client that prefers HTML', '/docs', 'text/html, text/markdown;q=0.5', 'text/html'],
    ['a path with .md', '/docs/reference/portal.createSession.md', browser, 'text/markdown'],
    ['the home page with .md', '/docs.md', browser, 'text/markdown'],
  ])('%s: %s with Accept %s returns %s', async (_client, path, accept, type) => {
    const response = await get(path, accept);
    expect(response.status).toBe(200);
    expect(typeOf(response)).toBe(`${type}; charset=utf-8`);
    const text = await response.text();
    expect(text.startsWith(type === 'text/html' ? '<!doctype html>' : '# ')).toBe(true);
    // The response of a path with .md does not depend on Accept.
    expect(/\bAccept\b(?!-)/.test(response.headers.get('vary') ?? '')).toBe(!path.endsWith('.md'));
  });

  test.each([
    ['/openapi.yaml', 'application/yaml', /^openapi: 3\.1/m],
    ['/openapi.json', 'application/json', /^\{"openapi":"3\.1/],
    ['/llms.txt', 'text/plain', /^# Portico\n\n> /],
    ['/llms-full.txt', 'text/plain', /^# Portico\n\n> /],
    ['/sitemap.xml', 'application/xml', /<urlset/],
    ['/robots.txt', 'text/plain', /^Sitemap: /m],
    ['/docs/search.json', 'application/json', /^\{/],
  ])('%s is %s', async (path, type, pattern) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(typeOf(response)).toBe(`${type}; charset=utf-8`);
    expect(await response.text()).toMatch(pattern);
  });

  test('addresses have the origin of this server, not of the build', async () => {
    for (const path of [
      '/docs/reference/portal.createSession',
      '/llms.txt',
      '/llms-full.txt',
      '/sitemap.xml',
      '/robots.txt',
    ]) {
      const text = await (await get(path)).text();
      expect(text).toContain(`${base}/`);
      expect(text).not.toMatch(/http:\/\/localhost:3000\/(docs|v2\/portal\.createSession' )/);
    }
    const page = await (await get('/docs/reference/portal.createSession')).text();
    expect(page).toContain(`<link rel="canonical" href="${base}/docs/reference/portal.createSession">`);
    expect(page).toContain(`-X POST ${base}/v2/portal.createSession`);
    // The default value of a setting does not change.
    expect(await (await get('/docs/configuration/command-line')).text()).toContain(
      '<code>http://localhost:3000</code>',
    );
  });

  test.each([
    ['/docs/', '/docs'],
    ['/docs/quickstart///', '/docs/quickstart'],
    ['/docs/reference/', '/docs/reference'],
    ['/docs/reference.html', '/docs/reference'],
  ])('%s redirects to %s', async (path, to) => {
    const response = await get(path, browser);
    expect([response.status, response.headers.get('location')]).toEqual([301, to]);
  });

  test('an unknown address returns a page to browsers and the error envelope to others', async () => {
    for (const path of [
      '/docs/nothing',
      '/docs/errors/unkey/nothing',
      '/docs/404',
      '/docs/..%2fsite.json',
      '/docs/nothing.md',
    ]) {
      const page = await get(path, browser);
      expect([path, page.status, typeOf(page)]).toEqual([path, 404, 'text/html; charset=utf-8']);
      expect(await page.text()).toContain('<h1>Page not found</h1>');
      const envelope = await get(path);
      expect([path, envelope.status, typeOf(envelope)]).toEqual([path, 404, 'application/json; charset=utf-8']);
      expect(await envelope.json()).toMatchObject({
        error: { type: `${base}/docs/errors/user/bad_request/route_not_found` },
      });
    }
  });
});

describe('headers', () => {
  test('HEAD returns the headers of GET', async () => {
    const [head, full] = await Promise.all([get('/docs', browser, { method: 'HEAD' }), get('/docs', browser)]);
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    for (const name of ['content-type', 'etag', 'content-security-policy', 'cache-control']) {
      expect(head.headers.get(name)).toBe(full.headers.get(name));
    }
  });

  test('the client revalidates a page, and the server sends it only if it has changed', async () => {
    const first = await get('/docs/reference', browser);
    expect(first.headers.get('cache-control')).toBe('public, no-cache');
    // fetch would handle If-None-Match itself.
    const again = await request(base)
      .get('/docs/reference')
      .set({ Accept: browser, 'If-None-Match': first.headers.get('etag') ?? '' });
    expect([again.status, again.text]).toEqual([304, '']);
    const markdown = await get('/docs/reference', 'text/markdown');
    expect(markdown.headers.get('etag')).not.toBe(first.headers.get('etag'));
  });

  test('clients cache scripts and styles for a year, under names with a hash', async () => {
    const page = await (await get('/docs/reference/try', browser)).text();
    const names = [...page.matchAll(/"(\/docs\/assets\/[^"]+)"/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThanOrEqual(5);
    for (const name of names) {
      const response = await get(name);
      expect([name, response.status]).toEqual([name, 200]);
      expect(name).toMatch(/-[A-Z0-9]{8}\.(js|css|svg)$/);
      expect(response.headers.get('cache-control')).toBe('public,max-age=31536000,immutable');
    }
  });

  test('responses are compressed with an encoding that the client accepts', async () => {
    for (const encoding of ['br', 'gzip']) {
      const response = await get('/docs', browser, { headers: { 'accept-encoding': encoding } });
      expect(response.headers.get('content-encoding')).toBe(encoding);
      expect(await response.text()).toMatch(/<\/html>\n$/);
    }
    const plain = await get('/docs', browser, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
  });

  test('the content security policy allows no other origins and nothing inline', async () => {
    for (const path of ['/docs', '/docs/reference/try', '/docs/errors/unkey/authentication/missing', '/docs/nothing']) {
      const policy = (await get(path, browser)).headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none';script-src 'self';style-src 'self';/);
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
    }
  });
});

test('the type of an error is the address of its page', async () => {
  const { rootKey } = await operate<{ rootKey: string }>(redis.url, 'workspace', 'create', '--name', 'Acme');
  const { errors } = await readFacts();
  const post = (path: string, body: unknown, headers = {}) =>
    fetch(base + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const auth = { authorization: `Bearer ${rootKey}` };
  const session = { slug: 'none', externalId: 'user_123', permissions: ['api.*.read_key'] };
  const responses = await Promise.all([
    post('/v2/portal.createSession', session),
    post('/v2/portal.createSession', session, { authorization: 'Basic x' }),
    post('/v2/portal.createSession', session, { authorization: 'Bearer rk_unknown' }),
    post('/v2/portal.createSession', session, auth),
    post('/v2/portal.createSession', {}, auth),
    post('/v2/portal.exchangeSession', { sessionId: 'pst_unknown' }),
    post('/v2/portal.getSession', {}),
    post('/v2/apis.getApi', { apiId: 'api_00000000000000000000' }, auth),
    post('/v2/apis.getApi', 'x', { ...auth, 'content-type': 'text/plain' }),
    fetch(`${base}/v2/portal.getSession`),
    fetch(`${base}/v2/nothing`),
  ]);
  const types = new Set<string>();
  for (const response of responses) {
    const { error } = (await response.json()) as {
      error: { type: string; title: string; detail: string; status: number };
    };
    types.add(error.type);
    const page = await fetch(error.type, { headers: { accept: browser } });
    const text = await page.text();
    const known = errors.find(({ code }) => error.type === `${base}/docs/errors/${code}`);
    expect([error.type, page.status, typeOf(page)]).toEqual([error.type, 200, 'text/html; charset=utf-8']);
    expect(text).toContain(`<title>${known?.summary} · Portico docs</title>`);
    expect(text).toContain(`${error.status} ${error.title}`);
  }
  expect(types.size).toBe(responses.length);
});

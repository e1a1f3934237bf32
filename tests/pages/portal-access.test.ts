/** Which page of the portal a user gets, and what its policy allows, as the responses of the server show it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import type { CreateConfigurationRequest } from '../../generated/client/types.gen.ts';
import { createApp } from '../../src/server/app.ts';
import { readConfig } from '../../src/server/config/index.ts';
import { createStore } from '../../src/server/store/index.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { operate, sharedRedis, sharedServer } from '../support/shared/client.ts';

const { env } = await sharedRedis();
const { url, port } = await sharedServer({ OPENAPI_ALLOW_PRIVATE: 'true' });
const base = `http://localhost:${port}`;
const { workspaceId, rootKey } = await operate<{ workspaceId: string; rootKey: string }>(
  ...([env, 'workspace', 'create', '--name', 'Acme'] as const),
);

/** The source of an OpenAPI document. It counts its requests, and `/broken` is no document. */
const source = { requests: 0, url: '' };
const server = createServer((req, res) => {
  source.requests++;
  const servers = [{ url: 'https://api.acme.example/v1' }];
  const document = { openapi: '3.1.0', info: { title: 'Payments', version: '1' }, servers, paths: {} };
  res.setHeader('content-type', 'application/json').end(req.url === '/broken' ? '?' : JSON.stringify(document));
}).listen(0, '127.0.0.1');
beforeAll(async () => {
  if (!server.listening) await once(server, 'listening');
  source.url = `http://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function call<Data>(operation: string, body: unknown): Promise<{ data: Data; headers: Headers }> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${rootKey}` };
  const options = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(`${url}/v2/${operation}`, options);
  const { data, error } = (await response.json()) as { data: Data; error?: unknown };
  expect(error).toBeUndefined();
  return { data, headers: response.headers };
}

const cli = (...args: string[]) => operate(env, ...args, '--workspace', workspaceId);
/** Creates a portal, in place of the one that an earlier run of the same test has left. */
async function create(body: CreateConfigurationRequest) {
  await cli('portal', 'delete', '--slug', body.slug, '--yes').catch(() => {});
  return call('portal.createConfiguration', body);
}
const everyTab = ['api.*.read_key', 'api.*.read_analytics'];

async function linkOf(slug: string, permissions = everyTab, returnUrl?: string): Promise<string> {
  const body = { slug, externalId: `user_${slug}`, permissions, ...(returnUrl !== undefined && { returnUrl }) };
  return (await call<{ sessionId: string }>('portal.createSession', body)).data.sessionId;
}

/** The name and the value of a cookie, without its attributes. */
const pairOf = (cookie = '') => cookie.split(';')[0] ?? '';

/** Enters a portal, and returns the cookie of the session. */
async function enter(slug: string, permissions?: string[], returnUrl?: string): Promise<string> {
  const sessionId = await linkOf(slug, permissions, returnUrl);
  return pairOf((await call('portal.exchangeSession', { sessionId })).headers.getSetCookie()[0]);
}

/** Requests a page as a browser, or as one of its frames. */
async function page(path: string, cookie = '', destination = 'document') {
  const headers = { accept: 'text/html', cookie, 'sec-fetch-dest': destination };
  const response = await fetch(url + path, { headers, redirect: 'manual' });
  const html = await response.text();
  const [, boot] = /id="boot">([\s\S]*?)<\/script>/.exec(html) ?? [];
  const policy = (response.headers.get('content-security-policy') ?? '').split(';');
  return {
    status: response.status,
    location: response.headers.get('location'),
    cookies: response.headers.getSetCookie(),
    cacheControl: response.headers.get('cache-control'),
    directive: (name: string) => policy.find((directive) => directive.startsWith(`${name} `)),
    html,
    shown: boot === undefined ? undefined : JSON.parse(boot),
  };
}

/** Enters a portal, opens its first tab and ends the session. Returns the cookies that the browser still has. */
async function expiredIn(slug: string, returnUrl?: string): Promise<string> {
  const session = await enter(slug, everyTab, returnUrl);
  const { cookies } = await page('/keys', session);
  const last = cookies.find((cookie) => cookie.startsWith('portal_last=')) ?? '';
  expect(last).toMatch(/; Max-Age=7776000; Path=\/; .*HttpOnly; SameSite=Lax$/);
  await cli('session', 'revoke', '--slug', slug, '--yes');
  return `${session}; ${pairOf(last)}`;
}

describe('the policy', () => {
  const own = "connect-src 'self'";
  const withServer = `${own} https://api.acme.example`;
  const needed = ['getSession', 'getOpenapiDocument', 'endSession'].map((name) => `${base}/v2/portal.${name}`);
  const documentation = `connect-src ${needed.join(' ')}`;

  test('of the documentation tab allows the servers of the document, which is fetched once', async () => {
    await create({ slug: 'documented', openapiUrl: `${source.url}/` });
    const session = await enter('documented');
    const before = source.requests;
    for (const _ of ['first', 'second']) {
      const tab = await page('/documentation', session);
      expect([tab.status, tab.directive('connect-src')]).toEqual([200, `${documentation} https://api.acme.example`]);
      expect(tab.directive('img-src')).toBe("img-src 'self' data:");
    }
    expect(source.requests).toBe(before + 1);
    const keys = await page('/keys', session);
    expect([keys.directive('connect-src'), keys.directive('img-src')]).toEqual([own, "img-src 'self' data:"]);
  });

  test('of the documentation tab allows no server if the document cannot be read, or there is none', async () => {
    await create({ slug: 'broken', openapiUrl: `${source.url}/broken` });
    await create({ slug: 'undocumented' });
    for (const slug of ['broken', 'undocumented']) {
      const tab = await page('/documentation', await enter(slug));
      expect([slug, tab.status, tab.directive('connect-src')]).toEqual([slug, 200, documentation]);
    }
  });

  test.each(['iframe', 'frame', 'object', 'embed'])(
    'of a link in an element %s waits for the document',
    async (kind) => {
      const slug = `linked-${kind}`;
      await create({ slug, openapiUrl: `${source.url}/` });
      const path = `/?session=${await linkOf(slug)}`;
      const before = source.requests;
      const alone = await page(path);
      expect([alone.directive('connect-src'), source.requests]).toEqual([own, before]);
      const framed = await page(path, '', kind);
      expect([framed.directive('connect-src'), source.requests]).toEqual([withServer, before + 1]);
      expect(framed.directive('img-src')).toBe("img-src 'self' data:");
      const again = await page(path);
      expect([again.directive('connect-src'), again.directive('img-src')]).toEqual([
        withServer,
        "img-src 'self' data:",
      ]);
    },
  );
});

beforeAll(() => create({ slug: 'tabs', name: 'Acme', returnUrl: 'https://app.acme.example/' }));

describe('a user with a session', () => {
  test.each([
    ['api.*.read_key', '/keys', ['/keys', '/documentation']],
    ['api.*.read_analytics', '/analytics', ['/analytics', '/documentation']],
    ['api.*.other', '/documentation', ['/documentation']],
  ])('and the permission %s starts at %s and sees %j', async (permission, start, tabs) => {
    const session = await enter('tabs', [permission]);
    const first = await page('/', session);
    expect([first.status, first.location, first.cacheControl]).toEqual([302, start, 'no-store']);
    for (const path of ['/keys', '/analytics', '/documentation']) {
      const { status, location, cacheControl, shown } = await page(path, session);
      const expected = tabs.includes(path) ? [200, null, 'app'] : [302, '/', undefined];
      expect([path, status, location, shown?.page]).toEqual([path, ...expected]);
      expect(cacheControl).toBe('no-store');
    }
  });

  test('is not signed out by a link to /signed-out', async () => {
    const { status, location, cookies, cacheControl } = await page('/signed-out', await enter('tabs'));
    expect([status, location, cookies, cacheControl]).toEqual([302, '/', [], 'no-store']);
  });

  test('sees that the portal is disabled, and its name once the browser knows it', async () => {
    await create({ slug: 'disabled', name: 'Acme' });
    const session = await enter('disabled');
    const last = pairOf((await page('/keys', session)).cookies[0]);
    await cli('portal', 'update', '--slug', 'disabled', '--disabled', '--yes');
    const unknown = await page('/keys', session);
    expect([unknown.status, unknown.shown.page, unknown.shown.portal]).toEqual([403, 'portal-disabled', undefined]);
    const known = await page('/keys', `${session}; ${last}`);
    expect([known.status, known.shown.page, known.shown.portal?.name]).toEqual([403, 'portal-disabled', 'Acme']);
    // The session is of no use, so signing out ends it.
    expect((await page('/signed-out', session)).status).toBe(200);
  });
});

describe('a link', () => {
  test('shows the portal that it leads to, and nothing of one that does not exist', async () => {
    await create({ slug: 'entered', name: 'Entered' });
    const known = await page(`/?session=${await linkOf('entered')}`);
    expect([known.status, known.shown.page, known.shown.portal.name]).toEqual([200, 'enter', 'Entered']);
    const unknown = await page('/?session=pst_unknown');
    expect([unknown.status, unknown.shown.page, unknown.shown.portal]).toEqual([200, 'enter', undefined]);
  });
});

describe('a user whose session has ended', () => {
  // The application may have signed this query, so nothing in it changes.
  const returnUrl = "https://app.acme.example/portal?next=%2Fa%20b&sig=x~y%2Bz*'()&flag&e=";

  test('returns to the application, which learns the reason', async () => {
    await create({ slug: 'returning', returnUrl });
    const browser = await expiredIn('returning');
    for (const path of ['/', '/keys', '/analytics', '/documentation']) {
      const { status, location, cacheControl } = await page(path, browser);
      const to = `${returnUrl}&reason=session_expired`;
      expect([path, status, location, cacheControl]).toEqual([path, 302, to, 'no-store']);
    }
    const framed = await page('/keys', browser, 'iframe');
    expect([framed.status, framed.shown.page, framed.shown.portal.returnUrl]).toEqual([
      401,
      'session-expired',
      returnUrl,
    ]);
  });

  test('returns to the URL of the session instead of that of the portal', async () => {
    await create({ slug: 'own-url', returnUrl });
    const own = 'https://app.acme.example/of/user';
    const browser = await expiredIn('own-url', own);
    expect((await page('/keys', browser)).location).toBe(`${own}?reason=session_expired`);
    expect((await page('/signed-out', browser)).location).toBe(own);
  });

  test('does not return where a planted cookie leads', async () => {
    await create({ slug: 'attacked', returnUrl });
    const { data: attacker } = await create({ slug: 'attacking', returnUrl: 'https://evil.example/' });
    const { portalId } = attacker as { portalId: string };
    const own = await expiredIn('attacked');
    const planted = (await expiredIn('attacking')).split('; ').at(-1) ?? '';
    const unsigned = `portal_last=${workspaceId}.${portalId}`;
    const swapped = planted.replace(
      portalId,
      (await call<{ portalId: string }>('portal.getConfiguration', { portal: 'attacked' })).data.portalId,
    );
    for (const path of ['/keys', '/signed-out']) {
      for (const cookie of [unsigned, `${unsigned}.${planted.split('.').at(-1)}x`, swapped])
        expect([path, cookie, (await page(path, cookie)).location]).toEqual([path, cookie, null]);
      // A cookie that the attacker got for themselves beside that of the user.
      for (const cookies of [`${planted}; ${own}`, `${own}; ${planted}`]) {
        const { location, html } = await page(path, cookies);
        expect([path, location, html.includes('evil.example')]).toEqual([path, null, false]);
      }
    }
    expect((await page('/keys', `${unsigned}; ${own}`)).location).toBe(`${returnUrl}&reason=session_expired`);
  });

  test('returns to the longest URL of a session: the browser stores its cookie', async () => {
    await create({ slug: 'long-url', returnUrl });
    const own = `https://app.acme.example/${'%C3%A9'.repeat(337)}`;
    const browser = await expiredIn('long-url', own);
    expect(Math.max(...browser.split('; ').map((cookie) => cookie.length))).toBeLessThan(4096);
    expect((await page('/keys', browser)).location).toBe(`${own}?reason=session_expired`);
  });

  test('gets a page if the portal has no return URL, or no longer exists', async () => {
    await create({ slug: 'staying', name: 'Acme' });
    const browser = await expiredIn('staying');
    const stays = await page('/keys', browser);
    expect([stays.status, stays.shown.page, stays.shown.portal?.name]).toEqual([401, 'session-expired', 'Acme']);
    const out = await page('/signed-out', browser);
    expect([out.status, out.shown.page, out.shown.portal?.name]).toEqual([200, 'signed-out', 'Acme']);
    await cli('portal', 'delete', '--slug', 'staying', '--yes');
    const gone = await page('/keys', browser);
    expect([gone.status, gone.shown.page, gone.shown.portal]).toEqual([401, 'session-expired', undefined]);
    const goneOut = await page('/signed-out', browser);
    expect([goneOut.status, goneOut.shown.page, goneOut.shown.portal]).toEqual([200, 'signed-out', undefined]);
  });

  test('returns to the application after signing out, and the browser forgets both cookies', async () => {
    await create({ slug: 'leaving', returnUrl });
    const { status, location, cookies, cacheControl } = await page('/signed-out', await expiredIn('leaving'));
    expect([status, location, cacheControl]).toEqual([302, returnUrl, 'no-store']);
    expect(cookies).toEqual([
      expect.stringMatching(/^portal_last=; Path=\/; Expires=Thu, 01 Jan 1970 /),
      expect.stringMatching(/^portal_session=; .*Expires=Thu, 01 Jan 1970 /),
    ]);
  });

  test.each(['', 'portal_last=nonsense', 'portal_session=', 'portal_session=unknown'])(
    'gets a page that says where to come from, if the browser knows no portal: %j',
    async (cookie) => {
      const { status, shown } = await page('/keys', cookie);
      expect([status, shown]).toEqual([401, expect.objectContaining({ page: 'come-from-your-app' })]);
      expect(shown).not.toHaveProperty('portal');
      const out = await page('/signed-out', cookie);
      expect([out.status, out.shown.page]).toEqual([200, 'signed-out']);
    },
  );

  test('gets a page for an unknown path', async () => {
    const { status, shown } = await page('/nowhere');
    expect([status, shown.page]).toEqual([404, 'not-found']);
  });
});

test('without Redis a link still opens, and every other page says that the portal cannot be reached', async () => {
  const config = readConfig({ REDIS_URL: 'redis://127.0.0.1:1' });
  const redis = connectRedis(config.redis);
  await redis.ready;
  const store = createStore(redis, config.audit, config.rateLimits);
  const { app } = createApp({ config, store, log: pino({ level: 'silent' }) });
  const cookie = 'portal_session=some; portal_last=ws_1.portal_1';
  const shownAt = async (path: string) => {
    const { status, text } = await request(app).get(path).set({ accept: 'text/html', cookie });
    return [path, status, /id="boot">[\s\S]*?"page":"([^"]+)"/.exec(text)?.[1]];
  };
  const link = `/?session=${await linkOf('tabs')}`;
  expect(await shownAt(link)).toEqual([link, 200, 'enter']);
  for (const path of ['/', '/keys', '/analytics', '/documentation', '/signed-out']) {
    expect(await shownAt(path)).toEqual([path, 503, 'unreachable']);
  }
  await store.close();
});

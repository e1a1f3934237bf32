/** The session id of a link is a credential: the page removes it before anything else, and it never comes back. */
import { beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { Request, Route } from 'playwright-core';
import { portalWorld } from '../support/portal.ts';

const { world, createPortal, createSession, expectHeading, own } = portalWorld({ isOwn: true });

beforeAll(() => createPortal({ slug: 'my-portal', name: 'Acme' }));

/** Every place in a page that can contain text. */
const traces = `JSON.stringify([
  location.href,
  document.referrer,
  document.documentElement.outerHTML,
  document.cookie,
  history.state,
  window.name,
  globalThis.portalSessionId,
  navigation.entries().map((entry) => entry.url),
  performance.getEntriesByType('resource').map((entry) => entry.name),
  Object.entries(localStorage),
  Object.entries(sessionStorage),
])`;

test('is removed from the address bar and the history before the page fetches anything else', async () => {
  const { url, sessionId } = await createSession();
  const blocked: string[] = [];
  await world.page.route('**', async (route) => {
    if (route.request().isNavigationRequest()) await route.continue();
    else blocked.push(route.request().url());
  });
  await world.page.goto(url, { waitUntil: 'commit' });
  await world.page.waitForURL(`${world.base}/`, { waitUntil: 'commit' });
  await world.page.locator('script[type=module]').waitFor({ state: 'attached' });
  expect(await world.page.evaluate('navigation.entries().map((entry) => entry.url).at(-1)')).toBe(`${world.base}/`);
  expect(blocked.length).toBeGreaterThan(0);
  expect(blocked.join()).not.toContain(sessionId);
});

test('is in no address, header, page, storage or log, only in the body of the exchange', async () => {
  const { url, sessionId } = await createSession();
  const requests: Request[] = [];
  world.page.on('request', (request) => requests.push(request));
  const exchanged = new Promise<Route>((resolve) => {
    void world.page.route('**/v2/portal.exchangeSession', (route) => resolve(route));
  });
  await world.page.goto(url);
  const exchange = await exchanged;
  // The id is still valid here.
  expect(await world.page.evaluate(traces)).not.toContain(sessionId);
  await exchange.continue();
  await world.page.waitForURL(`${world.base}/keys`);
  await world.page.getByRole('navigation').waitFor();
  expect(await world.page.evaluate(traces)).not.toContain(sessionId);
  // The browser remembers the address with which it loaded the page. The id in it is used up.
  expect(await world.backend.portal.exchangeSession({ sessionId }).catch(({ status }) => status)).toBe(401);
  const places = await Promise.all(
    requests.map(async (request) => {
      const { referer, ...headers } = await request.allHeaders();
      expect(referer).toBeUndefined();
      return [
        ...(request.url().includes(sessionId) ? [`address of ${request.method()} ${request.resourceType()}`] : []),
        ...(JSON.stringify(headers).includes(sessionId) ? ['headers'] : []),
        ...(request.postData()?.includes(sessionId) ? [`body of ${new URL(request.url()).pathname}`] : []),
      ];
    }),
  );
  expect(places.flat()).toEqual(['address of GET document', 'body of /v2/portal.exchangeSession']);
  expect(own().server.log()).toContain('portal.exchangeSession');
  expect(own().server.log()).not.toContain(sessionId);
});

test('is exchanged once: reload, back and forward do not find it again', async () => {
  let exchanges = 0;
  world.page.on('request', (request) => {
    if (request.url().endsWith('/v2/portal.exchangeSession')) exchanges++;
  });
  const { url } = await createSession();
  await world.page.goto(`${world.appUrl}`);
  await world.page.goto(url);
  await world.page.waitForURL(`${world.base}/keys`);
  await world.page.reload();
  await world.page.getByRole('navigation').waitFor();
  // The page of the link has no entry in the history.
  await world.page.goBack();
  expect(world.page.url()).toBe(world.appUrl);
  await world.page.goForward();
  await world.page.getByRole('navigation').waitFor();
  expect(world.page.url()).toBe(`${world.base}/keys`);
  expect(exchanges).toBe(1);
});

test('is exchanged once even if React mounts every component twice, as in development', async () => {
  const { outputFiles } = await build({
    entryPoints: ['src/portal/main.tsx'],
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  await world.page.route('**/assets/main-*.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: outputFiles[0]?.text ?? '' }),
  );
  let exchanges = 0;
  world.page.on('request', (request) => {
    if (request.url().endsWith('/v2/portal.exchangeSession')) exchanges++;
  });
  const { url } = await createSession();
  await world.page.goto(url);
  await world.page.waitForURL(`${world.base}/keys`);
  await expectHeading(/keys/i);
  expect(exchanges).toBe(1);
});

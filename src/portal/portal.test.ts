/** The portal as a person meets it, in a real Chromium against the real server. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createClient } from 'redis';
import { buildPortal } from '../../scripts/build-portal.ts';
import { startBrowser } from '../../scripts/local-browser.ts';
import { freePort, type LocalRedis, startRedis } from '../../scripts/local-redis.ts';
import { type LocalServer, portico, startServer } from '../../scripts/local-server.ts';

let redis: LocalRedis;
let server: LocalServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let base: string;
/** The customer's own application, to which people return. */
let app: Server;
let appUrl: string;
let workspace: { workspaceId: string; rootKey: string };
/** Whatever the page complained about: a script error, a refusal by the content security policy. */
let complaints: string[];

const cli = <T>(...args: string[]) => portico<T>(redis.url, ...args);
const portal = (verb: string, slug: string, ...flags: string[]) =>
  cli('portal', verb, '--workspace', workspace.workspaceId, '--slug', slug, ...flags);

beforeAll(async () => {
  const port = await freePort();
  base = `http://localhost:${port}`;
  [redis, browser] = await Promise.all([startRedis(), startBrowser(), buildPortal()]);
  server = await startServer({ PORT: String(port), REDIS_URL: redis.url });
  workspace = await cli('workspace', 'create', '--name', 'Acme');
  await portal('create', 'my-portal', '--name', 'Acme & Söhne', '--primary-color', '#ffee00');
  app = createServer((_req, res) => res.end('back at the app')).listen(0, '127.0.0.1');
  await once(app, 'listening');
  appUrl = `http://localhost:${(app.address() as AddressInfo).port}/settings?tab=api`;
  await portal('create', 'with-return', '--return-url', appUrl);
}, 180_000);

afterAll(async () => {
  await browser.close();
  await server.stop();
  await redis.stop();
  app.closeAllConnections();
  app.close();
});

beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
});

afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

const everything = ['api.*.read_key', 'api.*.read_analytics'];

async function mint(over: { slug?: string; externalId?: string; permissions?: string[]; preview?: boolean } = {}) {
  const response = await fetch(`${base}/v2/portal.createSession`, {
    method: 'POST',
    headers: { authorization: `Bearer ${workspace.rootKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ slug: 'my-portal', externalId: 'user_123', permissions: everything, ...over }),
  });
  const { data } = (await response.json()) as { data: { url: string; sessionId: string } };
  return data;
}

/** Opens a link as its owner does, and waits until the first tab is drawn. */
async function enter(over: Parameters<typeof mint>[0] = {}) {
  const { url } = await mint(over);
  await page.goto(url);
  await page.getByRole('navigation').waitFor();
}

const tabs = () => page.getByRole('navigation').getByRole('link').allTextContents();
const heading = (name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();

/** As if 24 hours had gone by: the record is gone, and the browser has dropped the cookie. */
async function expire() {
  const client = createClient({ url: redis.url });
  await client.connect();
  const names = await client.keys('*:browser-session:*');
  expect(names.length).toBeGreaterThan(0);
  await client.del(names);
  client.destroy();
}

describe('the link', () => {
  test('signs in, loses its id from the address bar, and lands on the first visible tab', async () => {
    const { url, sessionId } = await mint();
    const addresses: string[] = [];
    page.on('framenavigated', (frame) => addresses.push(frame.url()));
    const exchanges: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/v2/portal.exchangeSession')) exchanges.push(request.frame().url());
    });
    await page.goto(url);
    await page.waitForURL(`${base}/keys`);
    await heading('API Keys');
    expect(exchanges).toEqual([`${base}/`]);
    expect(addresses.at(-1)).toBe(`${base}/keys`);
    expect(
      await page.evaluate('performance.getEntriesByType("resource").map((entry) => entry.name).join()'),
    ).not.toContain(sessionId);
    // Neither a reload nor going back finds the id again.
    await page.reload();
    await heading('API Keys');
    await page.goBack();
    expect(page.url()).not.toContain('pst_');
    expect(exchanges).toHaveLength(1);
  });

  test('shows who is signed in, and keeps the token out of reach of scripts', async () => {
    await enter({ externalId: 'user_<b>42</b>' });
    expect(await page.getByRole('banner').textContent()).toContain('user_<b>42</b>');
    expect(await page.getByRole('banner').textContent()).toContain('Acme & Söhne');
    const [cookie] = (await context.cookies()).filter(({ name }) => name === 'portal_session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test('that a scanner has opened before still works', async () => {
    const { url } = await mint();
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    await page.goto(url);
    await heading('API Keys');
  });

  test('opens as the person it was minted for, whoever was signed in before', async () => {
    await enter({ externalId: 'first_user' });
    await enter({ externalId: 'second_user' });
    expect(await page.getByRole('banner').textContent()).toContain('second_user');
  });

  test('that is used says so, and does not fall back to who was signed in before', async () => {
    const { url } = await mint({ externalId: 'second_user' });
    await enter({ externalId: 'first_user' });
    const other = await browser.newPage();
    await other.goto(url);
    await other.getByRole('navigation').waitFor();
    await other.close();
    await page.goto(url);
    await heading('This link does not work any more');
    expect(await page.textContent('body')).not.toContain('first_user');
  });

  test('to a disabled portal says so, and stays dead once the portal is enabled', async () => {
    const { url } = await mint({ slug: 'with-return' });
    await portal('update', 'with-return', '--disabled');
    await page.goto(url);
    await heading('This portal is disabled');
    await portal('update', 'with-return', '--enabled');
    await page.goto(url);
    await heading('This link does not work any more');
  });

  test('can be tried again where the server could not be reached', async () => {
    const { url } = await mint();
    await page.route('**/v2/portal.exchangeSession', (route) => route.abort());
    await page.goto(url);
    await heading('The portal cannot be reached right now');
    expect(page.url()).toBe(`${base}/`);
    await page.unroute('**/v2/portal.exchangeSession');
    await page.getByRole('button', { name: 'Try again' }).click();
    await heading('API Keys');
  });
});

describe('the frame', () => {
  test.each([
    [everything, ['API Keys', 'Analytics', 'Documentation']],
    [['api.*.read_analytics'], ['Analytics', 'Documentation']],
    [['api.*.other'], ['Documentation']],
  ])('with %j shows the tabs %j', async (permissions, expected) => {
    await enter({ permissions });
    expect(await tabs()).toEqual(expected);
    await heading(String(expected[0]));
  });

  test('leads from tab to tab, and from one that is not there to the first', async () => {
    await enter({ permissions: ['api.*.read_key'] });
    await page.getByRole('link', { name: 'Documentation' }).click();
    await heading('Documentation');
    expect(page.url()).toBe(`${base}/documentation`);
    await page.goto(`${base}/analytics`);
    expect(page.url()).toBe(`${base}/keys`);
  });

  test('has a banner in a preview, and none otherwise', async () => {
    await enter({ preview: true });
    expect(await page.getByRole('status').textContent()).toMatch(/^Preview mode.*user_123/);
    await enter();
    expect(await page.getByRole('status').count()).toBe(0);
  });

  test('wears the portal’s colour, with letters that can be read on it', async () => {
    await enter();
    const [background, color] = (await page.evaluate(
      '(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.querySelector("header")))',
    )) as string[];
    expect([background, color]).toEqual(['rgb(255, 238, 0)', 'rgb(0, 0, 0)']);
  });
});

describe('the end', () => {
  test('log out ends the session on the server too, and says so', async () => {
    await enter();
    const [cookie] = (await context.cookies()).filter(({ name }) => name === 'portal_session');
    await page.getByRole('button', { name: 'Log out' }).click();
    await heading('You are signed out');
    const response = await fetch(`${base}/v2/portal.getSession`, {
      method: 'POST',
      headers: { authorization: `Bearer ${cookie?.value}` },
    });
    expect(response.status).toBe(401);
    expect(await context.cookies()).toEqual([]);
    await page.goto(`${base}/keys`);
    await heading('Open the portal from your app');
  });

  test('log out leads to the return URL where there is one', async () => {
    await enter({ slug: 'with-return' });
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL(appUrl);
  });

  test('an expired session goes back to the return URL, with the reason', async () => {
    await enter({ slug: 'with-return' });
    await expire();
    await page.goto(`${base}/keys`);
    expect(page.url()).toBe(`${appUrl}&reason=session_expired`);
  });

  test('an expired session without a return URL says so', async () => {
    await enter();
    await expire();
    await context.clearCookies({ name: 'portal_session' });
    const response = await page.goto(`${base}/`);
    expect(response?.status()).toBe(401);
    await heading('Session expired');
  });

  test('who never had a session is told where to come from', async () => {
    const response = await page.goto(`${base}/`);
    expect(response?.status()).toBe(401);
    await heading('Open the portal from your app');
  });

  test('a portal that is disabled mid-visit says so', async () => {
    await enter({ slug: 'with-return' });
    await portal('update', 'with-return', '--disabled');
    await page.reload();
    await heading('This portal is disabled');
    await portal('update', 'with-return', '--enabled');
  });
});

describe('who is no browser', () => {
  test.each(['/', '/keys', '/analytics', '/documentation'])('gets JSON at %s', async (path) => {
    const response = await fetch(base + path, { redirect: 'manual' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { type: 'https://unkey.com/docs/errors/unkey/authentication/portal_token_missing' },
    });
  });
});

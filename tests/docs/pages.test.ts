/** The documentation as a person meets it, in a real Chromium: on a phone, in the dark, by keyboard, without scripts. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { expectNoViolations } from '../support/axe.ts';
import { startBrowser } from '../support/browser.ts';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startPatientServer } from '../support/server.ts';

/** One of each kind. */
const kinds = [
  '/docs',
  '/docs/evidence/conformance',
  '/docs/reference',
  '/docs/reference/portal.createSession',
  '/docs/reference/try',
  '/docs/errors',
  '/docs/errors/unkey/authentication/portal_session_not_found',
  '/docs/configuration/environment',
  '/docs/configuration/command-line',
  '/docs/configuration/portal',
  '/docs/nothing',
];

let redis: LocalRedis;
let server: LocalServer;
let browser: Browser;
let base: string;
/** What the pages complained about: script errors, refusals by the content security policy. */
let complaints: string[] = [];

beforeAll(async () => {
  const port = await freePort();
  base = `http://localhost:${port}`;
  [redis, browser] = await Promise.all([startRedis(), startBrowser()]);
  server = await startPatientServer({ PORT: String(port), REDIS_URL: redis.url, PORTAL_BASE_URL: base });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await redis?.stop();
});
afterEach(() => {
  expect(complaints).toEqual([]);
  complaints = [];
});

/** Opens pages in a fresh profile, one after another. */
async function visit(
  options: BrowserContextOptions,
  paths: string[],
  look: (page: Page, path: string) => Promise<void>,
) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(15_000);
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('console', (message) => {
    // That a page is not there is what is asked for here.
    if (message.type() === 'error' && !/404/.test(message.text())) complaints.push(message.text());
  });
  const page = await context.newPage();
  try {
    for (const path of paths) {
      await page.goto(base + path);
      if (path.endsWith('/try') && options.javaScriptEnabled !== false) await page.getByText('/v2/readiness').waitFor();
      await look(page, path);
    }
  } finally {
    await context.close();
  }
}

test.each(kinds)('%s: axe finds nothing in light and dark, and a phone need not be scrolled sideways', async (path) => {
  await visit({ colorScheme: 'light' }, [path], async (page) => {
    await expectNoViolations(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectNoViolations(page);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});

test('on a phone the navigation opens, leads on, and closes by Escape', async () => {
  await visit({ viewport: { width: 360, height: 740 }, isMobile: true }, ['/docs'], async (page) => {
    const link = page.getByRole('navigation', { name: 'Documentation' }).getByRole('link', { name: 'Command line' });
    expect(await link.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Menu' }).click();
    await link.waitFor();
    await expectNoViolations(page);
    await page.keyboard.press('Escape');
    await link.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Menu' }).click();
    await link.click();
    await page.getByRole('heading', { level: 1, name: 'Command line' }).waitFor();
  });
});

test('without JavaScript everything can be read, and samples be chosen', async () => {
  await visit({ javaScriptEnabled: false }, kinds, async (page, path) => {
    expect([path, await page.getByRole('heading', { level: 1 }).isVisible()]).toEqual([path, true]);
    expect(await page.getByRole('button', { name: /Search/ }).isVisible()).toBe(false);
  });
  await visit({ javaScriptEnabled: false }, ['/docs/reference/portal.createSession'], async (page) => {
    const python = page.getByText('import requests').first();
    expect(await python.isVisible()).toBe(false);
    await page.getByText('Python', { exact: true }).first().click();
    await python.waitFor();
    expect(await page.getByText('curl -X POST').first().isVisible()).toBe(false);
  });
});

test('a language that was chosen is the one of the next page too', async () => {
  await visit({}, ['/docs/reference/portal.createSession'], async (page) => {
    await page.getByText('Go', { exact: true }).first().click();
    await page.goto(`${base}/docs/errors/unkey/authentication/missing`);
    await page.getByText('package main').first().waitFor();
  });
});

test('the search is opened, used and followed by keyboard alone, and needs no network once it is there', async () => {
  await visit({}, ['/docs'], async (page) => {
    await page.getByRole('button', { name: /Search/ }).waitFor();
    await page.keyboard.press('/');
    const dialog = page.getByRole('dialog', { name: 'Search' });
    await dialog.waitFor();
    await page.keyboard.type('create');
    await dialog.getByRole('link').first().waitFor();
    await expectNoViolations(page);
    await page.context().setOffline(true);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('session not fond');
    await dialog.getByRole('link', { name: 'The session is not active' }).first().waitFor();
    expect(await dialog.getByRole('status').textContent()).toMatch(/^\d+ found$/);
    await page.context().setOffline(false);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'The session is not active' }).waitFor();
    // Only then does the page listen.
    await page.getByRole('button', { name: /Search/ }).waitFor();
    await page.keyboard.press('ControlOrMeta+K');
    await page.keyboard.type('qqqqqq');
    await dialog.getByText('Nothing is found').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });
});

test('an operation is tried against this very server', async () => {
  await visit({}, ['/docs/reference/try'], async (page) => {
    await page.getByText('/v2/liveness').click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.locator('.live-responses-table').getByText('"alive"').first().waitFor();
    await expectNoViolations(page);
  });
});

test('a root key that was pasted goes with a call', async () => {
  await visit({}, ['/docs/reference/try'], async (page) => {
    await page.getByLabel('Root key').fill('rk_unknown');
    await page.getByText('/v2/apis.listApis').click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    const [request] = await Promise.all([
      page.waitForRequest(`${base}/v2/apis.listApis`),
      page.getByRole('button', { name: 'Execute' }).click(),
    ]);
    expect(request.headers()['authorization']).toBe('Bearer rk_unknown');
    await page.locator('.live-responses-table').getByText('key_not_found').first().waitFor();
  });
  // That a call is refused is what is asked for here.
  complaints = complaints.filter((text) => !/401/.test(text));
});

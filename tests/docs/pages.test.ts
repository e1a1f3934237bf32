/** The documentation in a real Chromium: on a phone, in dark mode, by keyboard, without JavaScript. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expectNoViolations } from '../support/axe.ts';
import { patienceMs, startBrowser } from '../support/browser.ts';
import { sharedServer } from '../support/shared/client.ts';

const tryPage = '/docs/reference/try';
/** One page of each other kind. */
const kinds = [
  '/docs',
  '/docs/evidence/conformance',
  '/docs/reference',
  '/docs/reference/portal.createSession',
  '/docs/errors',
  '/docs/errors/unkey/authentication/portal_session_not_found',
  '/docs/configuration/environment',
  '/docs/configuration/command-line',
  '/docs/configuration/portal',
  '/docs/nothing',
];

let browser: Browser;
let context: BrowserContext | undefined;
let base: string;
/** Script errors, and violations of the content security policy. */
let pageErrors: string[] = [];

beforeAll(async () => {
  const [server, started] = await Promise.all([sharedServer(), startBrowser()]);
  base = `http://localhost:${server.port}`;
  browser = started;
});
afterAll(() => browser?.close());
afterEach(async () => {
  await context?.close();
  expect(pageErrors).toEqual([]);
  pageErrors = [];
});

/** Opens a page in a new profile. The profile closes after the test. */
async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(patienceMs);
  context.on('weberror', (error) => pageErrors.push(String(error.error())));
  context.on('console', (message) => {
    // A test requests a page that does not exist.
    if (message.type() === 'error' && !/404/.test(message.text())) pageErrors.push(message.text());
  });
  const page = await context.newPage();
  await page.goto(base + path);
  return page;
}

/** Checks that a page does not scroll sideways on a phone. */
async function expectPhoneWidth(page: Page): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
}

test.each(kinds)(
  '%s: has no axe violations in light and dark mode, and does not scroll sideways on a phone',
  async (path) => {
    const page = await open(path);
    await expectNoViolations(page);
    await expectPhoneWidth(page);
  },
);

test('on a phone the navigation opens, leads to a page, and closes with Escape', async () => {
  const page = await open('/docs', { viewport: { width: 360, height: 740 }, isMobile: true });
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

test.each([...kinds, tryPage])('without JavaScript %s is readable', async (path) => {
  const page = await open(path, { javaScriptEnabled: false });
  expect(await page.getByRole('heading', { level: 1 }).isVisible()).toBe(true);
  expect(await page.getByRole('button', { name: /Search/ }).isVisible()).toBe(false);
});

test('without JavaScript the tabs of samples work', async () => {
  const page = await open('/docs/reference/portal.createSession', { javaScriptEnabled: false });
  const python = page.getByText('import requests').first();
  expect(await python.isVisible()).toBe(false);
  await page.getByText('Python', { exact: true }).first().click();
  await python.waitFor();
  expect(await page.getByText('curl -X POST').first().isVisible()).toBe(false);
});

test('the next page shows the chosen language', async () => {
  const page = await open('/docs/reference/portal.createSession');
  await page.getByText('Go', { exact: true }).first().click();
  await page.goto(`${base}/docs/errors/unkey/authentication/missing`);
  await page.getByText('package main').first().waitFor();
});

test('the search works with the keyboard only, and offline after its index has loaded', async () => {
  const page = await open('/docs');
  await page.getByRole('button', { name: /Search/ }).waitFor();
  await page.keyboard.press('/');
  const dialog = page.getByRole('dialog', { name: 'Search' });
  await dialog.waitFor();
  await page.keyboard.type('create');
  await dialog.getByRole('link').first().waitFor();
  await page.context().setOffline(true);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('session not fond');
  await dialog.getByRole('link', { name: 'The session is not active' }).first().waitFor();
  expect(await dialog.getByRole('status').textContent()).toMatch(/\d+ results?$/);
  await page.context().setOffline(false);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'The session is not active' }).waitFor();
  // The script shows the button when it has loaded.
  await page.getByRole('button', { name: /Search/ }).waitFor();
  await page.keyboard.press('ControlOrMeta+K');
  await page.keyboard.type('qqqqqq');
  await dialog.getByText('No results for').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
});

test('a search result shows its place and an excerpt with marked words, and leads to the heading', async () => {
  const page = await open('/docs');
  await page.getByRole('button', { name: /Search/ }).click();
  await page.keyboard.type('rotate');
  const result = page.getByRole('dialog').getByRole('link', { name: /Reroll \(rotate\) a key/ });
  await result.waitFor();
  expect(await result.locator('.where').textContent()).toBe('Integrate › Keys and limits › API keys');
  expect(await result.locator('strong mark').allTextContents()).toEqual(['Reroll', 'rotate']);
  expect(await result.locator('.excerpt mark').count()).toBeGreaterThan(0);
  await expectNoViolations(page);
  await result.click();
  await page.waitForURL(`${base}/docs/integrate/api-keys#reroll-rotate-a-key-without-downtime`);
});

test('a search shows HTML in a query as text', async () => {
  const page = await open('/docs');
  await page.getByRole('button', { name: /Search/ }).click();
  await page.keyboard.type('<img src=x onerror=alert(1)>');
  await page.getByRole('status').getByText('<img src=x').waitFor();
  expect(await page.locator('dialog img').count()).toBe(0);
});

test('operations are called on this server, with the key of the form', async () => {
  const page = await open(tryPage);
  for (const [path, response] of [
    ['/v2/liveness', '"alive"'],
    ['/v2/apis.listApis', 'key_not_found'],
  ] as const) {
    await page.getByRole('searchbox', { name: 'Search operations' }).fill(path);
    await page.locator('.viewer-tree li a').first().click();
    await page.getByRole('article').getByText(path, { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Try it' }).click();
    if (path !== '/v2/liveness') await page.getByLabel('API key').fill('rk_unknown');
    const [request] = await Promise.all([
      page.waitForRequest(base + path),
      page.getByRole('button', { name: 'Send' }).click(),
    ]);
    expect([path, request.headers()['authorization']]).toEqual([
      path,
      path === '/v2/liveness' ? undefined : 'Bearer rk_unknown',
    ]);
    await page.getByRole('article').getByRole('status').getByText(response).first().waitFor();
  }
  await expectNoViolations(page);
  await expectPhoneWidth(page);
  // The test expects the server to reject the call.
  pageErrors = pageErrors.filter((text) => !/401/.test(text));
});

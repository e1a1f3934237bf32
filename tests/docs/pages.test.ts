/** The documentation in a real Chromium: on a phone, in dark mode, by keyboard, without JavaScript. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { expectNoViolations } from '../support/axe.ts';
import { startBrowser } from '../support/browser.ts';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startPatientServer } from '../support/server.ts';

/** One page of each kind. */
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
/** Script errors, and violations of the content security policy. */
let pageErrors: string[] = [];

beforeAll(async () => {
  const port = await freePort();
  base = `http://localhost:${port}`;
  [redis, browser] = await Promise.all([startRedis(), startBrowser()]);
  server = await startPatientServer({ PORT: String(port), REDIS_URL: redis.url, PORTAL_BASE_URL: base });
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await redis?.stop();
});
afterEach(() => {
  expect(pageErrors).toEqual([]);
  pageErrors = [];
});

/** Opens pages in a new profile, one after another. */
async function visit(
  options: BrowserContextOptions,
  paths: string[],
  check: (page: Page, path: string) => Promise<void>,
) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(15_000);
  context.on('weberror', (error) => pageErrors.push(String(error.error())));
  context.on('console', (message) => {
    // A test requests a page that does not exist.
    if (message.type() === 'error' && !/404/.test(message.text())) pageErrors.push(message.text());
  });
  const page = await context.newPage();
  try {
    for (const path of paths) {
      await page.goto(base + path);
      if (path.endsWith('/try') && options.javaScriptEnabled !== false) await page.getByText('/v2/readiness').waitFor();
      await check(page, path);
    }
  } finally {
    await context.close();
  }
}

test.each(kinds)(
  '%s: has no axe violations in light and dark mode, and does not scroll sideways on a phone',
  async (path) => {
    await visit({ colorScheme: 'light' }, [path], async (page) => {
      await expectNoViolations(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      await expectNoViolations(page);
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    });
  },
);

test('on a phone the navigation opens, leads to a page, and closes with Escape', async () => {
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

test('without JavaScript every page is readable, and the tabs of samples work', async () => {
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

test('the next page shows the chosen language', async () => {
  await visit({}, ['/docs/reference/portal.createSession'], async (page) => {
    await page.getByText('Go', { exact: true }).first().click();
    await page.goto(`${base}/docs/errors/unkey/authentication/missing`);
    await page.getByText('package main').first().waitFor();
  });
});

test('the search works with the keyboard only, and offline after its index has loaded', async () => {
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
});

test('a search result shows its place and an excerpt with marked words, and leads to the heading', async () => {
  await visit({}, ['/docs'], async (page) => {
    await page.getByRole('button', { name: /Search/ }).click();
    await page.keyboard.type('rotate');
    const result = page.getByRole('dialog').getByRole('link', { name: /Reroll \(rotate\) a key/ });
    await result.waitFor();
    expect(await result.locator('.where').textContent()).toBe('Integrate › API keys');
    expect(await result.locator('strong mark').allTextContents()).toEqual(['Reroll', 'rotate']);
    expect(await result.locator('.excerpt mark').count()).toBeGreaterThan(0);
    await expectNoViolations(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectNoViolations(page);
    await result.click();
    await page.waitForURL(`${base}/docs/integrate/api-keys#reroll-rotate-a-key-without-downtime`);
  });
});

test('a search shows HTML in a query as text', async () => {
  await visit({}, ['/docs'], async (page) => {
    await page.getByRole('button', { name: /Search/ }).click();
    await page.keyboard.type('<img src=x onerror=alert(1)>');
    await page.getByRole('status').getByText('<img src=x').waitFor();
    expect(await page.locator('dialog img').count()).toBe(0);
  });
});

test('an operation is called on this server', async () => {
  await visit({}, ['/docs/reference/try'], async (page) => {
    await page.getByText('/v2/liveness').click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.locator('.live-responses-table').getByText('"alive"').first().waitFor();
    await expectNoViolations(page);
  });
});

test('a call sends the root key of the field', async () => {
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
  // The test expects the server to reject the call.
  pageErrors = pageErrors.filter((text) => !/401/.test(text));
});

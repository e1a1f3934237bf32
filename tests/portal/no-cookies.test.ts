/** A browser that blocks all cookies. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { patienceMs, startBrowserOf } from '../support/browser.ts';
import { portalWorld } from '../support/portal.ts';

const { world, createPortal, createSession, expire, reopen, signOut } = portalWorld();
let directory: string;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  await createPortal({ slug: 'my-portal', name: 'Acme', returnUrl: world.appUrl });
  directory = await mkdtemp(join(tmpdir(), 'portico-profile-'));
  await mkdir(join(directory, 'Default'));
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(directory, 'Default/Preferences'), JSON.stringify(preferences));
  context = await startBrowserOf(directory);
  context.setDefaultTimeout(patienceMs);
});

afterAll(async () => {
  await context?.close();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  page = await context.newPage();
  const { url } = await createSession();
  await page.goto(url);
  await page.getByRole('navigation').waitFor();
});

test('the user is signed in on every tab until the page closes, and the browser stores nothing', async () => {
  expect(page.url()).toBe(`${world.base}/keys`);
  for (const tab of ['Analytics', 'Documentation', 'API keys']) {
    await page.getByRole('link', { name: tab, exact: true }).click();
    await page.locator('a[aria-current=page]', { hasText: tab }).waitFor();
  }
  expect(await context.cookies()).toEqual([]);
  await page.reload();
  await page.getByRole('heading', { name: 'Open the portal from your app' }).waitFor();
});

test('sign-out ends the session on the server and shows a notice', async () => {
  const ended = page.waitForResponse('**/v2/portal.endSession');
  await signOut(page);
  expect((await ended).status()).toBe(200);
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  expect(await page.getByRole('link', { name: 'Back to Acme' }).getAttribute('href')).toBe(world.appUrl);
});

test('an expired session shows a notice without a redirect loop', async () => {
  await expire();
  await reopen(page);
  await page.getByRole('heading', { name: 'Session expired' }).waitFor();
  expect(await page.getByRole('link', { name: 'Back to Acme' }).getAttribute('href')).toBe(world.appUrl);
});

/** Documents of real companies have long names without spaces, and responses with many headers. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { type GallerySite, startGallerySite } from '../support/gallery/site.ts';
import { openProfile, visit } from '../support/gallery/visit.ts';

const string = { schema: { type: 'string' } };
const response = {
  description: 'The role.',
  headers: { 'X-RateLimit-Bucket': string },
  content: { 'application/json': { schema: { type: 'object', properties: { roleName: { type: 'string' } } } } },
};
const operation = {
  operationId: 'update_guild_member_roles_everywhere',
  tags: ['VerifyV2VerificationAttemptsSummary'],
  responses: { 200: response },
};
const document = {
  openapi: '3.1.0',
  info: { title: 'Names', version: '1' },
  paths: { '/roles': { get: operation } },
};

let browser: Browser;
let site: GallerySite;
let page: Page;
beforeAll(async () => {
  [browser, site] = await Promise.all([startBrowser(), startGallerySite(document)]);
  const context = await openProfile(browser, { locale: 'en-US', viewport: { width: 1024, height: 700 } });
  page = await context.newPage();
  const reach = () => page.locator('.viewer-operation h2').waitFor();
  await visit(page, site, { name: 'names', path: '/documentation', reach }, 'en');
});
afterAll(() => Promise.all([browser.close(), site.stop()]));

test.each(['.viewer-tree summary', '.viewer-tree a > bdi'])('lines of %s break between the words', async (place) => {
  const lines = (await page.evaluate(`[...document.querySelector('${place}').childNodes]
    .filter(({ nodeType }) => nodeType === 3)
    .map((part) => {
      const range = document.createRange();
      range.selectNodeContents(part);
      return [...new Set([...range.getClientRects()].map(({ top }) => Math.round(top)))];
    })`)) as number[][];
  expect(lines.length).toBeGreaterThan(3);
  // Each part is on one line, and the name takes several.
  expect(lines.map((tops) => tops.length)).toEqual(lines.map(() => 1));
  expect(new Set(lines.flat()).size).toBeGreaterThan(1);
});

test('the body of a response comes before its headers', async () => {
  const text = await page.locator('.viewer-response').first().innerText();
  expect(text.indexOf('roleName')).toBeGreaterThan(0);
  expect(text.indexOf('X-RateLimit-Bucket')).toBeGreaterThan(text.indexOf('roleName'));
});

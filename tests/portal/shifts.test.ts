/** Nothing moves while a page opens: the sum of all layout shifts (https://web.dev/articles/cls) is 0. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page, Route } from 'playwright-core';
import { type SampleApi, startSampleApi } from '../../scripts/sample-api.ts';
import { everything, portalWorld } from '../support/portal.ts';

const { world, createPortal, createApi, createSession, asUser } = portalWorld({
  env: { OPENAPI_ALLOW_PRIVATE: 'true' },
});
const permissions = [...everything, 'portal.*.read_account'];
let api: SampleApi;

beforeAll(async () => {
  api = await startSampleApi();
  const perUser = {
    quota: { limit: 1000, period: 'month' as const },
    ratelimit: { limit: 50, duration: 60_000 },
  };
  const plain = await createApi('Plain');
  const limited = (await world.backend.apis.createApi({ name: 'Limited', policy: { perUser } })).apiId;
  await createPortal({ slug: 'my-portal', apiIds: [plain], openapiUrl: api.openapiUrl });
  await createPortal({ slug: 'limited', apiIds: [plain, limited] });
  const give = async (externalId: string, count: number) => {
    const user = await asUser({ externalId });
    for (let i = 0; i < count; i++) await user.portal.createKey({ apiId: plain, name: `Key ${i}` });
  };
  await give('one', 1);
  await give('hundred', 100);
});

afterAll(() => api.stop());

/** Notes each shift, with what has moved. */
const record = `
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries())
    shifts.push([value, ...sources.map(({ node, previousRect, currentRect }) => node?.parentElement?.className + ' > ' + (node?.className || node?.nodeName) + ' from ' + JSON.stringify(previousRect) + ' to ' + JSON.stringify(currentRect))].join(' '));
}).observe({ type: 'layout-shift', buffered: true });
`;

/** Lets the page draw what it has. */
const drawn = (page: Page) =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');

/**
 * Opens an address. Responses and code arrive one by one, and the page is drawn before each: responses that arrive together would hide that
 * something moves.
 */
async function openSlowly(page: Page, open: () => Promise<unknown>): Promise<unknown> {
  let last = Promise.resolve<unknown>(undefined);
  const inTurn = async (route: Route) => {
    const response = await route.fetch();
    last = last.then(() => drawn(page)).catch(() => {});
    await last;
    await route.fulfill({ response });
  };
  await page.addInitScript(record);
  await page.route(/\/v2\/|\/call-sample-/, inTurn);
  await open();
  await page.waitForLoadState('networkidle');
  await drawn(page);
  return page.evaluate('shifts');
}

test.each([
  ...(['none', 'one', 'hundred'] as const).map((externalId) => ['keys', '/keys', externalId, 'my-portal'] as const),
  ['keys', '/keys', 'one', 'limited'],
  ['analytics', '/analytics', 'one', 'my-portal'],
  ['docs', '/documentation', 'one', 'my-portal'],
  ['account', '/account', 'one', 'my-portal'],
] as const)('the tab %s (%s) of a user with %s keys does not move, in %s', async (tab, path, externalId, slug) => {
  const { url } = await createSession({ slug, externalId, permissions, tab });
  const { page } = world;
  expect(await openSlowly(page, () => page.goto(url))).toEqual([]);
  expect(page.url()).toBe(world.base + path);
  expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
});

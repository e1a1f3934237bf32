/** What users see of the policy of an API: limits, what is left, scopes, and keys that the company manages. */
import { beforeAll, expect, test } from '@jest/globals';
import { expectNoViolations } from '../support/axe.ts';
import { portalWorld } from '../support/portal.ts';

const { world, createPortal, enter, asUser } = portalWorld();
const day = 86_400_000;
const policy = {
  perKey: { ratelimit: { limit: 100, duration: 60_000 } },
  perUser: { quota: { limit: 10, period: 'month' as const, timeZone: 'UTC' } },
  maxLifetime: 90 * day,
  // From nine on there is a search.
  scopes: ['invoices', 'orders', 'projects', 'refunds', 'users'].flatMap((name) => [`${name}:read`, `${name}:write`]),
};
let apiId: string;

beforeAll(async () => {
  apiId = (await world.backend.apis.createApi({ name: 'Payments', prefix: 'pay', policy })).apiId;
  await createPortal({ slug: 'my-portal', name: 'Acme', apiIds: [apiId] });
});

const dialog = () => world.page.getByRole('dialog');
const button = (name: string) => world.page.getByRole('button', { name, exact: true });
const overflow = () =>
  world.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

test('the form offers what the policy allows, and names the bounds', async () => {
  const externalId = 'chooser';
  const page = await enter({ externalId });
  await button('Create key').first().click();
  const expiries = await dialog().getByLabel('Expires').locator('option').allTextContents();
  expect(expiries).toEqual([
    expect.stringMatching(/^Latest: /),
    expect.stringMatching(/^In 7 days \(.* 20\d\d\)$/),
    expect.stringMatching(/^In 30 days \(/),
    expect.stringMatching(/^In 90 days \(/),
    'On a date…',
  ]);
  await dialog().getByText('Keys of this API end at the latest 90 days after they are created.').waitFor();
  await dialog().getByLabel('invoices:read').check();
  await dialog().getByText('1 of 10 selected').waitFor();
  // Enter would send the form.
  await dialog().getByLabel('Search scopes').fill('proj');
  await page.keyboard.press('Enter');
  expect(await dialog().getByRole('checkbox').count()).toBe(2);
  await dialog().getByText('Limits', { exact: true }).click();
  await dialog()
    .getByText('At most 100 requests per minute. If you leave it empty, 100 requests per minute.')
    .waitFor();
  await dialog().getByRole('textbox', { name: 'Rate limit' }).fill('101');
  await dialog().getByRole('button', { name: 'Create key' }).click();
  await dialog().getByText('The limit is too high: at most 100 requests per minute.').waitFor();
  await dialog().locator('[aria-invalid=true]:focus').waitFor();
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await overflow()).toBe(0);
  await expectNoViolations(page);
  await dialog().getByRole('textbox', { name: 'Rate limit' }).fill('100');
  await dialog().getByRole('button', { name: 'Create key' }).click();
  await page.keyboard.press('ControlOrMeta+C');
  await button('Done').click();
  const { data } = await (await asUser({ externalId })).portal.listKeys({});
  expect(data).toMatchObject([{ scopes: ['invoices:read'], ratelimit: { limit: 100, duration: 60_000 } }]);
});

test('a meter shows what is left of the quota', async () => {
  const externalId = 'metered';
  const { key } = await (await asUser({ externalId })).portal.createKey({ apiId });
  await world.backend.keys.verifyKey({ key, cost: 4 });
  const page = await enter({ externalId });
  const meter = page.getByRole('meter', { name: 'Your limits' });
  await meter.waitFor();
  expect(await meter.getAttribute('aria-valuetext')).toBe('4 of 10 calls used this month');
  await page.getByText('6 calls left').waitFor();
  await page.getByText(/^Resets in .*\(UTC\)$/).waitFor();
  await expectNoViolations(page);
});

test('a scope that the API no longer has is marked, and a lowered rate limit is that of the policy', async () => {
  const externalId = 'behind';
  const user = await asUser({ externalId });
  const ratelimit = { limit: 50, duration: 60_000 };
  await user.portal.createKey({ apiId, name: 'Old', scopes: ['invoices:write', 'projects:read'], ratelimit });
  const lowered = { ...policy, perKey: { ratelimit: { limit: 5, duration: 60_000 } }, scopes: ['projects:read'] };
  await world.backend.apis.updateApi({ apiId, policy: lowered });
  await enter({ externalId });
  await button('Old').click();
  const scopes = await dialog().locator('.tags li').allTextContents();
  expect(scopes).toEqual(['invoices:writeNo longer available', 'projects:read']);
  await dialog().getByText('5 requests per minute (set by Acme)').waitFor();
  await button('Edit').click();
  await dialog().getByText('No longer available').waitFor();
  await dialog().getByLabel('invoices:write').uncheck();
  await button('Save').click();
  await button('Edit').waitFor();
  expect((await user.portal.listKeys({})).data).toMatchObject([{ scopes: ['projects:read'], ratelimit }]);
  await world.backend.apis.updateApi({ apiId, policy });
});

test('a key that the company manages can be seen, and not changed', async () => {
  const externalId = 'managed';
  await world.backend.keys.createKey({ apiId, externalId, name: 'Partner', managed: true });
  const page = await enter({ externalId });
  expect(await page.getByRole('rowheader').textContent()).toMatch(/^PartnerManaged/);
  await button('Partner').click();
  await dialog().getByText('Acme manages this key. You can see and use it, but only Acme can change it.').waitFor();
  // The button without a text copies the id.
  expect(await dialog().getByRole('button').allTextContents()).toEqual(['Close', 'View usage', '']);
  await expectNoViolations(page);
});

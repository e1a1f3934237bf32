/**
 * axe finds no violations on the pages and dialogs that the other tests do not cover, in both color schemes and with any
 * primary color.
 */
import { beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { expectNoViolations } from '../support/axe.ts';
import { portalWorld } from '../support/portal.ts';

const {
  world,
  newProfile,
  createPortal,
  createApi,
  createSession,
  enter,
  expectHeading,
  expire,
  switchPortal,
  asUser,
} = portalWorld();
/** Colors with low contrast on a light or a dark background, and one with high contrast. */
const colors = ['#000000', '#ffffff', '#ffff00', '#808080', '#2563eb'];

beforeAll(async () => {
  const apiIds = [await createApi('Payments', 'pay'), await createApi('Shipping')];
  for (const primaryColor of colors) {
    const branding = { primaryColor, showPoweredBy: true };
    const supportUrl = 'https://help.acme.example';
    await createPortal({ slug: `in-${primaryColor.slice(1)}`, name: 'Acme', apiIds, branding, supportUrl });
  }
  const user = await asUser({ slug: 'in-000000' });
  for (const name of ['Production', 'Old']) {
    const body = { apiId: String(apiIds[0]), name, enabled: name !== 'Old', expires: Date.now() + 3_600_000 };
    await user.portal.createKey(body);
  }
});

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click();

test.each(colors)('with the primary color %s: the keys and their dialogs', async (color) => {
  // With another color the pages are the same, except for their colors.
  const rules = color === colors[0] ? 'all' : 'colors';
  const page = await newProfile();
  await enter({ slug: `in-${color.slice(1)}`, preview: true });
  await page.getByRole('row').filter({ hasText: 'Production' }).waitFor();
  await expectNoViolations(page, rules);
  await press(page, 'Create key');
  await page.getByLabel('Expires').selectOption('date');
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Choose today or a later day').waitFor();
  await expectNoViolations(page, rules);
  await press(page, 'Cancel');
  await press(page, 'Actions for Production');
  await page.getByRole('menu').waitFor();
  await expectNoViolations(page, rules);
  await page.keyboard.press('Escape');
  await press(page, 'Production');
  await expectNoViolations(page, rules);
  for (const step of ['Edit', 'Rotate', 'Delete']) {
    await press(page, step);
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).waitFor();
    await expectNoViolations(page, rules);
    await press(page, 'Cancel');
  }
});

test('a new key, and the confirmation before it is hidden', async () => {
  const page = await newProfile();
  await enter({ slug: 'in-2563eb', externalId: 'creator' });
  await press(page, 'Create key');
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
  await page.getByLabel('API key').waitFor();
  await expectNoViolations(page);
  await page.keyboard.press('Escape');
  await page.getByRole('alertdialog').waitFor();
  await expectNoViolations(page);
});

test('the notices', async () => {
  const page = await newProfile();
  await page.goto(world.base);
  await expectHeading('Open the portal from your app');
  await expectNoViolations(page);
  const { url } = await createSession({ slug: 'in-ffff00' });
  await page.goto(url);
  await page.getByRole('navigation').waitFor();
  await page.goto(url);
  await expectHeading('This link is no longer valid');
  await expectNoViolations(page);
  await expire();
  await page.goto(`${world.base}/keys`);
  await expectHeading('Session expired');
  await expectNoViolations(page);
  await page.goto(`${world.base}/signed-out`);
  await expectHeading('You are signed out');
  await expectNoViolations(page);
  await enter({ slug: 'in-ffff00' });
  await switchPortal('in-ffff00', '--disabled');
  await page.reload();
  await expectHeading('This portal is disabled');
  await expectNoViolations(page);
  await switchPortal('in-ffff00', '--enabled');
});

test('an empty, a loading and a failed list', async () => {
  const page = await newProfile();
  await enter({ slug: 'in-2563eb', externalId: 'nobody' });
  await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
  await expectNoViolations(page);
  let fail = () => {};
  const blocked = new Promise<void>((resolve) => {
    fail = resolve;
  });
  await page.route('**/v2/portal.listKeys', async (route) => {
    await blocked;
    await route.fulfill({ status: 400, json: {} });
  });
  await page.reload();
  await page.getByRole('main').getByText('Loading…').waitFor();
  await expectNoViolations(page);
  fail();
  await page.getByRole('alert').waitFor();
  await expectNoViolations(page);
});
test('screen readers announce a status while a dialog is open', async () => {
  const page = await newProfile();
  await enter({ slug: 'in-000000' });
  await press(page, 'Old');
  await press(page, 'Enable');
  // The role finds only elements that are not hidden from screen readers.
  await page.getByRole('status').getByText('Old is enabled.').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(1);
});

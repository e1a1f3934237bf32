/**
 * axe finds no violations in the keys and their dialogs with any primary color, in both color schemes. states.test.ts checks every state of
 * the portal with one color.
 */
import { beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { expectNoViolations } from '../support/axe.ts';
import { portalWorld } from '../support/portal.ts';

const { newProfile, createPortal, createApi, enter, openAccount, asUser } = portalWorld();
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
  await openAccount();
  await page.getByText(/^Session ends/).waitFor();
  await expectNoViolations(page, rules);
  await page.keyboard.press('Escape');
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
  await press(page, 'Close without saving');
  await page.getByText('Waiting for your first call…').waitFor();
  await page.setViewportSize({ width: 360, height: 640 });
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

/**
 * The contrast of the keys and their dialogs is sufficient with any primary color, in both color schemes. states.test.ts checks every state of
 * the portal with one color and all rules.
 */
import { beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { expectNoViolations } from '../support/axe.ts';
import { portalWorld } from '../support/portal.ts';

const { newProfile, createPortal, createApi, enter, asUser } = portalWorld();
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
  const page = await newProfile();
  await enter({ slug: `in-${color.slice(1)}`, preview: true });
  await page.getByRole('row').filter({ hasText: 'Production' }).waitFor();
  await expectNoViolations(page, 'colors');
  await press(page, 'Create key');
  await page.getByLabel('Expires').selectOption('date');
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Choose today or a later day').waitFor();
  await expectNoViolations(page, 'colors');
  await press(page, 'Cancel');
  await press(page, 'Actions for Production');
  await page.getByRole('menu').waitFor();
  await expectNoViolations(page, 'colors');
  await page.keyboard.press('Escape');
  await press(page, 'Production');
  await expectNoViolations(page, 'colors');
  await press(page, 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).waitFor();
  await expectNoViolations(page, 'colors');
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

/** A whole visit with Tab and Enter only. */
import { beforeAll, expect, test } from '@jest/globals';
import { portalWorld } from '../support/portal.ts';

const { world, createPortal, createSession } = portalWorld();

beforeAll(() => createPortal({ slug: 'my-portal', name: 'Acme', supportUrl: 'https://help.acme.example/' }));

const focused = () => world.page.evaluate('document.activeElement.textContent');

/** Presses Tab until this element has the focus, and checks that the focus is visible. */
async function tabTo(name: string | RegExp): Promise<void> {
  const passed: unknown[] = [];
  for (let presses = 0; presses < 30; presses++) {
    await world.page.keyboard.press('Tab');
    passed.push(await focused());
    if (typeof name === 'string' ? passed.at(-1) !== name : !name.test(String(passed.at(-1)))) continue;
    const style = 'getComputedStyle(document.activeElement).outlineStyle';
    expect(await world.page.evaluate(style)).toBe('solid');
    return;
  }
  throw new Error(`Tab did not reach ${name}, only ${passed.join(', ')}`);
}

test('the keyboard works from the link to the sign-out', async () => {
  await world.page.goto((await createSession()).url);
  await world.page.getByRole('navigation').waitFor();
  for (const [tab, path] of [
    ['Analytics', '/analytics'],
    ['Documentation', '/documentation'],
    ['API keys', '/keys'],
  ] as const) {
    await tabTo(tab);
    await world.page.keyboard.press('Enter');
    await world.page.waitForURL(world.base + path);
    await world.page.locator('a[aria-current=page]', { hasText: tab }).waitFor();
  }
  await tabTo(/Signed in as/);
  await world.page.keyboard.press('Enter');
  // Escape closes the menu and leaves the focus at its button.
  await world.page.getByText('Account: user_123').waitFor();
  await world.page.keyboard.press('Tab');
  await world.page.keyboard.press('Escape');
  expect(await world.page.getByText('Account: user_123').count()).toBe(0);
  expect(await focused()).toMatch(/Signed in as/);
  await world.page.keyboard.press('Enter');
  await tabTo('Sign out');
  await world.page.keyboard.press('Enter');
  await world.page.waitForURL(`${world.base}/signed-out`);
  await world.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await tabTo('Get help');
});

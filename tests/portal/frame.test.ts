/** The layout around every tab: navigation, banner and brand. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { everything, portalWorld } from '../support/portal.ts';

const { world, createPortal, enter, expectHeading, newProfile, openAccount, signOut } = portalWorld({
  permissions: ['clipboard-read', 'clipboard-write'],
});

const attack = `</script><script>window.attacked=1</script>"><img src=x onerror="window.attacked=1">'`;
const cdn = 'https://cdn.acme.example';

beforeAll(async () => {
  await createPortal({ slug: 'my-portal', name: 'Acme', branding: { primaryColor: '#ffee00' } });
  await createPortal({ slug: 'attacked', name: attack.slice(0, 128) });
  const logos = { logoUrl: `${cdn}/logo.svg`, logoDarkUrl: `${cdn}/dark.svg`, faviconUrl: `${cdn}/icon.svg` };
  await createPortal({
    slug: 'branded',
    name: 'Söhne & Co',
    supportUrl: 'https://help.acme.example/',
    branding: { ...logos, showPoweredBy: true },
  });
  await createPortal({
    slug: 'with-return',
    name: 'Acme',
    returnUrl: world.appUrl,
    supportUrl: 'https://help.acme.example/',
  });
});

beforeEach(() => serveImages());

/** Serves the customer's images. */
const serveImages = () =>
  world.context.route(`${cdn}/**`, (route) =>
    route.fulfill({
      contentType: 'image/svg+xml',
      body: '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"/>',
    }),
  );

const tab = (name: string) => world.page.getByRole('navigation').getByRole('link', { name, exact: true });
const current = () => world.page.locator('nav a[aria-current=page]').allTextContents();
/** Waits for the document title. */
const title = (text: string) => world.page.locator(`xpath=//title[.="${text}"]`).waitFor({ state: 'attached' });
const focused = () => world.page.evaluate('document.activeElement.id || document.activeElement.tagName');

describe('the tabs', () => {
  test.each([
    [everything, ['API keys', 'Analytics', 'Documentation']],
    [['api.*.create_key'], ['API keys', 'Documentation']],
    [['api.*.read_analytics'], ['Analytics', 'Documentation']],
    [['api.*.other'], ['Documentation']],
    [['portal.*.read_account'], ['Documentation', 'Account']],
  ])('for %j are %j, and the first is open', async (permissions, expected) => {
    await enter({ permissions });
    expect(await world.page.getByRole('navigation').getByRole('link').allTextContents()).toEqual(expected);
    expect(await current()).toEqual([expected[0]]);
  });

  test('that the user cannot see redirect to the first one', async () => {
    await enter({ permissions: ['api.*.read_key'] });
    await world.page.goto(`${world.base}/analytics`);
    await tab('API keys').waitFor();
    expect(world.page.url()).toBe(`${world.base}/keys`);
  });

  test('set the document title to the tab and the portal', async () => {
    await enter();
    await title('API keys · Acme');
    for (const [name, path] of [
      ['Analytics', '/analytics'],
      ['Documentation', '/documentation'],
      ['API keys', '/keys'],
    ] as const) {
      await tab(name).click();
      await title(`${name} · Acme`);
      expect(world.page.url()).toBe(world.base + path);
      expect(await current()).toEqual([name]);
    }
    await world.page.goBack();
    await title('Documentation · Acme');
  });

  test('move the focus to the content, but not on the first page', async () => {
    await enter();
    expect(await focused()).toBe('BODY');
    await tab('Analytics').click();
    await expectHeading(/analytics/i);
    expect(await focused()).toBe('content');
  });

  test('show the next tab from its top', async () => {
    await newProfile({ viewport: { width: 800, height: 200 } });
    await enter();
    await tab('Documentation').focus();
    await world.page.mouse.wheel(0, 400);
    await world.page.waitForFunction('scrollY > 0');
    await world.page.evaluate('document.querySelector(`nav [href="/analytics"]`).click()');
    await expectHeading(/analytics/i);
    expect(await world.page.evaluate('scrollY')).toBe(0);
  });

  test('can be skipped', async () => {
    await enter();
    await world.page.keyboard.press('Tab');
    const skip = world.page.getByRole('link', { name: 'Skip to content' });
    expect(await world.page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    expect((await skip.boundingBox())?.y).toBeGreaterThanOrEqual(0);
    await world.page.keyboard.press('Enter');
    expect(await focused()).toBe('content');
  });
});

test('the header shows the person who uses the account, if the backend names one', async () => {
  await enter({ externalId: 'team_7', actor: { id: 'person_7', name: 'Ada Lovelace' } });
  const header = world.page.getByRole('banner');
  await header.getByText('Signed in as Ada Lovelace').waitFor();
  expect(await header.locator('.avatar').textContent()).toBe('AL');
  await openAccount();
  await header.getByText('Account: team_7').waitFor();
  await enter({ externalId: 'team_7', actor: { id: 'person_8' } });
  await header.getByText('Signed in as person_8').waitFor();
});

test('the menu of the account says until when the session lasts, and copies the id; a click elsewhere closes it', async () => {
  await enter({ externalId: 'team_7' });
  const header = world.page.getByRole('banner');
  await openAccount();
  await header.getByText(/^Session ends in (24|23) hours$/).waitFor();
  await header.getByRole('button', { name: 'Copy account ID' }).click();
  await world.page.getByRole('status').getByText('Copied').waitFor();
  expect(await world.page.evaluate('navigator.clipboard.readText()')).toBe('team_7');
  await world.page.getByRole('heading', { level: 1 }).click();
  await header.getByText(/^Session ends/).waitFor({ state: 'detached' });
  // Tab leaves it, too.
  await openAccount();
  for (let presses = 0; presses < 3; presses++) await world.page.keyboard.press('Tab');
  await header.getByText(/^Session ends/).waitFor({ state: 'detached' });
  expect(await focused()).toBe('A');
});

test.each([1280, 700, 360, 320])('a long externalId pushes nothing away, %d px wide', async (width) => {
  await newProfile({ viewport: { width, height: 700 } });
  await enter({ slug: 'with-return', externalId: 'organization_'.repeat(15) });
  const header = world.page.getByRole('banner');
  const account = header.getByRole('button', { name: /^Signed in as/ });
  const parts = [
    header.getByText('Acme', { exact: true }),
    header.getByRole('link', { name: 'Back to Acme' }),
    account,
  ];
  const boxes = await Promise.all(parts.map((part) => part.boundingBox()));
  const middle = (box: (typeof boxes)[number]) => (box?.y ?? 0) + (box?.height ?? 0) / 2;
  // All are on one line of 56 px, in this order, and the last one ends before the edge.
  for (const box of boxes) expect(Math.abs(middle(box) - 28)).toBeLessThan(2);
  const lefts = boxes.map((box) => box?.x ?? 0);
  expect(lefts).toEqual(lefts.toSorted((a, b) => a - b));
  expect((boxes[2]?.x ?? 0) + (boxes[2]?.width ?? 0)).toBeLessThanOrEqual(width - 16);
  await account.click();
  const menu = await world.page.locator('.account-menu').boundingBox();
  expect(menu?.x).toBeGreaterThanOrEqual(0);
  expect((menu?.x ?? 0) + (menu?.width ?? 0)).toBeLessThanOrEqual(width);
  expect(await world.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
});

test('on a phone the header is one line: the tabs are icons with their names for screen readers, and help is in the menu', async () => {
  await newProfile({ viewport: { width: 390, height: 700 } });
  await enter({ slug: 'with-return', permissions: [...everything, 'portal.*.read_account'] });
  const header = world.page.getByRole('banner');
  expect((await header.boundingBox())?.height).toBe(57);
  const links = world.page.getByRole('navigation').getByRole('link');
  expect(await links.allTextContents()).toEqual(['API keys', 'Analytics', 'Documentation', 'Account']);
  const widths = await links.evaluateAll((all) => all.map((link) => link.getBoundingClientRect().width));
  for (const width of widths) expect(width).toBeGreaterThanOrEqual(40);
  await tab('Account').click();
  await expectHeading('Account');
  expect(await current()).toEqual(['Account']);
  await openAccount();
  await header.getByRole('link', { name: 'Get help' }).waitFor();
});

describe('the banner', () => {
  test('of a preview shows the user’s externalId as text', async () => {
    const externalId = '<img src=x onerror="window.attacked=1">';
    await enter({ preview: true, externalId });
    const banner = world.page.getByRole('complementary');
    expect(await banner.textContent()).toBe(
      `Preview mode: you see the portal as ${externalId}. Your changes affect this user.`,
    );
    expect(await banner.locator('img').count()).toBe(0);
    await enter();
    expect(await world.page.getByRole('complementary').count()).toBe(0);
  });
});

describe('the brand', () => {
  test('is the portal’s name and color if there is no logo', async () => {
    await enter();
    expect(await world.page.getByRole('banner').getByRole('img').count()).toBe(0);
    expect(
      await world.page.evaluate('getComputedStyle(document.querySelector("header")).getPropertyValue("--fill").trim()'),
    ).toBe('#ffee00');
    expect(await world.page.getByText('Powered by').count()).toBe(0);
  });

  test.each(['light', 'dark'] as const)(
    'has the logo for the %s scheme, with the name as its alternative text',
    async (colorScheme) => {
      await newProfile({ colorScheme });
      await serveImages();
      await enter({ slug: 'branded' });
      const logo = world.page.getByRole('img', { name: 'Söhne & Co' });
      await logo.waitFor();
      const file = colorScheme === 'dark' ? 'dark.svg' : 'logo.svg';
      const drawn =
        '(() => { const shown = [...document.querySelectorAll("header img")].find((image) => image.checkVisibility()); return shown.decode().then(() => shown.currentSrc); })()';
      expect(await world.page.evaluate(drawn)).toBe(`${cdn}/${file}`);
      expect(await world.page.evaluate('document.querySelector("link[rel=icon]").href')).toBe(`${cdn}/icon.svg`);
      expect(await world.page.getByRole('link', { name: 'Get help' }).getAttribute('href')).toBe(
        'https://help.acme.example/',
      );
      await world.page.getByText('Powered by Portico').waitFor();
    },
  );

  test('shows the portal’s name as text', async () => {
    await enter({ slug: 'attacked' });
    expect(await world.page.getByRole('banner').textContent()).toContain(attack.slice(0, 128));
    expect(await world.page.title()).toContain(attack.slice(0, 128));
    expect(await world.page.locator('img, script:not([src]):not([type="application/json"])').count()).toBe(0);
    await signOut();
    await world.page.waitForURL(`${world.base}/signed-out`);
    await world.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect(await world.page.evaluate('window.attacked')).toBeUndefined();
  });
});

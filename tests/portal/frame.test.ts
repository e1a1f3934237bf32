/** The layout around every tab: navigation, banner and brand. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { everything, portalWorld } from '../support/portal.ts';

const { world, createPortal, enter, expectHeading, newProfile } = portalWorld();

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
  await header.getByText('Account: team_7').waitFor();
  await enter({ externalId: 'team_7', actor: { id: 'person_8' } });
  await header.getByText('Signed in as person_8').waitFor();
});

test.each([1280, 700])('a long externalId leaves the sign-out button beside it, %d px wide', async (width) => {
  await newProfile({ viewport: { width, height: 700 } });
  await enter({ externalId: 'organization_'.repeat(15) });
  const header = world.page.getByRole('banner');
  const [text, button] = await Promise.all(
    [header.getByText('Signed in as'), header.getByRole('button', { name: 'Sign out' })].map((each) =>
      each.boundingBox(),
    ),
  );
  const middle = (box: typeof text) => (box?.y ?? 0) + (box?.height ?? 0) / 2;
  expect(Math.abs(middle(text) - middle(button))).toBeLessThan(2);
  expect((button?.x ?? 0) + (button?.width ?? 0)).toBeLessThanOrEqual(width);
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
        'document.querySelector("header img").decode().then(() => document.querySelector("header img").currentSrc)';
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
    await world.page.getByRole('button', { name: 'Sign out' }).click();
    await world.page.waitForURL(`${world.base}/signed-out`);
    await world.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect(await world.page.evaluate('window.attacked')).toBeUndefined();
  });
});

/** The notices: their text, their branding, and their links. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { languages } from '../../src/portal/messages/index.ts';
import { portalWorld } from '../support/portal.ts';
import { operate } from '../support/shared/client.ts';

const home = 'https://acme.example/';
const {
  world,
  createPortal,
  createSession,
  enter,
  expectHeading,
  expire,
  reopen,
  cookie,
  newProfile,
  switchPortal,
  signOut,
} = portalWorld({ env: { HOME_URL: home } });

beforeAll(async () => {
  const branding = { primaryColor: '#ffee00', faviconUrl: 'https://cdn.acme.example/icon.svg' };
  await createPortal({ slug: 'my-portal', name: 'Acme', supportUrl: 'https://help.acme.example/', branding });
  await createPortal({ slug: 'with-return', name: 'Return & Co', returnUrl: world.appUrl });
});

/** Waits until the app has replaced the notice of the server. */
const drawn = () => world.page.locator('h1[tabindex="-1"]').waitFor();
/** Returns the text and the target of each link of the page. */
async function links(): Promise<unknown> {
  await drawn();
  return world.page.evaluate('[...document.querySelectorAll("main a")].map((link) => [link.textContent, link.href])');
}
async function color(): Promise<unknown> {
  await drawn();
  return world.page.evaluate('getComputedStyle(document.documentElement).getPropertyValue("--fill").trim()');
}
const icon = () => world.page.evaluate('document.querySelector("link[rel=icon]").href');

beforeEach(async () => {
  // Images on other servers.
  await world.context.route('https://cdn.acme.example/**', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' }),
  );
});

describe('a notice', () => {
  test('to an unknown visitor links to the home page', async () => {
    const response = await world.page.goto(`${world.base}/`);
    expect(response?.status()).toBe(401);
    await expectHeading('Open the portal from your app');
    expect(await links()).toEqual([
      ['Back to the application', home],
      ['Try again', `${world.base}/`],
    ]);
    expect(await world.page.title()).toBe('Open the portal from your app');
    expect(await world.page.evaluate('document.activeElement.tagName')).toBe('H1');
  });

  test('about an invalid link has the portal’s branding and links', async () => {
    const { url, sessionId } = await createSession();
    await world.backend.portal.exchangeSession({ sessionId });
    await world.page.goto(url);
    await expectHeading('This link is no longer valid');
    expect(await links()).toEqual([
      ['Back to Acme', home],
      ['Get help', 'https://help.acme.example/'],
    ]);
    expect(await color()).toBe('#ffee00');
  });

  test('about an expired session has the portal’s branding', async () => {
    await enter();
    await expire();
    await world.page.goto(`${world.base}/keys`);
    await expectHeading('Session expired');
    expect(await color()).toBe('#ffee00');
    expect(await icon()).toBe('https://cdn.acme.example/icon.svg');
  });

  test('about a disabled portal has its branding: for links, on load, and during a visit', async () => {
    const { url } = await createSession();
    await enter();
    await switchPortal('my-portal', '--disabled');
    await reopen();
    await expectHeading('This portal is disabled');
    expect((await world.page.goto(`${world.base}/keys`))?.status()).toBe(403);
    await expectHeading('This portal is disabled');
    await world.page.getByText('Your API keys keep working').waitFor();
    expect(await color()).toBe('#ffee00');
    expect(await links()).toContainEqual(['Get help', 'https://help.acme.example/']);
    await world.page.goto(url);
    await expectHeading('This portal is disabled');
    expect(await color()).toBe('#ffee00');
    await switchPortal('my-portal', '--enabled');
  });

  test('about a disabled workspace does not say that keys work, and ends when the workspace is enabled', async () => {
    const { url } = await createSession();
    await enter();
    await operate(world.redis.env, 'workspace', 'disable', '--workspace', world.workspaceId, '--yes');
    await reopen();
    const says = () => world.page.locator('main p').textContent();
    for (const go of [undefined, `${world.base}/keys`, url]) {
      if (go !== undefined) await world.page.goto(go);
      await expectHeading('This portal is disabled');
      await drawn();
      expect(await says()).toMatch(/^The operator has disabled this portal\. Your keys and your usage data are safe\./);
    }
    await operate(world.redis.env, 'workspace', 'enable', '--workspace', world.workspaceId);
    await world.page.goto(url);
    await world.page.getByRole('navigation').waitFor();
  });

  test('about a sign-out has the portal’s branding', async () => {
    await enter();
    await signOut();
    await world.page.waitForURL(`${world.base}/signed-out`);
    await expectHeading('You are signed out');
    expect(await color()).toBe('#ffee00');
    // There is nothing here to try again: it would only say that the user is not signed in.
    expect(await links()).toEqual([
      ['Back to Acme', home],
      ['Get help', 'https://help.acme.example/'],
    ]);
    await world.page.keyboard.press('Tab');
    expect(await world.page.locator('h1').evaluate((heading) => getComputedStyle(heading).outlineStyle)).toBe('none');
  });

  test('about an unknown page links to the portal', async () => {
    const response = await world.page.goto(`${world.base}/nowhere/at/all`);
    expect(response?.status()).toBe(404);
    await expectHeading('Page not found');
    expect(await links()).toEqual([
      ['Go to the portal', `${world.base}/`],
      ['Back to the application', home],
    ]);
  });
});

test('a notice is a card in the middle, with the brand, one primary button, and links below it', async () => {
  await newProfile({ viewport: { width: 360, height: 640 } });
  await enter();
  await expire();
  await world.page.goto(`${world.base}/keys`);
  await expectHeading('Session expired');
  await drawn();
  expect(await world.page.locator('main .brand').textContent()).toBe('Acme');
  expect(await world.page.locator('main .primary').allTextContents()).toEqual(['Back to Acme']);
  const card = await world.page.locator('.notice-card').boundingBox();
  expect(card?.x).toBe(16);
  expect(card?.width).toBe(360 - 2 * 16);
  const brand = await world.page.locator('main .brand').boundingBox();
  const heading = await world.page.locator('h1').boundingBox();
  expect((heading?.y ?? 0) - (brand?.y ?? 0)).toBeGreaterThanOrEqual(brand?.height ?? 0);
  const primary = await world.page.locator('main .primary').boundingBox();
  const help = await world.page.getByRole('link', { name: 'Get help' }).boundingBox();
  expect((help?.y ?? 0) - (primary?.y ?? 0)).toBeGreaterThanOrEqual(primary?.height ?? 0);
});

describe.each([
  ['en-GB', 'en'],
  ['de-AT', 'de'],
  ['ar-EG', 'ar'],
  ['ko-KR', 'en'],
] as const)('to a browser that accepts %s', (locale, language) => {
  const notices = { 'come-from-your-app': 'comeFromYourApp', expired: 'expired', 'signed-out': 'signedOut' } as const;

  test.each(Object.entries(notices))('the notice %s is in %s, with and without JavaScript', async (notice, name) => {
    const { pages } = (await languages[language]()).default;
    await newProfile({ locale });
    let path = '/keys';
    if (notice !== 'come-from-your-app') {
      await enter();
      await expire();
      if (notice === 'signed-out') path = '/signed-out';
    }
    const last = await cookie('portal_last');
    for (const javaScriptEnabled of [true, false]) {
      await newProfile({ locale, javaScriptEnabled });
      if (last !== undefined) await world.context.addCookies([{ name: 'portal_last', value: last, url: world.base }]);
      await world.page.goto(world.base + path);
      await expectHeading(pages[name].title);
      expect(await world.page.locator('main p').textContent()).toBe(pages[name].text);
      expect(await world.page.locator('html').getAttribute('lang')).toBe(language);
      expect(await world.page.locator('html').getAttribute('dir')).toBe(language === 'ar' ? 'rtl' : 'ltr');
    }
  });
});

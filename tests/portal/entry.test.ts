/** Sign-in by a link. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { CreateSessionRequest } from '../../generated/client/types.gen.ts';
import { portalWorld } from '../support/portal.ts';

const {
  world,
  newProfile,
  createPortal,
  createSession,
  enter,
  expectHeading,
  cookie,
  isAlive,
  switchPortal,
  signOut,
  expire,
} = portalWorld();

beforeAll(async () => {
  await createPortal({ slug: 'my-portal', name: 'Acme & Söhne', branding: { primaryColor: '#ffee00' } });
  await createPortal({ slug: 'other-portal', returnUrl: world.appUrl });
});

const banner = (page: Page) => page.getByRole('banner').textContent();

/** Holds the app back. Returns a function that lets it load. */
async function holdApp(): Promise<() => void> {
  const { promise: held, resolve: load } = Promise.withResolvers<void>();
  await world.page.route('**/assets/main-*.js', async (route) => {
    await held;
    await route.continue();
  });
  return load;
}

describe('a link', () => {
  test('is exchanged once by a POST of its page, and opens the first visible tab', async () => {
    const exchanges: string[] = [];
    world.page.on('request', (request) => {
      if (request.url().endsWith('/v2/portal.exchangeSession')) exchanges.push(request.method());
    });
    await enter();
    expect(world.page.url()).toBe(`${world.base}/keys`);
    await enter({ permissions: ['api.*.read_analytics'] });
    expect(world.page.url()).toBe(`${world.base}/analytics`);
    await enter({ permissions: ['api.*.other'] });
    expect(world.page.url()).toBe(`${world.base}/documentation`);
    expect(exchanges).toEqual(['POST', 'POST', 'POST']);
  });

  test('shows the brand and the tabs before the app is loaded, and signs in meanwhile', async () => {
    const load = await holdApp();
    const { url } = await createSession({ permissions: ['api.*.read_key', 'api.*.read_analytics'], tab: 'analytics' });
    const exchanged = world.page.waitForResponse('**/v2/portal.exchangeSession');
    await world.page.goto(url, { waitUntil: 'commit' });
    const shell = world.page.locator('.shell');
    await shell.waitFor();
    expect(await shell.locator('.brand').textContent()).toBe('Acme & Söhne');
    expect(await shell.locator('.tabs > *').allTextContents()).toEqual(['API keys', 'Analytics', 'Documentation']);
    expect(await shell.locator('[aria-current]').textContent()).toBe('Analytics');
    expect(await shell.locator('.heading').textContent()).toBe('Analytics');
    // Nothing of it is for screen readers, and nothing names the user.
    expect(await world.page.locator('#portal').ariaSnapshot()).toBe('- status: Loading…');
    expect(await world.page.content()).not.toContain('user_123');
    expect((await exchanged).status()).toBe(200);
    load();
    await expectHeading('Analytics');
    expect(await shell.count()).toBe(0);
    expect(world.page.url()).toBe(`${world.base}/analytics`);
  });

  test('requests what the tab shows first once, before the app is loaded, and again if a response is lost', async () => {
    const load = await holdApp();
    const first = ['portal.getSession', 'portal.listApis', 'portal.listKeys', 'keys'];
    const sent: string[] = [];
    world.page.on('request', (request) => {
      const name = new URL(request.url()).pathname.split('/').at(-1) ?? '';
      if (first.includes(name)) sent.push(name);
    });
    const { url } = await createSession();
    const answered = Promise.all(
      first.map((name) => world.page.waitForResponse((reply) => reply.url().endsWith(`/${name}`))),
    );
    await world.page.goto(url, { waitUntil: 'commit' });
    await answered;
    load();
    await expectHeading('API keys');
    await world.page.waitForLoadState('networkidle');
    expect(sent.toSorted()).toEqual(first.toSorted());
    await world.page.route('**/v2/portal.listApis', (route) => route.abort(), { times: 1 });
    sent.length = 0;
    await world.page.goto((await createSession()).url);
    await world.page.getByRole('heading', { name: 'No keys yet' }).waitFor();
    expect(sent.filter((name) => name === 'portal.listApis')).toHaveLength(2);
  });

  test('opens in its own page, which does not move and remembers the portal; the documentation has another page', async () => {
    const loads: string[] = [];
    world.page.on('request', (request) => {
      if (request.isNavigationRequest()) loads.push(new URL(request.url()).pathname);
    });
    await world.page.addInitScript(`
      globalThis.shifts = 0;
      new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) shifts += value;
      }).observe({ type: 'layout-shift', buffered: true });
    `);
    await enter({ slug: 'other-portal' });
    await world.page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
    await world.page.waitForLoadState('networkidle');
    expect(loads).toEqual(['/']);
    expect(await world.page.evaluate('shifts')).toBe(0);
    await expire();
    await world.page.reload();
    expect(world.page.url()).toBe(`${world.appUrl}&reason=session_expired`);
    loads.length = 0;
    await enter({ permissions: ['api.*.other'] });
    expect(loads).toEqual(['/', '/documentation']);
  });

  test('opens the tab of the session, in its language and its formats', async () => {
    const permissions = ['api.*.read_key', 'portal.*.read_account'];
    await enter({ permissions, tab: 'account', locale: 'de-AT' });
    expect(world.page.url()).toBe(`${world.base}/account`);
    expect(await world.page.locator('html').getAttribute('lang')).toBe('de');
    await world.page.getByRole('link', { name: 'Schlüssel' }).click();
    expect(world.page.url()).toBe(`${world.base}/keys`);
  });

  test('shows who is signed in, and hides the token from scripts', async () => {
    await enter({ externalId: 'user_<b>42</b>' });
    expect(await banner(world.page)).toContain('user_<b>42</b>');
    expect(await banner(world.page)).toContain('Acme & Söhne');
    const [session] = (await world.context.cookies()).filter(({ name }) => name === 'portal_session');
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(await world.page.evaluate('document.cookie')).toBe('');
  });

  test.each<[how: string, change: string]>([
    [
      'are missing',
      'delete globalThis.BroadcastChannel; delete AbortSignal.timeout; delete AbortSignal.any; delete URL.canParse; ' +
        'delete Crypto.prototype.randomUUID;',
    ],
    [
      'throw',
      "globalThis.BroadcastChannel = function () { throw new DOMException('denied', 'SecurityError'); }; " +
        'AbortSignal.timeout = () => { throw new TypeError(); };',
    ],
    ['refuse a message', 'BroadcastChannel.prototype.postMessage = () => { throw new TypeError(); };'],
  ])('signs in where conveniences of the browser %s', async (_, change) => {
    await world.context.addInitScript(change);
    await enter();
    expect(world.page.url()).toBe(`${world.base}/keys`);
    await signOut();
    await expectHeading('You are signed out');
  });

  test('is not exchanged by GET, by HEAD, or by a browser without JavaScript', async () => {
    const { url } = await createSession();
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    await newProfile({ javaScriptEnabled: false });
    const response = await world.page.goto(url);
    expect(response?.status()).toBe(200);
    await expectHeading('Signing you in');
    expect(await world.page.locator('main p').textContent()).toContain('The portal needs JavaScript');
    expect(await world.context.cookies()).toEqual([]);
    await newProfile();
    await world.page.goto(url);
    await world.page.getByRole('navigation').waitFor();
  });

  test.each<[what: string, over: Partial<CreateSessionRequest>]>([
    ['another user', { externalId: 'second_user' }],
    ['the same id in another portal', { externalId: 'first_user', slug: 'other-portal' }],
  ])('for %s asks before it replaces the signed-in user', async (_, over) => {
    const page = await enter({ externalId: 'first_user' });
    const before = await cookie('portal_session');
    const { url } = await createSession(over);
    await page.goto(url);
    await expectHeading('Continue as another user?');
    expect(page.url()).toBe(`${world.base}/`);
    await page.getByText('You are signed in to Acme & Söhne as first_user.').waitFor();
    await page.getByRole('link', { name: 'Stay signed in' }).click();
    await page.getByText('Signed in as first_user').waitFor();
    expect(await cookie('portal_session')).toBe(before);
    // The question has not used up the link.
    await page.goto(url);
    await page.getByRole('button', { name: 'Continue with the other account' }).click();
    await page.getByText(`Signed in as ${over.externalId}`).waitFor();
    expect(await cookie('portal_session')).not.toBe(before);
    expect(await isAlive(before)).toBe(true);
  });

  test('for the same user replaces the session without a question', async () => {
    await enter({ externalId: 'first_user' });
    const { url } = await createSession({ externalId: 'first_user', permissions: ['api.*.read_analytics'] });
    await world.page.goto(url);
    await expectHeading(/analytics/i);
  });

  test('does not name the signed-in user if several are, and asks all the same', async () => {
    await enter({ externalId: 'first_user' });
    const { sessionId } = await createSession({ externalId: 'planted_user' });
    const { token } = await world.backend.portal.exchangeSession({ sessionId });
    // A sibling host can set a cookie for one path only.
    await world.context.addCookies([
      { name: 'portal_session', value: token, domain: 'localhost', path: '/v2' },
      { name: 'portal_session', value: token, domain: 'localhost', path: '/keys' },
    ]);
    await world.page.goto(`${world.base}/keys`);
    await expectHeading('Several accounts are signed in');
    const { url } = await createSession({ externalId: 'first_user' });
    await world.page.goto(url);
    await expectHeading('Continue as another user?');
    expect(await world.page.locator('main').textContent()).not.toMatch(/first_user|planted_user/);
  });

  test('that is used shows a notice, and does not fall back to the user who is signed in', async () => {
    const { url, sessionId } = await createSession({ externalId: 'second_user' });
    await world.backend.portal.exchangeSession({ sessionId });
    await enter({ externalId: 'first_user' });
    const before = await cookie('portal_session');
    await world.page.goto(url);
    await expectHeading('This link is no longer valid');
    expect(await world.page.content()).not.toContain('first_user');
    expect(await cookie('portal_session')).toBe(before);
  });

  test.each(['', 'pst_', 'nonsense', 'pst_1r8DEXAMPLEonlyNeverARealOne0000wXyZ', '%00', '<script>alert(1)</script>'])(
    'with the id %j is invalid',
    async (sessionId) => {
      await enter({ externalId: 'first_user' });
      await world.page.goto(`${world.base}/?session=${encodeURIComponent(sessionId)}`);
      await expectHeading('This link is no longer valid');
      expect(world.page.url()).toBe(`${world.base}/`);
    },
  );

  test('that is opened in two tabs at once signs in one, and is invalid in the other', async () => {
    const { url } = await createSession();
    const tabs = [world.page, await world.context.newPage()];
    await Promise.all(tabs.map((tab) => tab.goto(url)));
    const outcomes = await Promise.all(
      tabs.map(async (tab) => {
        const dead = tab.getByRole('heading', { name: 'This link is no longer valid' });
        await tab.getByRole('navigation').or(dead).waitFor();
        return (await dead.count()) > 0 ? 'dead' : 'in';
      }),
    );
    expect(outcomes.sort()).toEqual(['dead', 'in']);
  });

  test('to a disabled portal shows a notice, and is invalid after the portal is enabled', async () => {
    const { url } = await createSession({ slug: 'other-portal' });
    await switchPortal('other-portal', '--disabled');
    await world.page.goto(url);
    await expectHeading('This portal is disabled');
    await switchPortal('other-portal', '--enabled');
    await world.page.goto(url);
    await expectHeading('This link is no longer valid');
  });

  test('can be retried if the server was unreachable', async () => {
    const { url } = await createSession();
    await world.page.route('**/v2/portal.exchangeSession', (route) => route.abort());
    await world.page.goto(url);
    await expectHeading('The portal is unavailable right now');
    expect(world.page.url()).toBe(`${world.base}/`);
    await world.page.unroute('**/v2/portal.exchangeSession');
    await world.page.getByRole('button', { name: 'Try again' }).click();
    await world.page.getByRole('navigation').waitFor();
  });
});

describe('two links in two tabs', () => {
  test('for two users: the older tab switches to the newer user', async () => {
    const older = await enter({ externalId: 'first_user' });
    const { url } = await createSession({ externalId: 'second_user' });
    const newer = await world.context.newPage();
    await newer.goto(url);
    await newer.getByRole('button', { name: 'Continue with the other account' }).click();
    await newer.getByRole('navigation').waitFor();
    await older.getByText('Signed in as second_user').waitFor();
    expect(await older.content()).not.toContain('first_user');
  });

  test('for one user: the older tab does not reload, so nothing in it is lost', async () => {
    const older = await enter();
    await older.evaluate('window.untouched = true');
    const { url } = await createSession();
    const newer = await world.context.newPage();
    const called = older.waitForResponse('**/v2/portal.getSession');
    await newer.goto(url);
    await called;
    await older.getByRole('link', { name: 'Analytics' }).click();
    await expectHeading(/analytics/i);
    expect(await older.evaluate('window.untouched')).toBe(true);
  });

  test('sign-out in one tab ends the other', async () => {
    const older = await enter({ externalId: 'first_user' });
    const newer = await world.context.newPage();
    await newer.goto(`${world.base}/keys`);
    const token = await cookie('portal_session');
    await signOut(newer);
    await expectHeading(/Session expired|Open the portal from your app/);
    expect(await older.content()).not.toContain('first_user');
    expect(await isAlive(token)).toBe(false);
  });
});

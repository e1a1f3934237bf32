/** Who comes in by a link, and who does not. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { portalWorld } from '../support/portal.ts';

const { world, newProfile, createPortal, mint, enter, heading, cookie, isAlive, switchPortal } = portalWorld();

beforeAll(async () => {
  await createPortal({ slug: 'my-portal', name: 'Acme & Söhne', branding: { primaryColor: '#ffee00' } });
  await createPortal({ slug: 'other-portal', returnUrl: world.appUrl });
});

const banner = (page: Page) => page.getByRole('banner').textContent();

describe('a link', () => {
  test('is exchanged by a POST of its page, once, and leads to the first visible tab', async () => {
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

  test('shows who is signed in, and keeps the token out of reach of scripts', async () => {
    await enter({ externalId: 'user_<b>42</b>' });
    expect(await banner(world.page)).toContain('user_<b>42</b>');
    expect(await banner(world.page)).toContain('Acme & Söhne');
    const [session] = (await world.context.cookies()).filter(({ name }) => name === 'portal_session');
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(await world.page.evaluate('document.cookie')).toBe('');
  });

  test('is not exchanged by who only looks at it: GET, HEAD, a browser that runs no scripts', async () => {
    const { url } = await mint();
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    await newProfile({ javaScriptEnabled: false });
    const response = await world.page.goto(url);
    expect(response?.status()).toBe(200);
    await heading('Signing you in');
    expect(await world.page.locator('main p').textContent()).toContain('The portal needs JavaScript');
    expect(await world.context.cookies()).toEqual([]);
    await newProfile();
    await world.page.goto(url);
    await world.page.getByRole('navigation').waitFor();
  });

  test('opens as the person it was minted for, whoever was signed in before', async () => {
    await enter({ externalId: 'first_user' });
    await enter({ externalId: 'second_user' });
    expect(await banner(world.page)).toContain('second_user');
  });

  test('that is used says so, and never falls back to who was signed in before', async () => {
    const { url, sessionId } = await mint({ externalId: 'second_user' });
    await world.backend.portal.exchangeSession({ sessionId });
    await enter({ externalId: 'first_user' });
    const before = await cookie('portal_session');
    await world.page.goto(url);
    await heading('This link is no longer valid');
    expect(await world.page.content()).not.toContain('first_user');
    expect(await cookie('portal_session')).toBe(before);
  });

  test.each(['', 'pst_', 'nonsense', 'pst_1r8DEXAMPLEonlyNeverARealOne0000wXyZ', '%00', '<script>alert(1)</script>'])(
    'with the id %j is dead too',
    async (sessionId) => {
      await enter({ externalId: 'first_user' });
      await world.page.goto(`${world.base}/?session=${encodeURIComponent(sessionId)}`);
      await heading('This link is no longer valid');
      expect(world.page.url()).toBe(`${world.base}/`);
    },
  );

  test('opened in two tabs at once lets one in, and tells the other that it is dead', async () => {
    const { url } = await mint();
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

  test('to a disabled portal says so, and works once the portal is enabled, but its sessions have ended', async () => {
    const { url } = await mint({ slug: 'other-portal' });
    await switchPortal('other-portal', '--disabled');
    await world.page.goto(url);
    await heading('This portal is disabled');
    await switchPortal('other-portal', '--enabled');
    await world.page.goto(url);
    await heading('This link is no longer valid');
  });

  test('can be tried again where the server could not be reached', async () => {
    const { url } = await mint();
    await world.page.route('**/v2/portal.exchangeSession', (route) => route.abort());
    await world.page.goto(url);
    await heading('The portal is unavailable right now');
    expect(world.page.url()).toBe(`${world.base}/`);
    await world.page.unroute('**/v2/portal.exchangeSession');
    await world.page.getByRole('button', { name: 'Try again' }).click();
    await world.page.getByRole('navigation').waitFor();
  });
});

describe('two links in two tabs', () => {
  test('of two people: the older one’s tab shows the newer one, and nothing of the older', async () => {
    const older = await enter({ externalId: 'first_user' });
    const { url } = await mint({ externalId: 'second_user' });
    const newer = await world.context.newPage();
    await newer.goto(url);
    await newer.getByRole('navigation').waitFor();
    await older.getByText('Signed in as second_user').waitFor();
    expect(await older.content()).not.toContain('first_user');
  });

  test('of one person: the older tab stays as it is, so that nothing in it is lost', async () => {
    const older = await enter();
    await older.evaluate('window.untouched = true');
    const { url } = await mint();
    const newer = await world.context.newPage();
    const asked = older.waitForResponse('**/v2/portal.getSession');
    await newer.goto(url);
    await asked;
    await older.getByRole('link', { name: 'Analytics' }).click();
    await heading(/analytics/i);
    expect(await older.evaluate('window.untouched')).toBe(true);
  });

  test('log out in one of them ends the other', async () => {
    const older = await enter({ externalId: 'first_user' });
    const newer = await world.context.newPage();
    await newer.goto(`${world.base}/keys`);
    const token = await cookie('portal_session');
    await newer.getByRole('button', { name: 'Sign out' }).click();
    await heading(/Session expired|Open the portal from your app/);
    expect(await older.content()).not.toContain('first_user');
    expect(await isAlive(token)).toBe(false);
  });
});

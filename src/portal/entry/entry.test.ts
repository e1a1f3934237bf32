/** How people come in, what frames what they see, and how they leave. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { everything, portalWorld } from '../testing.ts';

const { world, createPortal, mint, enter, heading, expire, switchPortal } = portalWorld();

beforeAll(async () => {
  await createPortal({ slug: 'my-portal', name: 'Acme & Söhne', branding: { primaryColor: '#ffee00' } });
  await createPortal({ slug: 'with-return', returnUrl: world.appUrl });
});

const tabs = () => world.page.getByRole('navigation').getByRole('link').allTextContents();

describe('the link', () => {
  test('signs in, loses its id from the address bar, and lands on the first visible tab', async () => {
    const { url, sessionId } = await mint();
    const addresses: string[] = [];
    world.page.on('framenavigated', (frame) => addresses.push(frame.url()));
    const exchanges: string[] = [];
    world.page.on('request', (request) => {
      if (request.url().endsWith('/v2/portal.exchangeSession')) exchanges.push(request.frame().url());
    });
    await world.page.goto(url);
    await world.page.waitForURL(`${world.base}/keys`);
    await heading('API Keys');
    expect(exchanges).toEqual([`${world.base}/`]);
    expect(addresses.at(-1)).toBe(`${world.base}/keys`);
    expect(
      await world.page.evaluate('performance.getEntriesByType("resource").map((entry) => entry.name).join()'),
    ).not.toContain(sessionId);
    // Neither a reload nor going back finds the id again.
    await world.page.reload();
    await heading('API Keys');
    await world.page.goBack();
    expect(world.page.url()).not.toContain('pst_');
    expect(exchanges).toHaveLength(1);
  });

  test('shows who is signed in, and keeps the token out of reach of scripts', async () => {
    await enter({ externalId: 'user_<b>42</b>' });
    expect(await world.page.getByRole('banner').textContent()).toContain('user_<b>42</b>');
    expect(await world.page.getByRole('banner').textContent()).toContain('Acme & Söhne');
    const [cookie] = (await world.context.cookies()).filter(({ name }) => name === 'portal_session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(await world.page.evaluate('document.cookie')).toBe('');
  });

  test('that a scanner has opened before still works', async () => {
    const { url } = await mint();
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    await world.page.goto(url);
    await heading('API Keys');
  });

  test('opens as the person it was minted for, whoever was signed in before', async () => {
    await enter({ externalId: 'first_user' });
    await enter({ externalId: 'second_user' });
    expect(await world.page.getByRole('banner').textContent()).toContain('second_user');
  });

  test('that is used says so, and does not fall back to who was signed in before', async () => {
    const { url } = await mint({ externalId: 'second_user' });
    await enter({ externalId: 'first_user' });
    const other = await world.browser.newPage();
    await other.goto(url);
    await other.getByRole('navigation').waitFor();
    await other.close();
    await world.page.goto(url);
    await heading('This link does not work any more');
    expect(await world.page.textContent('body')).not.toContain('first_user');
  });

  test('to a disabled portal says so, and stays dead once the portal is enabled', async () => {
    const { url } = await mint({ slug: 'with-return' });
    await switchPortal('with-return', '--disabled');
    await world.page.goto(url);
    await heading('This portal is disabled');
    await switchPortal('with-return', '--enabled');
    await world.page.goto(url);
    await heading('This link does not work any more');
  });

  test('can be tried again where the server could not be reached', async () => {
    const { url } = await mint();
    await world.page.route('**/v2/portal.exchangeSession', (route) => route.abort());
    await world.page.goto(url);
    await heading('The portal cannot be reached right now');
    expect(world.page.url()).toBe(`${world.base}/`);
    await world.page.unroute('**/v2/portal.exchangeSession');
    await world.page.getByRole('button', { name: 'Try again' }).click();
    await heading('API Keys');
  });
});

describe('the frame', () => {
  test.each([
    [everything, ['API Keys', 'Analytics', 'Documentation']],
    [['api.*.read_analytics'], ['Analytics', 'Documentation']],
    [['api.*.other'], ['Documentation']],
  ])('with %j shows the tabs %j', async (permissions, expected) => {
    await enter({ permissions });
    expect(await tabs()).toEqual(expected);
    await heading(String(expected[0]));
  });

  test('leads from tab to tab, and from one that is not there to the first', async () => {
    await enter({ permissions: ['api.*.read_key'] });
    await world.page.getByRole('link', { name: 'Documentation' }).click();
    await heading('Documentation');
    expect(world.page.url()).toBe(`${world.base}/documentation`);
    await world.page.goto(`${world.base}/analytics`);
    expect(world.page.url()).toBe(`${world.base}/keys`);
  });

  test('has a banner in a preview, and none otherwise', async () => {
    await enter({ preview: true });
    expect(await world.page.getByRole('status').textContent()).toMatch(/^Preview mode.*user_123/);
    await enter();
    expect(await world.page.getByRole('status').count()).toBe(0);
  });

  test('wears the portal’s colour, with letters that can be read on it', async () => {
    await enter();
    const [background, color] = (await world.page.evaluate(
      '(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.querySelector("header")))',
    )) as string[];
    expect([background, color]).toEqual(['rgb(255, 238, 0)', 'rgb(0, 0, 0)']);
  });
});

describe('the end', () => {
  test('log out ends the session on the server too, and says so', async () => {
    await enter();
    const [cookie] = (await world.context.cookies()).filter(({ name }) => name === 'portal_session');
    await world.page.getByRole('button', { name: 'Log out' }).click();
    await heading('You are signed out');
    const response = await fetch(`${world.base}/v2/portal.getSession`, {
      method: 'POST',
      headers: { authorization: `Bearer ${cookie?.value}` },
    });
    expect(response.status).toBe(401);
    expect(await world.context.cookies()).toEqual([]);
    await world.page.goto(`${world.base}/keys`);
    await heading('Open the portal from your app');
  });

  test('log out leads to the return URL where there is one', async () => {
    await enter({ slug: 'with-return' });
    await world.page.getByRole('button', { name: 'Log out' }).click();
    await world.page.waitForURL(world.appUrl);
  });

  test('an expired session goes back to the return URL, with the reason', async () => {
    await enter({ slug: 'with-return' });
    await expire();
    await world.page.goto(`${world.base}/keys`);
    expect(world.page.url()).toBe(`${world.appUrl}&reason=session_expired`);
  });

  test('an expired session without a return URL says so', async () => {
    await enter();
    await expire();
    await world.context.clearCookies({ name: 'portal_session' });
    const response = await world.page.goto(`${world.base}/`);
    expect(response?.status()).toBe(401);
    await heading('Session expired');
  });

  test('who never had a session is told where to come from', async () => {
    const response = await world.page.goto(`${world.base}/`);
    expect(response?.status()).toBe(401);
    await heading('Open the portal from your app');
  });

  test('a portal that is disabled mid-visit says so', async () => {
    await enter({ slug: 'with-return' });
    await switchPortal('with-return', '--disabled');
    await world.page.reload();
    await heading('This portal is disabled');
    await switchPortal('with-return', '--enabled');
  });
});

describe('who is no browser', () => {
  test.each(['/', '/keys', '/analytics', '/documentation'])('gets JSON at %s', async (path) => {
    const response = await fetch(world.base + path, { redirect: 'manual' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { type: 'https://unkey.com/docs/errors/unkey/authentication/portal_token_missing' },
    });
  });
});

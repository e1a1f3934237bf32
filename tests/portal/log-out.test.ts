/** Sign-out: the session ends on the server, the cookies are cleared, and the page shows no user data. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { portalWorld } from '../support/portal.ts';

const { world, createPortal, enter, expectHeading, expire, cookie, isAlive, signOut } = portalWorld();

beforeAll(async () => {
  await createPortal({ slug: 'my-portal', name: 'Acme' });
  await createPortal({ slug: 'with-return', returnUrl: world.appUrl });
});

describe('sign-out', () => {
  test('ends the session on the server, clears the cookies, and shows a notice', async () => {
    await enter();
    const token = await cookie('portal_session');
    expect(await isAlive(token)).toBe(true);
    await signOut();
    await expectHeading('You are signed out');
    await world.page.waitForURL(`${world.base}/signed-out`);
    expect(await isAlive(token)).toBe(false);
    expect(await world.context.cookies()).toEqual([]);
    await world.page.goto(`${world.base}/keys`);
    await expectHeading('Open the portal from your app');
  });

  test('redirects to the return URL', async () => {
    await enter({ slug: 'with-return' });
    await signOut();
    await world.page.waitForURL(world.appUrl);
    expect(await world.context.cookies()).toEqual([]);
  });

  test('prefers the return URL of the session to that of the portal', async () => {
    const own = new URL('/team/42?from=portal', world.appUrl).href;
    await enter({ slug: 'with-return', returnUrl: own });
    await signOut();
    await world.page.waitForURL(own);
  });

  test('still redirects if a call in progress finds that the session has ended', async () => {
    let find = () => {};
    const found = new Promise<void>((resolve) => {
      find = resolve;
    });
    await world.page.route('**/v2/portal.listApis', async (route) => {
      await found;
      await route.fulfill({ status: 401, json: {} });
    });
    await world.page.route('**/v2/portal.endSession', async (route) => {
      const responded = world.page.waitForResponse('**/v2/portal.listApis');
      find();
      await responded;
      // Give the page time to react.
      await world.page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
      await route.continue();
    });
    await enter({ slug: 'with-return' });
    await signOut();
    await world.page.waitForURL(world.appUrl);
  });

  test.each(['my-portal', 'with-return'])('of %s works if the session has already ended', async (slug) => {
    await enter({ slug });
    await expire();
    await signOut();
    if (slug === 'with-return') await world.page.waitForURL(world.appUrl);
    else await world.page.waitForURL(`${world.base}/signed-out`);
    expect(await world.context.cookies()).toEqual([]);
  });

  test('that did not reach the server shows an error, and can be retried', async () => {
    await enter();
    const token = await cookie('portal_session');
    await world.page.route('**/v2/portal.endSession', (route) => route.abort());
    await signOut();
    const alert = world.page.getByRole('alert');
    expect(await alert.textContent()).toContain('You are still signed in');
    expect(await isAlive(token)).toBe(true);
    // The menu does not cover it, and the keyboard is where the next step is.
    expect(await world.page.getByRole('button', { name: 'Sign out' }).count()).toBe(0);
    await world.page.waitForFunction('document.activeElement?.textContent === "Try again"');
    await world.page.unroute('**/v2/portal.endSession');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expectHeading('You are signed out');
    expect(await isAlive(token)).toBe(false);
  });
});

describe('after sign-out', () => {
  test('the Back button shows nothing of the portal', async () => {
    await enter({ slug: 'with-return' });
    await world.page.getByRole('link', { name: 'Analytics' }).click();
    await signOut();
    await world.page.waitForURL(world.appUrl);
    await world.page.goBack();
    await expectHeading('Open the portal from your app');
    expect(await world.page.content()).not.toContain('user_123');
  });

  test('the page has no user data left when the browser caches it', async () => {
    await enter();
    await world.page.addInitScript(
      "addEventListener('pagehide', () => { sessionStorage.setItem('left', document.body.innerText) })",
    );
    await world.page.reload();
    await signOut();
    await world.page.waitForURL(`${world.base}/signed-out`);
    const left = await world.page.evaluate('sessionStorage.getItem("left")');
    expect(left).toContain('You are signed out');
    expect(left).not.toContain('user_123');
  });
});

test('a signed-in user at /signed-out is redirected to the portal and stays signed in', async () => {
  await enter({ slug: 'with-return' });
  await world.page.goto(`${world.base}/signed-out`);
  expect(world.page.url()).toBe(`${world.base}/keys`);
  expect(await cookie('portal_last')).toBeDefined();
});

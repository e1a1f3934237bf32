/** Sessions that expire: always a link or a redirect, never a loop. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { portalWorld } from '../support/portal.ts';

const home = 'https://acme.example/';
const { world, createPortal, enter, expectHeading, expire, reopen, cookie, switchPortal } = portalWorld({
  env: { HOME_URL: home },
});

const day = 24 * 60 * 60 * 1000;
const withReason = (url: string) => `${url}&reason=session_expired`;
const own = () => new URL('/team/42?from=portal', world.appUrl).href;

beforeAll(async () => {
  await createPortal({ slug: 'my-portal', name: 'Acme', supportUrl: 'https://help.acme.example/' });
  await createPortal({ slug: 'with-return', returnUrl: world.appUrl });
});

describe('a page load with an expired session', () => {
  test.each(['/', '/keys', '/analytics', '/documentation'])(
    'redirects with 302 to the return URL at %s',
    async (path) => {
      await enter({ slug: 'with-return' });
      await expire();
      const names = ['portal_session', 'portal_last'];
      const cookies = await Promise.all(names.map(async (name) => `${name}=${await cookie(name)}`));
      const headers = { accept: 'text/html', cookie: cookies.join('; ') };
      const response = await fetch(world.base + path, { headers, redirect: 'manual' });
      expect(response.status).toBe(302);
      expect(response.headers.get('location')).toBe(withReason(world.appUrl));
      expect(response.headers.get('cache-control')).toBe('no-store');
    },
  );

  test('redirects to the return URL of the session', async () => {
    await enter({ slug: 'with-return', returnUrl: own() });
    await expire();
    await world.page.goto(`${world.base}/keys`);
    expect(world.page.url()).toBe(withReason(own()));
  });

  test('shows a notice with links if there is no return URL', async () => {
    await enter();
    await expire();
    const response = await world.page.goto(`${world.base}/keys`);
    expect(response?.status()).toBe(401);
    await expectHeading('Session expired');
    await world.page.getByRole('link', { name: 'Back to Acme' }).waitFor();
    expect(
      await world.page.evaluate(
        '[...document.querySelectorAll("main a")].map((link) => [link.textContent, link.href])',
      ),
    ).toEqual([
      ['Back to Acme', home],
      ['Get help', 'https://help.acme.example/'],
      ['Try again', `${world.base}/`],
    ]);
  });

  test('links to the home page if its portal is deleted', async () => {
    const { portalId } = await createPortal({ slug: 'soon-gone', returnUrl: world.appUrl });
    await enter({ slug: 'soon-gone' });
    await world.backend.portal.deleteConfiguration({ portal: portalId });
    const response = await world.page.goto(`${world.base}/keys`);
    expect(response?.status()).toBe(401);
    await expectHeading('Session expired');
    expect(await world.page.getByRole('link', { name: 'Back to the application' }).getAttribute('href')).toBe(home);
  });

  test('shows its notice and its links without JavaScript', async () => {
    await enter();
    await expire();
    const text = await (
      await fetch(`${world.base}/keys`, {
        headers: { accept: 'text/html', cookie: `portal_last=${await cookie('portal_last')}` },
      })
    ).text();
    expect(text).toContain('<h1>Session expired</h1>');
    expect(text).toContain('<a class="button primary" href="https://acme.example/">Back to Acme</a>');
    expect(text).toContain('<a class="button" href="https://help.acme.example/">Get help</a>');
  });
});

describe('a session that expires during a visit', () => {
  test('redirects to the return URL on the next call', async () => {
    await enter({ slug: 'with-return', returnUrl: own() });
    await expire();
    await reopen();
    await world.page.waitForURL(withReason(own()));
  });

  test('redirects when a change of tab loads a page', async () => {
    await enter({ slug: 'with-return' });
    // No request in progress can detect the expiry first.
    await world.page.waitForLoadState('networkidle');
    await expire();
    await world.page.getByRole('link', { name: 'Documentation' }).click();
    await world.page.waitForURL(withReason(world.appUrl));
  });

  test('redirects at its expiry time without any action', async () => {
    await world.page.clock.install();
    await enter({ slug: 'with-return' });
    await expire();
    await world.page.clock.fastForward(day - 60_000);
    expect(await world.page.getByRole('navigation').count()).toBe(1);
    expect(world.page.url()).toBe(`${world.base}/keys`);
    await world.page.clock.fastForward(62_000);
    await world.page.waitForURL(withReason(world.appUrl));
  });

  test('shows a notice if there is no return URL', async () => {
    await enter();
    await expire();
    await reopen();
    await expectHeading('Session expired');
    expect(await world.page.content()).not.toContain('user_123');
  });

  test('does not end early if the clock is days ahead', async () => {
    await world.page.clock.install({ time: Date.now() + 3 * day });
    await enter();
    await world.page.clock.fastForward(60_000);
    const called = world.page.waitForResponse('**/v2/portal.getSession');
    await reopen();
    expect((await called).status()).toBe(200);
    expect(await world.page.getByRole('navigation').count()).toBe(1);
    // It ends on time, by the server's clock.
    await expire();
    await world.page.clock.fastForward(day);
    await expectHeading('Session expired');
  });

  test('ends on a notice, not in a loop, if page and call disagree', async () => {
    await enter({ slug: 'with-return' });
    const loads: string[] = [];
    world.page.on('request', (request) => {
      if (request.isNavigationRequest()) loads.push(new URL(request.url()).pathname);
    });
    await world.page.route('**/v2/portal.getSession', (route) =>
      route.fulfill({
        status: 401,
        json: { meta: { requestId: 'req_x' }, error: { title: '', detail: '', status: 401, type: 'a/b' } },
      }),
    );
    await reopen();
    await world.page.waitForEvent('load');
    await world.page.waitForLoadState('networkidle');
    await expectHeading('Session expired');
    expect(loads).toEqual(['/keys']);
    expect(await world.page.getByRole('link', { name: 'Back to with-return' }).getAttribute('href')).toBe(world.appUrl);
  });
});

test('a portal that is disabled during a visit shows a notice on the next call and on page load', async () => {
  await enter({ slug: 'with-return' });
  await switchPortal('with-return', '--disabled');
  await reopen();
  await expectHeading('This portal is disabled');
  const response = await world.page.goto(`${world.base}/keys`);
  expect(response?.status()).toBe(403);
  await expectHeading('This portal is disabled');
  expect(await world.page.getByRole('link', { name: 'Back to with-return' }).getAttribute('href')).toBe(world.appUrl);
  await switchPortal('with-return', '--enabled');
});

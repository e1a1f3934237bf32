/** What the portal shows if its code does not load or the server fails: never an empty page. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Route } from 'playwright-core';
import { portalWorld } from '../support/portal.ts';

const { world, createPortal, enter, createSession, expectHeading, cookie } = portalWorld();

beforeAll(() => createPortal({ slug: 'my-portal', name: 'Acme' }));

/** Aborts or corrupts the script of a tab. */
async function onFileOf(tab: string, act: 'abort' | 'garble'): Promise<void> {
  await world.page.route(`**/assets/${tab}-*.js`, (route) =>
    act === 'abort' ? route.abort() : route.fulfill({ contentType: 'text/javascript', body: 'const = ;' }),
  );
}

describe('a tab whose script', () => {
  test.each(['abort', 'garble'] as const)(
    'fails to load (%s) shows an error inside the layout, and can be reloaded',
    async (act) => {
      await onFileOf('analytics', act);
      await enter();
      await world.page.getByRole('link', { name: 'Analytics' }).click();
      await expectHeading('The portal is unavailable right now');
      expect(await world.page.getByRole('main').count()).toBe(1);
      // The other tabs still work.
      await world.page.getByRole('link', { name: 'API keys' }).click();
      await expectHeading(/keys/i);
      await world.page.getByRole('link', { name: 'Analytics' }).click();
      await expectHeading('The portal is unavailable right now');
      await world.page.unrouteAll();
      await world.page.getByRole('button', { name: 'Reload' }).click();
      await expectHeading(/^analytics$/i);
    },
  );

  test('fails to load on page load shows the same error, and is loaded again in place', async () => {
    await enter();
    await onFileOf('analytics', 'abort');
    await world.page.goto(`${world.base}/analytics`);
    await expectHeading('The portal is unavailable right now');
    await world.page.unrouteAll();
    await world.page.evaluate('globalThis.isSamePage = true');
    await world.page.getByRole('button', { name: 'Try again' }).click();
    await expectHeading(/^analytics$/i);
    expect(await world.page.evaluate('globalThis.isSamePage')).toBe(true);
  });
});

test('a language that fails to load falls back to English, and without any language the text of the server stays', async () => {
  await world.context.setExtraHTTPHeaders({ 'Accept-Language': 'de' });
  await world.page.route('**/assets/de-*.js', (route) => route.abort());
  await enter();
  await world.page.route('**/assets/en-*.js', (route) => route.abort());
  await world.page.reload();
  await expectHeading('Something went wrong');
  await world.page.unrouteAll();
  await world.page.getByRole('link', { name: 'Reload' }).click();
  await world.page.getByRole('navigation').waitFor();
});

describe('getSession', () => {
  test('that is slow shows a loading text', async () => {
    let release: () => void = () => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    await world.page.route('**/v2/portal.getSession', async (route) => {
      await blocked;
      await route.continue();
    });
    await world.page.goto((await createSession()).url);
    await world.page.getByRole('status').filter({ hasText: 'Loading…' }).waitFor();
    expect(await world.page.getByRole('navigation').count()).toBe(0);
    release();
    await world.page.getByRole('navigation').waitFor();
  });

  test('that fails once is retried automatically', async () => {
    let calls = 0;
    await world.page.route('**/v2/portal.getSession', async (route) => {
      calls++;
      if (calls === 1) await route.abort();
      else await route.continue();
    });
    await enter();
    expect(calls).toBe(2);
  });

  test.each(['abort', 500, 503, 429] as const)('that keeps failing (%s) offers a retry, and recovers', async (how) => {
    await world.page.route('**/v2/portal.getSession', (route) =>
      how === 'abort' ? route.abort() : route.fulfill({ status: how, body: 'no envelope' }),
    );
    await world.page.goto((await createSession()).url);
    await expectHeading('The portal is unavailable right now');
    await world.page.unrouteAll();
    await world.page.getByRole('button', { name: 'Try again' }).click();
    await world.page.getByRole('navigation').waitFor();
  });
});

describe('the request after which the server knows the portal of this browser', () => {
  const isHead = (route: Route) => route.request().method() === 'HEAD';

  test('that never ends does not keep the app away', async () => {
    await world.page.route('**/keys', (route) => (isHead(route) ? undefined : route.continue()));
    await enter();
    await expectHeading('API keys');
  });

  test('that fails is repeated', async () => {
    const statuses = [429, 503];
    await world.page.route('**/keys', (route) => {
      const status = isHead(route) ? statuses.shift() : undefined;
      return status === undefined ? route.continue() : route.fulfill({ status });
    });
    await enter();
    expect(statuses).toEqual([]);
    expect(await cookie('portal_last')).toBeDefined();
  });
});

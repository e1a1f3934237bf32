/** Never an empty page: what is shown where code or server do not come. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { portalWorld } from '../support/portal.ts';

const { world, createPortal, enter, mint, heading } = portalWorld();

beforeAll(() => createPortal({ slug: 'my-portal', name: 'Acme' }));

/** Does something to every file of the app whose text holds this; only those of a tab hold its name so. */
async function onFileOf(tab: string, act: 'abort' | 'garble'): Promise<void> {
  await world.page.route(`**/assets/${tab}-*.js`, (route) =>
    act === 'abort' ? route.abort() : route.fulfill({ contentType: 'text/javascript', body: 'const = ;' }),
  );
}

describe('a tab whose code', () => {
  test.each(['abort', 'garble'] as const)(
    'does not come (%s) says so within the frame, and can be reloaded',
    async (act) => {
      await onFileOf('analytics', act);
      await enter();
      await world.page.getByRole('link', { name: 'Analytics' }).click();
      await heading('Something went wrong');
      expect(await world.page.getByRole('main').count()).toBe(1);
      // The others are still there.
      await world.page.getByRole('link', { name: 'API keys' }).click();
      await heading(/keys/i);
      await world.page.getByRole('link', { name: 'Analytics' }).click();
      await heading('Something went wrong');
      await world.page.unrouteAll();
      await world.page.getByRole('button', { name: 'Reload' }).click();
      await heading(/^analytics$/i);
    },
  );

  test('does not come when its page is loaded says so too', async () => {
    await enter();
    await onFileOf('analytics', 'abort');
    await world.page.goto(`${world.base}/analytics`);
    await heading('Something went wrong');
  });
});

test('a language that does not come is English; where no language comes, the server’s words are there', async () => {
  await world.context.setExtraHTTPHeaders({ 'Accept-Language': 'de' });
  await world.page.route('**/assets/de-*.js', (route) => route.abort());
  await enter();
  await world.page.route('**/assets/en-*.js', (route) => route.abort());
  await world.page.reload();
  await heading('Something went wrong');
  await world.page.unrouteAll();
  await world.page.getByRole('link', { name: 'Reload' }).click();
  await world.page.getByRole('navigation').waitFor();
});

describe('getSession', () => {
  test('that takes long shows that something is coming', async () => {
    let answer: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await world.page.route('**/v2/portal.getSession', async (route) => {
      await held;
      await route.continue();
    });
    await world.page.goto((await mint()).url);
    await world.page.getByRole('status').filter({ hasText: 'Loading…' }).waitFor();
    expect(await world.page.getByRole('navigation').count()).toBe(0);
    answer();
    await world.page.getByRole('navigation').waitFor();
  });

  test('that fails for a moment is tried again by itself', async () => {
    let calls = 0;
    await world.page.route('**/v2/portal.getSession', async (route) => {
      calls++;
      if (calls === 1) await route.abort();
      else await route.continue();
    });
    await enter();
    expect(calls).toBe(2);
  });

  test.each(['abort', 500, 503, 429] as const)(
    'that goes on failing (%s) offers another try, and recovers',
    async (how) => {
      await world.page.route('**/v2/portal.getSession', (route) =>
        how === 'abort' ? route.abort() : route.fulfill({ status: how, body: 'no envelope' }),
      );
      await world.page.goto((await mint()).url);
      await heading('The portal is unavailable right now');
      await world.page.unrouteAll();
      await world.page.getByRole('button', { name: 'Try again' }).click();
      await world.page.getByRole('navigation').waitFor();
    },
  );
});

/** The portal in a frame of another page: only where its operator lets it, and then whole, without any cookie. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Frame, Page } from 'playwright-core';
import { otherSite, portalWorld } from '../support/portal.ts';

const { world, createPortal, mint, enter, expire, comeBack, isAlive } = portalWorld();

/** A page that frames what its path names, and remembers what it is told. */
const framing = (path: string) => `<!doctype html><title>Framing</title>
<script>
const told = [];
addEventListener('message', ({ origin, data }) => {
  told.push([origin, data]);
  document.title = 'Told';
});
</script>
<iframe src="${decodeURIComponent(path.slice(1))}"></iframe>`;

// Another site, where the portal's cookies do not travel; and another origin of the same site, where they do.
const foreign = otherSite('127.0.0.1', framing);
const sibling = otherSite('localhost', framing);
const stranger = otherSite('127.0.0.1', framing);

beforeAll(async () => {
  const embeddingOrigins = [foreign.origin, sibling.origin];
  await createPortal({ slug: 'framed', name: 'Acme', returnUrl: world.appUrl, embeddingOrigins });
  await createPortal({ slug: 'my-portal', returnUrl: world.appUrl });
});

let page: Page;
beforeEach(() => {
  page = world.page;
});

const frameOf = (): Frame => page.frames()[1] ?? page.mainFrame();
/** What the framing page has been told so far; where it must be something, once it is. */
const told = () => page.evaluate('told');
async function toldAtLast(): Promise<unknown> {
  await page.locator('xpath=//title[.="Told"]').waitFor({ state: 'attached' });
  return told();
}
const heading = (name: string | RegExp) => frameOf().getByRole('heading', { name, level: 1 }).waitFor();

/** Opens a page of that site with this address in its frame. */
async function embed(site: { origin: string }, address: string): Promise<void> {
  await page.goto(`${site.origin}/${encodeURIComponent(address)}`);
}

/** Opens a link in a frame, and waits until its first tab is drawn. */
async function enterFramed(site: { origin: string }): Promise<string> {
  const exchanged = page.waitForResponse('**/v2/portal.exchangeSession');
  const { url } = await mint({ slug: 'framed' });
  await embed(site, url);
  const { data } = await (await exchanged).json();
  await frameOf().getByRole('navigation').waitFor();
  return data.token;
}

describe('a page that is not on the list', () => {
  test.each([
    ['of a portal that lists none, on another site', 'my-portal', foreign],
    ['of a portal that lists none, on the same site', 'my-portal', sibling],
    ['of a portal that lists others', 'framed', stranger],
  ])('%s cannot frame it', async (_, slug, site) => {
    const { url } = await mint({ slug });
    const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await embed(site, url);
    await refused;
    await frameOf().waitForURL(/^chrome-error:/);
    expect(await told()).toEqual([]);
    expect(world.complaints.splice(0).join()).toMatch(/frame-ancestors/);
  });

  test('is told nothing, even where a browser lets it frame the portal', async () => {
    await page.route(`${world.base}/?session=*`, async (route) => {
      const response = await route.fetch();
      const { 'content-security-policy': _, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
    await enterFramed(stranger);
    await expire();
    await comeBack(frameOf());
    await heading('Session expired');
    expect(await told()).toEqual([]);
  });
});

describe('a page of another site that is on the list', () => {
  test('frames a portal that works without cookies, tab by tab, in place', async () => {
    const token = await enterFramed(foreign);
    expect(await world.context.cookies()).toEqual([]);
    expect(await isAlive(token)).toBe(true);
    const loads: string[] = [];
    page.on('request', (request) => {
      if (request.isNavigationRequest()) loads.push(request.url());
    });
    for (const tab of ['Analytics', 'Documentation', 'API keys']) {
      await frameOf().getByRole('link', { name: tab, exact: true }).click();
      await frameOf().locator('a[aria-current=page]', { hasText: tab }).waitFor();
    }
    expect(loads).toEqual([]);
    // In memory alone. The browser lets the frame store nothing, as it lets it keep no cookie.
    const traces = '[document.cookie, location.href, window.name, document.documentElement.outerHTML].join()';
    expect(await frameOf().evaluate(traces)).not.toContain(token);
    await expect(frameOf().evaluate('localStorage.length')).rejects.toThrow('Access is denied');
    expect(await told()).toEqual([]);
  });

  test('keeps the focus where its user is', async () => {
    await enterFramed(foreign);
    expect(await page.evaluate('document.activeElement.tagName')).toBe('BODY');
  });

  test('is told when the session has expired, and its frame stays', async () => {
    await enterFramed(foreign);
    await expire();
    await comeBack(frameOf());
    await heading('Session expired');
    expect(await toldAtLast()).toEqual([[world.base, { type: 'portico:session-expired' }]]);
    expect(frameOf().url()).toBe(`${world.base}/keys`);
    const back = frameOf().getByRole('link', { name: 'Back to Acme' });
    expect([await back.getAttribute('href'), await back.getAttribute('target')]).toEqual([world.appUrl, '_top']);
  });

  test('is told when the time of the session is over', async () => {
    await page.clock.install();
    await enterFramed(foreign);
    await page.clock.fastForward(24 * 60 * 60 * 1000 + 2000);
    await heading('Session expired');
    expect(await toldAtLast()).toEqual([[world.base, { type: 'portico:session-expired' }]]);
  });

  test('is told when the link is dead', async () => {
    const { url, sessionId } = await mint({ slug: 'framed' });
    await world.backend.portal.exchangeSession({ sessionId });
    await embed(foreign, url);
    await heading('This link is no longer valid');
    expect(await toldAtLast()).toEqual([[world.base, { type: 'portico:session-expired' }]]);
  });

  test('is told when the user logs out, which ends the session on the server', async () => {
    const token = await enterFramed(foreign);
    await frameOf().getByRole('button', { name: 'Sign out' }).click();
    await heading('You are signed out');
    expect(await toldAtLast()).toEqual([[world.base, { type: 'portico:signed-out' }]]);
    expect(await isAlive(token)).toBe(false);
  });
});

describe('a page of the same site that is on the list', () => {
  test('is told of an expired session when the frame is loaded, and the frame is not led to the return URL', async () => {
    await enter({ slug: 'framed' });
    await expire();
    await embed(sibling, `${world.base}/keys`);
    await heading('Session expired');
    expect(await toldAtLast()).toEqual([[world.base, { type: 'portico:session-expired' }]]);
  });

  test('frames a portal that goes on where its frame is loaded again', async () => {
    await enterFramed(sibling);
    await frameOf().goto(`${world.base}/analytics`);
    await frameOf().getByRole('navigation').waitFor();
  });
});

test('a page that has opened the portal in a window is told nothing', async () => {
  const { url } = await mint({ slug: 'framed' });
  await page.goto(`${foreign.origin}/about:blank`);
  const [opened] = await Promise.all([world.context.waitForEvent('page'), page.evaluate(`void open('${url}')`)]);
  await opened.getByRole('navigation').waitFor();
  await expire();
  await comeBack(opened);
  await opened.waitForURL(/reason=session_expired/);
  expect(await told()).toEqual([]);
});

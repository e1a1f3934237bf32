/** The portal in a frame of another page: only if the operator allows it, and then fully usable without cookies. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Frame, Page } from 'playwright-core';
import { otherSite, portalWorld } from '../support/portal.ts';

const { world, createPortal, createSession, enter, expire, reopen, isAlive, signOut } = portalWorld({
  completeBrowser: true,
});

/** A page that frames the address in its path, and stores the messages about the session that it receives. */
const framing = (path: string) => `<!doctype html><title>Framing</title>
<script>
const messages = [];
addEventListener('message', ({ origin, data }) => {
  if (['portico:height', 'portico:color-scheme'].includes(data.type)) return;
  messages.push([origin, data]);
  document.title = 'Received';
});
</script>
<iframe src="${decodeURIComponent(path.slice(1))}"></iframe>`;

// A different site gets no cookies of the portal. A different origin of the same site gets them.
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
/** Returns the messages that the framing page has received so far. `firstMessages` waits for the first one. */
const messages = () => page.evaluate('messages');
async function firstMessages(): Promise<unknown> {
  await page.locator('xpath=//title[.="Received"]').waitFor({ state: 'attached' });
  return messages();
}
const expectFrameHeading = (name: string | RegExp) => frameOf().getByRole('heading', { name, level: 1 }).waitFor();

/** Opens a page of the site with the address in its frame. */
async function embed(site: { origin: string }, address: string): Promise<void> {
  await page.goto(`${site.origin}/${encodeURIComponent(address)}`);
}

/** Opens a link in a frame, waits for its first tab, and returns the session token. */
async function enterFramed(site: { origin: string }): Promise<string> {
  const exchanged = page.waitForResponse((reply) => reply.url().endsWith('/v2/portal.exchangeSession') && reply.ok());
  const { url } = await createSession({ slug: 'framed' });
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
    const { url } = await createSession({ slug });
    const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await embed(site, url);
    await refused;
    await frameOf().waitForURL(/^chrome-error:/);
    expect(await messages()).toEqual([]);
    expect(world.complaints.splice(0).join()).toMatch(/frame-ancestors/);
  });

  test('receives no message, even if a browser lets it frame the portal', async () => {
    await page.route(`${world.base}/?session=*`, async (route) => {
      const response = await route.fetch();
      const { 'content-security-policy': _, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
    await enterFramed(stranger);
    await expire();
    await reopen(frameOf());
    await expectFrameHeading('Session expired');
    expect(await messages()).toEqual([]);
  });
});

describe('a page of another site that is on the list', () => {
  test('frames a portal whose tabs work without cookies and without page loads', async () => {
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
    // The token is only in memory. The browser blocks storage and cookies in the frame.
    const traces = '[document.cookie, location.href, window.name, document.documentElement.outerHTML].join()';
    expect(await frameOf().evaluate(traces)).not.toContain(token);
    await expect(frameOf().evaluate('localStorage.length')).rejects.toThrow('Access is denied');
    expect(await messages()).toEqual([]);
  });

  test('keeps its focus', async () => {
    await enterFramed(foreign);
    expect(await page.evaluate('document.activeElement.tagName')).toBe('BODY');
  });

  test('receives a message when the session has expired, and its frame stays', async () => {
    await enterFramed(foreign);
    await expire();
    await reopen(frameOf());
    await expectFrameHeading('Session expired');
    expect(await firstMessages()).toEqual([[world.base, { type: 'portico:session-expired' }]]);
    expect(frameOf().url()).toBe(`${world.base}/keys`);
    const back = frameOf().getByRole('link', { name: 'Back to Acme' });
    expect([await back.getAttribute('href'), await back.getAttribute('target')]).toEqual([world.appUrl, '_top']);
  });

  test('receives a message when the lifetime of the session is over', async () => {
    await page.clock.install();
    await enterFramed(foreign);
    await page.clock.fastForward(24 * 60 * 60 * 1000 + 2000);
    await expectFrameHeading('Session expired');
    expect(await firstMessages()).toEqual([[world.base, { type: 'portico:session-expired' }]]);
  });

  test('receives a message when the link is no longer valid', async () => {
    const { url, sessionId } = await createSession({ slug: 'framed' });
    await world.backend.portal.exchangeSession({ sessionId });
    await embed(foreign, url);
    await expectFrameHeading('This link is no longer valid');
    expect(await firstMessages()).toEqual([[world.base, { type: 'portico:session-expired' }]]);
  });

  test('receives a message when the user signs out, which ends the session on the server', async () => {
    const token = await enterFramed(foreign);
    await signOut(frameOf());
    await expectFrameHeading('You are signed out');
    expect(await firstMessages()).toEqual([[world.base, { type: 'portico:signed-out' }]]);
    expect(await isAlive(token)).toBe(false);
  });
});

describe('a page of the same site that is on the list', () => {
  test('receives a message about an expired session on load, and the frame does not redirect to the return URL', async () => {
    await enter({ slug: 'framed' });
    await expire();
    await embed(sibling, `${world.base}/keys`);
    await expectFrameHeading('Session expired');
    expect(await firstMessages()).toEqual([[world.base, { type: 'portico:session-expired' }]]);
  });

  test('opens a link of another user without a question, and leaves the user who is signed in outside of it', async () => {
    await enter({ externalId: 'first_user' });
    const token = await enterFramed(sibling);
    await frameOf().getByText('Signed in as user_123').waitFor();
    await page.goto(`${world.base}/keys`);
    await page.getByText('Signed in as first_user').waitFor();
    expect(await isAlive(token)).toBe(true);
  });

  test('frames a portal that stays signed in when its frame reloads', async () => {
    await enterFramed(sibling);
    await frameOf().goto(`${world.base}/analytics`);
    await frameOf().getByRole('navigation').waitFor();
  });
});

test('a page that has opened the portal in a window receives no message', async () => {
  const { url } = await createSession({ slug: 'framed' });
  await page.goto(`${foreign.origin}/about:blank`);
  const [opened] = await Promise.all([world.context.waitForEvent('page'), page.evaluate(`void open('${url}')`)]);
  await opened.getByRole('navigation').waitFor();
  await expire();
  await reopen(opened);
  await opened.waitForURL(/reason=session_expired/);
  expect(await messages()).toEqual([]);
});

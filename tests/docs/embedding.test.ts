/** The page of the embedding guide in a real browser, on a different site than the portal in its frame. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { portalWorld } from '../support/portal.ts';
import { snippetsOf } from './snippets.ts';

const { world, createPortal, createSession, expire, signOut } = portalWorld({ completeBrowser: true });
const [page] = snippetsOf('docs/integrate/embedding.md').filter(({ language }) => language === 'html');

let created = 0;
/** The application around the frame, with the endpoint from which the page gets a link. */
const host = createServer(async (req, res) => {
  if (req.url === '/portal-link') {
    created++;
    res.end(JSON.stringify(await createSession()));
  } else res.setHeader('content-type', 'text/html').end(page?.code.replace('https://portal.acme.example', world.base));
});
let hostUrl: string;

beforeAll(async () => {
  host.listen(0, '127.0.0.1');
  await once(host, 'listening');
  // The portal is on localhost, which is a different site to a browser.
  hostUrl = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  await createPortal({ slug: 'my-portal', name: 'Acme', embeddingOrigins: [hostUrl] });
});
afterAll(() => {
  host.closeAllConnections();
  host.close();
});

test('it shows the portal, creates a new session after one has expired, and removes the frame on sign-out', async () => {
  const frame = world.page.frameLocator('#portal');
  const opened = () => frame.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
  await world.page.goto(hostUrl);
  await opened();
  expect(created).toBe(1);
  expect(await world.context.cookies()).toEqual([]);

  await expire();
  const again = world.page.waitForResponse('**/portal-link');
  await frame.getByRole('link', { name: 'Analytics' }).click();
  await again;
  await opened();
  expect(created).toBe(2);

  await signOut(frame);
  await world.page.locator('#portal').waitFor({ state: 'detached' });
  expect(created).toBe(2);
});

test('a used link is replaced by a new one while the session is active', async () => {
  await world.page.goto(hostUrl);
  const frame = world.page.frameLocator('#portal');
  await frame.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
  const before = created;
  const again = world.page.waitForResponse('**/portal-link');
  await world.page.locator('#portal').evaluate((element) => {
    const shown = element as unknown as { src: string };
    const link = shown.src;
    shown.src = link;
  });
  await again;
  await frame.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
  expect(created).toBe(before + 1);
});

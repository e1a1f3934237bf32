/** The page of the embedding guide, with the portal in its frame, in a real browser, on another site than the portal's. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { portalWorld } from '../support/portal.ts';
import { snippetsOf } from './snippets.ts';

const { world, createPortal, mint, expire } = portalWorld();
const [page] = snippetsOf('docs/integrate/embedding.md').filter(({ language }) => language === 'html');

let minted = 0;
/** The application around the frame, with the endpoint that the page asks for a link. */
const host = createServer(async (req, res) => {
  if (req.url === '/portal-link') {
    minted++;
    res.end(JSON.stringify(await mint()));
  } else res.setHeader('content-type', 'text/html').end(page?.code.replace('https://portal.acme.example', world.base));
});
let hostUrl: string;

beforeAll(async () => {
  host.listen(0, '127.0.0.1');
  await once(host, 'listening');
  // The portal is on localhost: to a browser that is another site.
  hostUrl = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  await createPortal({ slug: 'my-portal', name: 'Acme', embeddingOrigins: [hostUrl] });
});
afterAll(() => {
  host.closeAllConnections();
  host.close();
});

test('it shows the portal, mints again when the session has expired, and takes the frame away at the log out', async () => {
  const frame = world.page.frameLocator('#portal');
  const opened = () => frame.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
  await world.page.goto(hostUrl);
  await opened();
  expect(minted).toBe(1);
  expect(await world.context.cookies()).toEqual([]);

  await expire();
  const again = world.page.waitForResponse('**/portal-link');
  await frame.getByRole('link', { name: 'Analytics' }).click();
  await again;
  await opened();
  expect(minted).toBe(2);

  await frame.getByRole('button', { name: 'Sign out' }).click();
  await world.page.locator('#portal').waitFor({ state: 'detached' });
  expect(minted).toBe(2);
});

test('a link that was used leads to a fresh one, as long as its session lives', async () => {
  await world.page.goto(hostUrl);
  const frame = world.page.frameLocator('#portal');
  await frame.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
  const before = minted;
  const again = world.page.waitForResponse('**/portal-link');
  await world.page.locator('#portal').evaluate((element) => {
    const shown = element as unknown as { src: string };
    const link = shown.src;
    shown.src = link;
  });
  await again;
  await frame.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
  expect(minted).toBe(before + 1);
});

/** The pages of the guides that call the portal from another origin, as printed, in a real browser. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { root } from '../../src/server/package.ts';
import { otherSite, portalWorld } from '../support/portal.ts';
import { type Snippet, snippetsOf } from './snippets.ts';

const { world, createPortal, createApi, createSession, expire } = portalWorld();

/** The portal as the guides write it, replaced by that of the test. */
const here = (snippet: Snippet | undefined) => String(snippet?.code).replace('https://portal.acme.example', world.base);
const [page] = snippetsOf('docs/integrate/own-front-end.md').filter(({ language }) => language === 'html');
const [program] = snippetsOf('docs/integrate/typescript-client.md').filter(
  ({ section, language }) => section === 'Use it in a browser' && language === 'ts',
);

let script = '';
let created = 0;
/** The customer's page, on another site than the portal. It creates a session as the guide's server does. */
const app = otherSite('127.0.0.1', async (path) => {
  if (path === '/portal-session') {
    created++;
    const { sessionId } = await createSession();
    return JSON.stringify({ sessionId });
  }
  if (path === '/program') return `<!doctype html><title>Program</title><script type="module">${script}</script>`;
  return here(page);
});

let directory: string;
beforeAll(async () => {
  const apiId = await createApi('Payments', 'pay');
  await createPortal({ slug: 'my-portal', apiIds: [apiId], allowedOrigins: [app.origin] });
  directory = await mkdtemp(join(tmpdir(), 'portico-front-end-'));
  const entry = join(directory, 'program.ts');
  await writeFile(entry, here(program));
  const alias = { '@portico/client': join(root, 'clients/typescript/src/index.ts') };
  const bundled = await build({ entryPoints: [entry], bundle: true, format: 'esm', write: false, alias });
  script = bundled.outputFiles[0]?.text ?? '';
});
afterAll(() => rm(directory, { recursive: true }));

test('the page of "Use your own front end" shows and creates keys, and signs in again after the session has ended', async () => {
  created = 0;
  await world.page.goto(app.origin);
  await world.page.getByRole('button', { name: 'Create key' }).click();
  await world.page.getByText('From my own page: pay_').waitFor();
  expect(await world.page.locator('#secret').textContent()).toMatch(/^pay_\w{20,}$/);
  expect(created).toBe(1);
  // The browser did not store the cookie of another site.
  expect(await world.context.cookies()).toEqual([]);

  await expire();
  await world.page.getByRole('button', { name: 'Create key' }).click();
  await world.page.getByRole('listitem').nth(1).waitFor();
  expect(created).toBe(2);
  expect(await world.page.getByRole('alert').textContent()).toBe('');
});

test('the program of "Use it in a browser" signs in and reads the session', async () => {
  const printed = world.page.waitForEvent('console');
  await world.page.goto(`${app.origin}/program`);
  expect((await printed).text()).toContain('user_123');
});

/** The documentation tab: the guide, the API reference, and calls from it to a real API. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type SampleApi, startSampleApi } from '../../scripts/sample-api.ts';
import de from '../../src/portal/messages/de.ts';
import { expectNoViolations } from '../support/axe.ts';
import { portalWorld } from '../support/portal.ts';

const { world, newProfile, createPortal, createApi, enter, asUser, expectHeading } = portalWorld({
  env: { OPENAPI_ALLOW_PRIVATE: 'true' },
  permissions: ['clipboard-read', 'clipboard-write'],
});
let api: SampleApi;
let key: string;

beforeAll(async () => {
  api = await startSampleApi();
  const apiId = await createApi('Acme API', 'acme');
  api.verifyWith(world.backend, apiId);
  const apiIds = [apiId];
  await createPortal({ slug: 'my-portal', name: 'Acme', apiIds, openapiUrl: api.openapiUrl });
  await createPortal({ slug: 'no-document', apiIds });
  await createPortal({ slug: 'dead-document', openapiUrl: 'http://localhost:1/openapi.json' });
  const user = await asUser();
  ({ key } = await user.portal.createKey({ apiId }));
});

afterAll(() => api.stop());

/** Opens the documentation tab as a user of this portal. */
async function read(slug = 'my-portal', permissions?: string[]): Promise<Page> {
  await enter({ slug, ...(permissions && { permissions }) });
  await world.page.getByRole('link', { name: 'Documentation' }).click();
  await expectHeading('Documentation');
  return world.page;
}

const operation = (page: Page, summary: string) => page.locator('.opblock').filter({ hasText: summary });

async function open(page: Page, summary: string) {
  const block = operation(page, summary);
  await block.getByRole('button').first().click();
  await block.locator('.opblock-body').waitFor();
  return block;
}

describe('the guide', () => {
  test.each([
    ['curl', `curl 'URL' \\\n  -H "Authorization: Bearer $API_KEY"`],
    ['TypeScript', 'await fetch("URL", {\n  headers: { "Authorization": `Bearer ${'],
    ['Python', `headers={"Authorization": f"Bearer {os.environ['API_KEY']}"}`],
    ['Go', 'request.Header.Set("Authorization", "Bearer "+os.Getenv("API_KEY"))'],
  ])('shows how to call the API with %s', async (language, code) => {
    const page = await read();
    await page.getByLabel(language, { exact: true }).check();
    const text = (await page.locator('.snippet code').textContent()) ?? '';
    expect(text).toContain(code.replace('URL', `${api.url}/v1/projects`));
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('status').getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text);
  });

  test('links to the keys only for users with key permissions', async () => {
    let page = await read();
    await page.getByRole('link', { name: 'Create a key' }).click();
    await expectHeading('API keys');
    page = await read('my-portal', ['api.*.other']);
    await page.getByText('Authenticate with your key').waitFor();
    expect(await page.getByRole('link', { name: 'Create a key' }).count()).toBe(0);
  });
});

describe('the reference', () => {
  test('shows the whole document, and sends requests only to the portal', async () => {
    const origins: string[] = [];
    world.page.on('request', (request) => origins.push(new URL(request.url()).origin));
    const page = await read();
    await operation(page, 'List projects').waitFor();
    expect(await page.locator('.opblock-summary-path').allTextContents()).toEqual(
      ['/v1/projects', '/v1/projects', '/v1/projects/{id}', '/v1/deployments'].map((path) =>
        expect.stringMatching(
          new RegExp(`^[\\u200b]?${path.replaceAll(/[{}]/g, '\\$&').replaceAll('/', '\\u200b?/')}$`),
        ),
      ),
    );
    expect(await page.locator('.info').textContent()).toContain('Everything you can do in Acme');
    const block = await open(page, 'Deploy a project');
    await block.getByText('acme deploy prj_42').waitFor();
    expect([...new Set(origins)]).toEqual([world.base]);
  });

  test('sends a call with the pasted key, and sends the key only to the API', async () => {
    const page = await read();
    const sent: { url: string; authorization: string | undefined }[] = [];
    page.on('request', (request) => {
      const { authorization } = request.headers();
      if (request.method() !== 'OPTIONS') sent.push({ url: request.url(), authorization });
    });
    await page.getByLabel('Your API key, to try requests from this page').fill(key);
    const block = await open(page, 'List projects');
    await block.getByRole('button', { name: 'Try it out' }).click();
    await block.getByRole('button', { name: 'Execute' }).click();
    await block.locator('.live-responses-table').getByText('prj_42').waitFor();
    expect(sent.filter(({ authorization }) => authorization !== undefined)).toEqual([
      { url: expect.stringContaining(`${api.url}/v1/projects`), authorization: `Bearer ${key}` },
    ]);
    // The page does not store the key: it is gone after a reload.
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).not.toContain(key);
    await page.reload();
    expect(await page.getByLabel('Your API key, to try requests from this page').inputValue()).toBe('');
  });

  test('shows the response of the API to an invalid key', async () => {
    const page = await read();
    await page.getByLabel('Your API key, to try requests from this page').fill('acme_wrong');
    const block = await open(page, 'List projects');
    await block.getByRole('button', { name: 'Try it out' }).click();
    await block.getByRole('button', { name: 'Execute' }).click();
    await block.locator('.live-responses-table').getByText('NOT_FOUND').waitFor();
  });

  test('can call only the servers of the document, and only from its own page', async () => {
    const page = await read();
    await operation(page, 'List projects').waitFor();
    const reaches = (url: string) =>
      page.evaluate(
        (target) =>
          fetch(target).then(
            () => true,
            () => false,
          ),
        url,
      );
    expect(await reaches(api.openapiUrl)).toBe(true);
    expect(await reaches(world.appUrl)).toBe(false);
    await page.goto(`${world.base}/keys`);
    await expectHeading('API keys');
    expect(await reaches(api.openapiUrl)).toBe(false);
    expect(world.complaints).not.toEqual([]);
    // The test expects these violations of the policy.
    world.complaints = [];
  });

  test('is missing if the portal has no document, and the guide stays', async () => {
    const page = await read('no-document');
    await page.getByRole('heading', { name: 'No API reference yet' }).waitFor();
    await page.getByRole('heading', { name: 'Authenticate with your key' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('shows an error if the document is unavailable', async () => {
    const page = await read('dead-document');
    await page.getByRole('alert').getByText('The reference for this API is unavailable right now.').waitFor();
    await page.getByRole('heading', { name: 'Authenticate with your key' }).waitFor();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
  });

  test('shows a note if the copy is stale', async () => {
    await world.page.route('**/v2/portal.getOpenapiDocument', async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { data: { stale: boolean } };
      await route.fulfill({ response, json: { ...body, data: { ...body.data, stale: true } } });
    });
    const page = await read();
    await page.getByText(/^This copy is from .*\. A newer version is unavailable right now\.$/).waitFor();
  });

  test('shows an error if the renderer fails, and the guide stays', async () => {
    await world.page.route('**/assets/renderer-*.js', (route) => route.abort());
    const page = await read();
    await page.getByRole('alert').getByText('The reference for this API is unavailable right now.').waitFor();
    await page.getByRole('heading', { name: 'Authenticate with your key' }).waitFor();
  });
});

test('axe finds no violations in the reference, in open operations and in a response', async () => {
  const page = await read();
  await operation(page, 'List projects').waitFor();
  await expectNoViolations(page);
  for (const summary of ['List projects', 'Create a project', 'Get a project', 'Deploy a project']) {
    const block = await open(page, summary);
    await block.getByRole('button', { name: 'Try it out' }).click();
    if (summary === 'Create a project') await block.getByRole('tab', { name: 'Schema' }).first().click();
  }
  const block = operation(page, 'List projects');
  await block.getByRole('button', { name: 'Execute' }).click();
  await block.locator('.live-responses-table').waitFor();
  await expectNoViolations(page);
});

test('it fits a screen of 360 px', async () => {
  await newProfile({ viewport: { width: 360, height: 640 } });
  const page = await read();
  const overflow = () => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  await operation(page, 'List projects').waitFor();
  expect(await overflow()).toBe(0);
  for (const summary of ['List projects', 'Create a project']) {
    const block = await open(page, summary);
    await block.getByRole('button', { name: 'Try it out' }).click();
    await block.getByRole('button', { name: 'Execute' }).click();
    await block.locator('.live-responses-table').waitFor();
  }
  expect(await overflow()).toBe(0);
});

test('the renderer uses the user’s language, and does not translate the document', async () => {
  await newProfile({ locale: 'de-DE' });
  await enter();
  await world.page.getByRole('link', { name: de.frame.tabs.docs }).click();
  const block = await open(world.page, 'List projects');
  await block.getByRole('button', { name: de.docs.renderer['Try it out'] }).click();
  await block.getByText(de.docs.renderer['Parameters'], { exact: true }).first().waitFor();
  await block.getByText('How many at most.').waitFor();
});

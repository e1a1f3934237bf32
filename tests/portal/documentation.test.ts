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

/** Opens an operation by its link in the tree. */
async function open(page: Page, summary: string) {
  await page.getByRole('navigation', { name: 'Operations' }).getByRole('link', { name: summary }).click();
  const article = page.getByRole('article', { name: summary });
  await article.waitFor();
  return article;
}

describe('the guide', () => {
  test.each([
    ['curl', `curl 'URL' \\\n  -H 'Authorization: Bearer '"$API_KEY"`],
    ['JavaScript', 'await fetch("URL", {'],
    ['Python', `"Authorization": "Bearer " + os.environ["API_KEY"],`],
    ['Go', 'request.Header.Set("Authorization", "Bearer " + os.Getenv("API_KEY"))'],
  ])('shows how to call the API with %s', async (language, code) => {
    const page = await read();
    const guide = page.getByRole('region', { name: 'Authenticate with your key' });
    await guide.getByLabel(language, { exact: true }).check();
    const text = (await guide.locator('.viewer-code code').textContent()) ?? '';
    expect(text).toContain(code.replace('URL', `${api.url}/v1/projects`));
    await guide.getByRole('button', { name: 'Copy' }).click();
    await guide.getByText('Copied').waitFor();
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
  test('shows the document and one operation for each URL, and sends requests only to the portal', async () => {
    const origins: string[] = [];
    world.page.on('request', (request) => origins.push(new URL(request.url()).origin));
    const page = await read();
    const tree = page.getByRole('navigation', { name: 'Operations' });
    await tree.getByRole('link', { name: 'Deploy a project' }).waitFor();
    expect(await tree.getByRole('link').allTextContents()).toEqual([
      ...['Overview', 'GETList projects', 'POSTCreate a project', 'GETGet a project', 'POSTDeploy a project'],
    ]);
    await page.getByText('Everything you can do in').waitFor();
    const article = await open(page, 'Deploy a project');
    await article.getByText('acme deploy prj_42').waitFor();
    expect(new URL(page.url()).hash).toBe('#/deploy');
    expect(await page.getByRole('article').count()).toBe(1);
    // The heading has the focus, so that a screen reader reads it.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Deploy a project');
    await page.reload();
    await page.getByRole('article', { name: 'Deploy a project' }).waitFor();
    await page.goBack();
    await page.getByText('Everything you can do in').waitFor();
    await tree.getByRole('searchbox').fill('proj get');
    await tree.getByRole('link', { name: 'List projects' }).waitFor();
    expect(await tree.getByRole('link').count()).toBe(3);
    expect([...new Set(origins)]).toEqual([world.base]);
  });

  test('has a sample in four languages, which shows no secret and copies it only if the user wants that', async () => {
    const page = await read();
    const article = await open(page, 'Get a project');
    await article.getByRole('button', { name: 'Try it' }).click();
    await article.getByLabel('API key').fill(key);
    const code = article.locator('.viewer-code code').first();
    for (const [language, secret] of Object.entries({
      curl: '"$API_KEY"',
      JavaScript: 'process.env.API_KEY',
      Python: 'os.environ["API_KEY"]',
      Go: 'os.Getenv("API_KEY")',
    })) {
      await article.getByLabel('Language').selectOption(language);
      const text = (await code.textContent()) ?? '';
      expect([language, text]).toEqual([language, expect.stringContaining(secret)]);
      expect(text).toContain(`${api.url}/v1/projects/prj_42`);
      const [withKey, plain] = [0, 1].map((i) =>
        article.locator('.viewer-code').first().locator('.viewer-copy').nth(i),
      );
      await plain?.click();
      await plain?.getByText('Copied').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text);
      await withKey?.click();
      await withKey?.getByText('Copied').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toContain(key);
    }
    expect(await page.evaluate('document.body.innerText')).not.toContain(key);
  });

  test('sends a call with the key, and sends the key only to the API', async () => {
    const page = await read();
    const sent: { url: string; authorization: string | undefined }[] = [];
    page.on('request', (request) => {
      const { authorization } = request.headers();
      if (request.method() !== 'OPTIONS') sent.push({ url: request.url(), authorization });
    });
    let article = await open(page, 'Create a project');
    await article.getByRole('button', { name: 'Try it' }).click();
    await article.getByLabel('API key').fill('acme_wrong');
    await article.getByRole('button', { name: 'Send' }).click();
    await article.getByRole('status').getByText('NOT_FOUND').waitFor();
    article = await open(page, 'List projects');
    await article.getByRole('button', { name: 'Try it' }).click();
    // What the user has entered is there for all operations.
    expect(await article.getByLabel('API key').inputValue()).toBe('acme_wrong');
    await article.getByLabel('API key').fill(key);
    await article.getByLabel('limit').fill('5');
    await article.getByRole('button', { name: 'Send' }).click();
    await article.getByRole('status').getByText('prj_42').waitFor();
    expect(sent.filter(({ authorization }) => authorization !== undefined)).toEqual([
      { url: `${api.url}/v1/projects`, authorization: 'Bearer acme_wrong' },
      { url: `${api.url}/v1/projects?limit=5`, authorization: `Bearer ${key}` },
    ]);
    // The page does not store the key: it is gone after a reload.
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).not.toContain(key);
    await page.reload();
    await page.getByRole('button', { name: 'Try it' }).click();
    expect(await page.getByLabel('API key').inputValue()).toBe('');
  });

  test('offers the key that another page of the user shows, and only while it does', async () => {
    const page = await enter({ permissions: ['api.*.read_key', 'api.*.create_key'] });
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    const created = await page.getByLabel('API key').inputValue();
    const opened = page.context().waitForEvent('page');
    await page.getByRole('link', { name: 'Try it' }).click();
    const other = await opened;
    const tryOn = async (documentation: Page) => {
      await documentation
        .getByRole('navigation', { name: 'Operations' })
        .getByRole('link', { name: 'List projects' })
        .click();
      await documentation.getByRole('button', { name: 'Try it' }).click();
      return documentation.getByRole('button', { name: 'Use the key that you have just created' });
    };
    await (await tryOn(other)).click();
    expect(await other.getByLabel('API key').inputValue()).toBe(created);
    await other.getByRole('button', { name: 'Send' }).click();
    await other.getByRole('status').getByText('prj_42').waitFor();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('button', { name: 'Done' }).click();
    await other.reload();
    expect(await (await tryOn(other)).count()).toBe(0);
  });

  test('offers the last key where no cookies are, because all tabs share a page there', async () => {
    const page = await newProfile();
    await page.addInitScript("Object.defineProperty(document, 'cookie', { get: () => '', set: () => {} })");
    await enter({ permissions: ['api.*.read_key', 'api.*.create_key'] });
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    const created = await page.getByLabel('API key').inputValue();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('status').getByText('Copied').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('link', { name: 'Documentation' }).click();
    await open(page, 'List projects');
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByRole('button', { name: 'Use the key that you have just created' }).click();
    expect(await page.getByLabel('API key').inputValue()).toBe(created);
  });

  test('can call only the servers of the document, and only from its own page', async () => {
    const page = await read();
    await page.getByRole('article').waitFor();
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
});

test('axe finds no violations in the overview, in operations, in a form and in a response', async () => {
  const page = await read();
  await page.getByRole('article').waitFor();
  await expectNoViolations(page);
  for (const summary of ['Create a project', 'Deploy a project', 'List projects']) {
    const article = await open(page, summary);
    await article.getByRole('button', { name: 'Try it' }).click();
    if (summary === 'Deploy a project') await expectNoViolations(page);
  }
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByRole('status').getByText('NOT_FOUND').waitFor();
  await expectNoViolations(page);
});

test('it fits a screen of 360 px', async () => {
  await newProfile({ viewport: { width: 360, height: 640 } });
  const page = await read();
  const overflow = () => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  await page.getByRole('article').waitFor();
  expect(await overflow()).toBe(0);
  const article = await open(page, 'Create a project');
  await article.getByRole('button', { name: 'Try it' }).click();
  await article.getByRole('button', { name: 'Send' }).click();
  await article.getByRole('status').getByText('NOT_FOUND').waitFor();
  expect(await overflow()).toBe(0);
});

test('the viewer uses the user’s language, and does not translate the document', async () => {
  await newProfile({ locale: 'de-DE' });
  await enter();
  await world.page.getByRole('link', { name: de.frame.tabs.docs }).click();
  await world.page
    .getByRole('navigation', { name: de.viewer.navigation })
    .getByRole('link', { name: 'List projects' })
    .click();
  const article = world.page.getByRole('article', { name: 'List projects' });
  await article.getByRole('heading', { name: de.viewer.query }).waitFor();
  await article.getByText('How many at most.').waitFor();
});

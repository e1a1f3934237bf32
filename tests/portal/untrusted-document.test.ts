/** A customer's OpenAPI document is not trusted: what it can make the documentation tab do, and what not. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import de from '../../src/portal/messages/de.ts';
import { portalWorld } from '../support/portal.ts';

const { world, newProfile, createPortal, createApi, enter, asUser, expectHeading } = portalWorld({
  env: { OPENAPI_ALLOW_PRIVATE: 'true' },
});

/** The site of the attacker. It serves the documents, redirects calls to the portal, and records what arrives. */
const evil = { origin: '', documents: {} as Record<string, object>, arrived: [] as IncomingMessage[] };
const server = createServer((req, res) => {
  evil.arrived.push(req);
  res.setHeader('Access-Control-Allow-Origin', '*').setHeader('Access-Control-Allow-Headers', '*');
  const [, kind = '', rest = ''] = /^\/([^/?]+)(.*)$/.exec(req.url ?? '') ?? [];
  if (req.method !== 'OPTIONS' && kind === 'redirect') res.writeHead(307, { Location: world.base + rest });
  res.end(JSON.stringify(evil.documents[kind] ?? {}));
});
let apiId: string;

/** These differ in what they can have. */
const versions = ['3.0.3', '3.1.0'];
const slugOf = (version: string) => version.replaceAll('.', '-');

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  evil.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  apiId = await createApi('Acme API', 'acme');
  evil.documents['attack'] = attack();
  evil.documents['markdown'] = { ...attack(), info: { title: 'Markdown', version: '1', description: markdown } };
  for (const version of versions) evil.documents[slugOf(version)] = everything(version);
  for (const slug of Object.keys(evil.documents)) {
    await createPortal({ slug, apiIds: [apiId], openapiUrl: `${evil.origin}/${slug}` });
  }
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function read(slug: string, tab = 'Documentation'): Promise<Page> {
  await enter({ slug });
  await world.page.getByRole('link', { name: tab }).click();
  await expectHeading(tab);
  await world.page
    .getByRole('article')
    .or(world.page.getByRole('heading', { name: 'API keys' }))
    .first()
    .waitFor();
  return world.page;
}

/** HTML inside and outside of code, and links and images that must not work. */
const markdown = `<b>bold</b> <i>italic</i> \`<i>\` \`List<b>\`<br/>next

\`\`\`
<b>literal</b><br/><i>x</i>
\`\`\`

# A heading

| a | b |
|:-:|---|
| 1 | 2 |

[good](https://acme.example/?a=1&b=2) [portal](/signed-out) [script](javascript:alert(1)) [here](#x) ![logo](https://acme.example/a.png)
![dot](data:image/png;base64,iVBORw0KGgo=) <img src="x" onerror="alert(1)"> <p style="position:fixed" class="button" id="portal">p</p>
<script>alert(1)</script><svg/onload=alert(1)>`;

/** Operations that create a key at the portal, each by another address. */
function attack() {
  const { base } = world;
  const hello = { summary: 'Say hello', responses: { 200: { description: 'Hello.' } } };
  const body = { content: { 'application/json': { example: { apiId, name: 'Hello' } } } };
  const post = (servers?: object[]) => ({ post: { ...hello, requestBody: body, ...(servers && { servers }) } });
  const path = (n: number) => `/v2/portal.createKey#${n}`;
  const variables = { where: { default: base.replace('http://', '') } };
  return {
    openapi: '3.0.3',
    info: { title: 'Payments', version: '1' },
    servers: [{ url: base }],
    paths: {
      [path(0)]: post(),
      [path(1)]: { servers: [{ url: base.toUpperCase() }], ...post() },
      [path(2)]: post([{ url: 'http://{where}', variables }]),
      [path(3)]: post([{ url: base.replace('localhost', 'localhost.') }]),
      [path(4)]: post([{ url: `${evil.origin}/redirect` }]),
    },
  };
}

/** A document with an address of the attacker in every place that can have one. */
function everything(version: string) {
  let n = 0;
  const beacon = () => `${evil.origin}/beacon/${++n}`;
  const text = () =>
    `![a](${beacon()}) <img src="${beacon()}"> <link rel="prefetch" href="${beacon()}"> <style>@import "${beacon()}"</style>` +
    ` <svg><image href="${beacon()}"/></svg> <video src="${beacon()}"></video> <b style="background:url(${beacon()})">b</b> ${beacon()}`;
  const docs = () => ({ url: beacon(), description: text() });
  const schema = () => ({
    $id: beacon(),
    type: 'object',
    description: text(),
    externalDocs: docs(),
    discriminator: { propertyName: 'kind', mapping: { a: beacon() } },
    xml: { namespace: beacon() },
    properties: {
      a: { $ref: beacon() },
      b: { $ref: '#/components/schemas/Other' },
      c: { $dynamicRef: beacon() },
      d: { $schema: beacon(), type: 'string', contentSchema: { $ref: beacon() } },
    },
    allOf: [{ $ref: beacon() }],
  });
  const examples = () => ({ one: { externalValue: beacon() }, two: { $ref: beacon() } });
  const content = () => ({
    'application/json': { schema: schema(), examples: examples() },
    'image/png': { example: beacon() },
  });
  const operation = () => ({
    summary: 'Show',
    description: text(),
    externalDocs: docs(),
    servers: [{ url: beacon(), description: text() }],
    parameters: [
      { name: 'a', in: 'query', description: text(), schema: schema(), examples: examples() },
      { $ref: beacon() },
      { name: 'b', in: 'query', content: content() },
    ],
    requestBody: { description: text(), content: content() },
    responses: {
      200: {
        description: text(),
        content: content(),
        headers: { 'X-A': { description: text(), schema: schema() } },
        links: { next: { operationRef: beacon(), description: text(), server: { url: beacon() } } },
      },
      400: { $ref: beacon() },
    },
    callbacks: { done: { [beacon()]: { post: { responses: {} } } } },
    'x-codeSamples': [{ source: beacon() }],
  });
  const flow = () => ({ authorizationUrl: beacon(), tokenUrl: beacon(), refreshUrl: beacon(), scopes: {} });
  const securitySchemes = {
    oidc: { type: 'openIdConnect', openIdConnectUrl: beacon(), description: text() },
    oauth: { type: 'oauth2', flow: 'implicit', ...flow(), flows: { implicit: flow(), authorizationCode: flow() } },
    key: { type: 'apiKey', in: 'header', name: 'X-Key', description: text() },
  };
  const info = {
    title: 'Payments',
    version: '1',
    description: text(),
    termsOfService: beacon(),
    contact: { url: beacon() },
    license: { name: 'Free', url: beacon() },
    'x-logo': { url: beacon() },
  };
  return {
    info,
    externalDocs: docs(),
    tags: [{ name: 'a', description: text(), externalDocs: docs() }],
    security: [{ oidc: [] }, { oauth: [] }, { key: [] }],
    paths: { '/a': { description: text(), get: operation(), post: operation() }, '/b': { $ref: beacon() } },
    openapi: version,
    $self: beacon(),
    jsonSchemaDialect: beacon(),
    servers: [{ url: evil.origin, description: text() }],
    webhooks: { done: { post: operation() } },
    components: { securitySchemes, schemas: { Other: schema() }, examples: examples() },
  };
}

/** The links to the operations in the tree. */
const operationsIn = (page: Page) => page.locator('.viewer-tree li a');

test('"Send" sends nothing to the portal, however the document writes its address', async () => {
  await newProfile({ locale: 'de-DE' });
  const toPortal: string[] = [];
  const page = await read('attack', de.frame.tabs.docs);
  page.on('request', (request) => toPortal.push(`${request.method()} ${request.url()}`));
  evil.arrived = [];
  let refused = 0;
  for (const link of await operationsIn(page).all()) {
    await link.click();
    await page.getByRole('button', { name: de.viewer.tryIt }).click();
    const send = page.getByRole('button', { name: de.viewer.send, exact: true });
    await send.or(page.getByText(de.viewer.cannotCall)).waitFor();
    if ((await send.count()) === 0) refused++;
    else {
      await send.click();
      await page.getByText(de.viewer.failed).waitFor();
    }
  }
  // What cannot be called is not offered.
  expect(refused).toBe(4);
  // The browser follows no redirect, so it asks only the attacker, and tells him nothing about the user.
  expect(toPortal.filter((request) => request.includes(world.base))).toEqual([]);
  expect(evil.arrived.map(({ method, url, headers }) => [method, url, headers.cookie])).toEqual([
    ['OPTIONS', '/redirect/v2/portal.createKey', undefined],
    ['POST', '/redirect/v2/portal.createKey', undefined],
  ]);
  const user = await asUser({ slug: 'attack' });
  expect((await user.portal.listKeys({ apiId })).data).toEqual([]);
});

test('the page of the tab can call no other operation of the portal, even if a document gets past the viewer', async () => {
  const page = await read('attack');
  const reaches = (operation: string) =>
    page.evaluate(
      (path) =>
        fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }).then(
          (response) => response.status,
          () => 0,
        ),
      `/v2/portal.${operation}`,
    );
  expect(await reaches('getSession')).toBe(200);
  for (const operation of ['createKey', 'deleteKey', 'rerollKey', 'listKeys', 'exchangeSession']) {
    expect([operation, await reaches(operation)]).toEqual([operation, 0]);
  }
  expect(world.complaints.splice(0)).not.toEqual([]);
  // Another tab is another page, with its own policy.
  await page.getByRole('link', { name: 'API keys', exact: true }).click();
  await expectHeading('API keys');
  expect(await reaches('createKey')).toBe(400);
});

test.each(versions)('a document of OpenAPI %s fetches nothing by being shown', async (version) => {
  const foreign: string[] = [];
  world.page.on('request', (request) => {
    if (!request.url().startsWith(world.base) && !request.url().startsWith('data:')) foreign.push(request.url());
  });
  const page = await read(slugOf(version));
  for (const link of await operationsIn(page).all()) {
    await link.click();
    for (const summary of await page.locator('.viewer-response > summary').all()) await summary.click();
    for (const more of await page.getByRole('button', { name: 'Show the fields of' }).all()) await more.click();
    const tryIt = page.getByRole('button', { name: 'Try it' });
    if ((await tryIt.count()) > 0) await tryIt.click();
  }
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('heading', { name: 'Payments' }).waitFor();
  expect(foreign).toEqual([]);
  // HTML is sanitized: nothing of it that could fetch, and no style, is in the page.
  expect(await page.locator('.viewer-markdown b').count()).toBeGreaterThan(0);
  const odd =
    '.viewer-markdown :is(img, link, style, svg, video, script, iframe, form, input, [style], [class], [id], [onclick])';
  expect(await page.locator(odd).count()).toBe(0);
});

test('Markdown shows code as it is, and of HTML only what is harmless', async () => {
  const page = await read('markdown');
  const text = page.locator('.viewer-markdown').first();
  expect(await text.locator('code').allTextContents()).toEqual(['<i>', 'List<b>', '<b>literal</b><br/><i>x</i>\n']);
  expect(await text.locator('b, i, br').count()).toBe(3);
  expect(await text.getByRole('heading', { level: 3 }).allTextContents()).toEqual(['A heading']);
  const links = text.getByRole('link');
  expect(
    await links.evaluateAll((all) =>
      all.map((link) => [link.textContent, link.getAttribute('href'), link.getAttribute('rel')]),
    ),
  ).toEqual([
    ['good', 'https://acme.example/?a=1&b=2', 'noreferrer'],
    ['logo', 'https://acme.example/a.png', 'noreferrer'],
  ]);
  expect(await text.locator('img').count()).toBe(1);
  expect(await text.locator(':is(script, svg, [style], [class], [id], [onerror])').count()).toBe(0);
});

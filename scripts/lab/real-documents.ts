/**
 * `npx node scripts/lab/real-documents.ts FOLDER` reads each OpenAPI document of a folder as the server does, checks that the viewer shows
 * all of it, and prints what is wrong. With `--browser` it measures in Chromium how long the first operation takes from choosing
 * the documentation tab. With `--blocks` it measures how long the event loop of the server is blocked by the largest of the documents,
 * and by one of the maximum size. With
 * `--pictures=FOLDER` it takes pictures of some operations.
 */
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { Portico } from '../../clients/typescript/src/index.ts';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { readInProcess } from '../../src/server/domain/documents/openapi-process.ts';
import { checkStructure } from '../../src/ui/openapi/check-structure.ts';
import { parseJson } from '../../src/ui/openapi/json.ts';
import { startBrowser } from '../../tests/support/browser.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { portico, startServer } from '../../tests/support/server.ts';
import { buildIfStale } from '../freshness/if-stale.ts';

/** The maximum size of a document by default, in MiB, and how often each time is measured. */
const [maxMib, rounds] = [16, 5];
/** The server measures its event loop in steps of this length, in ms: what it reports is up to this much longer. */
const stepMs = 10;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    browser: { type: 'boolean', default: false },
    blocks: { type: 'boolean', default: false },
    pictures: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('name the folder with the documents');

const files = (await readdir(folder)).filter((name) => /\.(json|ya?ml)$/.test(name)).sort();
const texts = new Map(
  await Promise.all(files.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
);

/** A document of the maximum size. */
function largest(): string {
  const operation = (i: number) => ({
    operationId: `thing${i}`,
    description: 'Returns one thing, with everything that belongs to it. '.repeat(8),
    responses: { 200: { description: 'The thing.', content: { 'application/json': { schema: { type: 'object' } } } } },
  });
  const paths = Object.fromEntries(Array.from({ length: 25_000 }, (_, i) => [`/things/${i}`, { get: operation(i) }]));
  const document = { openapi: '3.1.0', info: { title: 'Large', version: '1' }, paths };
  const room = maxMib * 2 ** 20 - Buffer.byteLength(JSON.stringify(document)) - 100;
  return JSON.stringify({ ...document, 'x-more': 'x'.repeat(Math.max(room, 0)) });
}

let problems = 0;
console.log('document                              size   read  operations  lines  longest operation  heap   problems');
for (const [name, text] of texts) {
  const begun = performance.now();
  const { json } = await readInProcess(text, 'https://acme.example/openapi', maxMib);
  const readMs = performance.now() - begun;
  const before = process.memoryUsage().heapUsed;
  const found = checkStructure(parseJson(json.toString()));
  const heap = (process.memoryUsage().heapUsed - before) / 2 ** 20;
  problems += found.problems.length;
  console.log(
    [
      name.padEnd(34),
      `${(text.length / 1e6).toFixed(2)} MB`.padStart(8),
      `${(readMs / 1000).toFixed(1)} s`.padStart(6),
      String(found.operations).padStart(11),
      String(found.schemaLines).padStart(6),
      `${found.longest.ms.toFixed(0)} ms`.padStart(18),
      `${heap.toFixed(0)} MiB`.padStart(8),
      String(found.problems.length).padStart(8),
    ].join(' '),
  );
  for (const problem of found.problems.slice(0, 10)) console.log(`    ${problem}`);
}
process.exitCode = problems > 0 ? 1 : 0;

if (values.browser || values.blocks || values.pictures !== undefined) await onServer();

async function onServer(): Promise<void> {
  const documents = createServer((req, res) => {
    const name = decodeURIComponent(req.url?.slice(1) ?? '');
    res.end(name === 'largest.json' ? largest() : texts.get(name));
  }).listen(0, '127.0.0.1');
  await once(documents, 'listening');
  const origin = `http://127.0.0.1:${(documents.address() as AddressInfo).port}`;
  const [redis, browser] = await Promise.all([startRedis(), startBrowser(), buildIfStale()]);
  /** A server, and a function that returns the longest that its event loop was blocked since the last call, in ms. */
  async function startOne() {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const env = { NODE_ENV: 'production', OPENAPI_ALLOW_PRIVATE: 'true', METRICS_PORT: String(metricsPort) };
    const server = await startServer({ PORT: String(port), REDIS_URL: redis.url, ...env });
    const longestBlock = async (): Promise<number> => {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const [, seconds] = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text) ?? [];
      return Math.max(0, Number(seconds) * 1000 - stepMs);
    };
    return { server, base: `http://localhost:${port}`, longestBlock };
  }
  const [first, second] = [await startOne(), await startOne()];
  const { base } = first;

  try {
    const { rootKey } = await portico<{ rootKey: string }>(redis.url, 'workspace', 'create', '--name', 'Acme');
    const backend = new Portico({ baseUrl: base, rootKey });
    const { apiId } = await backend.apis.createApi({ name: 'API' });
    const newToken = async (slug: string) => {
      const permissions = ['api.*.read_key'];
      const { sessionId } = await backend.portal.createSession({ slug, externalId: 'user_123', permissions });
      return (await backend.portal.exchangeSession({ sessionId })).token;
    };
    /** Chooses the tab in a new profile. Returns the time until the first operation is readable, in ms. */
    const openTab = async (slug: string, pictures?: { into: string; name: string }): Promise<number> => {
      const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1440, height: 900 } });
      await context.addCookies([{ name: 'portal_session', value: await newToken(slug), url: base }]);
      const page = await context.newPage();
      await page.goto(`${base}/keys`);
      await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
      const begun = performance.now();
      await page.getByRole('link', { name: 'Documentation' }).click({ noWaitAfter: true });
      await page.locator('.viewer-operation h2').waitFor();
      const took = performance.now() - begun;
      if (pictures !== undefined) await picture(page, pictures);
      await context.close();
      return took;
    };
    const picture = async (page: Page, { into, name }: { into: string; name: string }) => {
      await mkdir(into, { recursive: true });
      await page.screenshot({ path: join(into, `${name}-overview.png`) });
      const links = page.locator('.viewer-tree details a');
      const count = await links.count();
      for (const at of new Set([0, Math.floor(count / 2), count - 1])) {
        await links.nth(at).click();
        await page.waitForTimeout(200);
        await page.screenshot({ path: join(into, `${name}-${at}.png`), fullPage: true });
      }
    };

    const create = async (slug: string, name: string) => {
      await backend.portal.createConfiguration({ slug, apiIds: [apiId], openapiUrl: `${origin}/${name}` });
      return newToken(slug);
    };
    const median = (numbers: number[]) =>
      Math.round(numbers.toSorted((x, y) => x - y)[Math.floor(numbers.length / 2)] ?? 0);
    const spread = (numbers: number[]) =>
      `${median(numbers)} ms (${Math.round(Math.min(...numbers))} to ${Math.round(Math.max(...numbers))})`;

    if (values.browser || values.pictures !== undefined) {
      console.log('\nfirst operation after choosing the tab: median (min to max)');
      for (const [i, name] of files.entries()) {
        await create(`document-${i}`, name);
        const pictures = values.pictures === undefined ? undefined : { into: values.pictures, name };
        const times: number[] = [];
        for (let round = 0; round < (values.browser ? rounds : 1); round++)
          times.push(await openTab(`document-${i}`, round === 0 ? pictures : undefined));
        console.log(`${name.padEnd(34)} ${spread(times)}`);
      }
    }

    if (values.blocks) {
      console.log(
        '\nlongest block of the event loop: median (min to max). On a busy machine, only the minimum is that of the server',
      );
      const largestFile = [...texts].sort(([, x], [, y]) => y.length - x.length)[0]?.[0] ?? '';
      for (const [i, name] of [largestFile, 'largest.json'].entries()) {
        const tokens: string[] = [];
        for (let round = 0; round < rounds; round++) tokens.push(await create(`block-${i}-${round}`, name));
        const read = ({ base: baseUrl }: typeof first, sessionToken: string) =>
          fetch(`${baseUrl}/v2/portal.getOpenapiDocument`, {
            method: 'POST',
            headers: { authorization: `Bearer ${sessionToken}` },
          }).then((response) => response.arrayBuffer());
        const blocksOf = async (server: typeof first, times: number) => {
          const blocks: number[] = [];
          for (const token of tokens) {
            if (times > 1) await read(server, token);
            await server.longestBlock();
            await read(server, token);
            blocks.push(await server.longestBlock());
          }
          return spread(blocks);
        };
        console.log(`${name.padEnd(34)} fetched: ${await blocksOf(first, 1)}`);
        console.log(`${''.padEnd(34)} from Redis: ${await blocksOf(second, 1)}`);
        console.log(`${''.padEnd(34)} from memory: ${await blocksOf(second, 2)}`);
      }
    }
  } finally {
    await Promise.all([browser.close(), first.server.stop(), second.server.stop()]);
    await redis.stop();
    documents.close();
  }
}

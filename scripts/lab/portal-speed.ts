/**
 * Measures the time from opening a link with an empty cache until the brand and then the keys are visible and usable, and by how much the page
 * moves meanwhile. It measures each way of slowing the browser down several times, in turns, and prints the median and the spread. Then it uses a
 * list of 100 keys and prints how long the page takes to show the result of each input. `--rounds=5 --only=quarter --no-inputs` is shorter.
 */
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { Portico } from '../../clients/typescript/src/index.ts';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { startBrowser } from '../../tests/support/browser.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { portico, startServer } from '../../tests/support/server.ts';
import { buildIfStale } from '../freshness/if-stale.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    /** Only this condition, by a part of its name. */
    only: { type: 'string', default: '' },
    inputs: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const rounds = Number(values.rounds);

/** Limits of the browser: CPU slowdown factor, network latency in ms and rate in Mbit/s. */
interface Condition {
  name: string;
  cpu: number;
  network?: { latency: number; rate: number };
}

const allConditions: Condition[] = [
  { name: 'no limits', cpu: 1 },
  { name: 'CPU at half speed', cpu: 2 },
  { name: 'CPU at half speed, 20 ms and 20 Mbit/s', cpu: 2, network: { latency: 20, rate: 20 } },
  { name: 'CPU at quarter speed, 20 ms and 20 Mbit/s', cpu: 4, network: { latency: 20, rate: 20 } },
];

const conditions = allConditions.filter(({ name }) => name.includes(values.only));

/** What the page records of itself, for `readCls` and `readSlowest`. */
const record = `
globalThis.shifts = 0;
globalThis.slowest = 0;
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) shifts += shift.value;
}).observe({ type: 'layout-shift', buffered: true });
new PerformanceObserver((list) => {
  for (const { interactionId, duration } of list.getEntries()) if (interactionId > 0) slowest = Math.max(slowest, duration);
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
`;

/** The largest group of shifts is the CLS of web.dev. All of them together are no less. */
const readCls = (page: Page) => page.evaluate('shifts') as Promise<number>;

/** The longest time from an input to the next picture, in ms. It is read after the observer has seen the last input. */
const readSlowest = (page: Page) =>
  page.evaluate(
    'new Promise((resolve) => setTimeout(() => { const last = slowest; slowest = 0; resolve(last); }, 200))',
  ) as Promise<number>;

/** A page of a new browser profile, slowed down. */
async function slowPage(browser: Browser, { cpu, network }: Condition): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(record);
  const devTools = await context.newCDPSession(page);
  await devTools.send('Emulation.setCPUThrottlingRate', { rate: cpu });
  if (network !== undefined) {
    const bytesPerSecond = (network.rate * 1_000_000) / 8;
    await devTools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: network.latency,
      downloadThroughput: bytesPerSecond,
      uploadThroughput: bytesPerSecond,
    });
  }
  return page;
}

const usable = (page: Page) => page.getByRole('button', { name: 'Actions for Production' });

/** When the brand is visible and when the keys are usable, in ms from opening the link, and by how much the page moves. */
interface Opening {
  branded: number;
  usable: number;
  cls: number;
}

async function open(browser: Browser, url: string, condition: Condition): Promise<Opening> {
  const page = await slowPage(browser, condition);
  const begun = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await usable(page).waitFor();
  const took = performance.now() - begun;
  const painted = (await page.evaluate(
    'performance.getEntriesByName("first-contentful-paint")[0].startTime',
  )) as number;
  await page.waitForLoadState('networkidle');
  const cls = await readCls(page);
  await page.context().close();
  return { branded: painted, usable: took, cls };
}

/** Uses the list as people do, and returns the slowest of each kind of input, in ms. */
async function use(browser: Browser, url: string, condition: Condition): Promise<[input: string, ms: number][]> {
  const page = await slowPage(browser, condition);
  await page.goto(url);
  await usable(page).waitFor();
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const settled = () => page.locator('table:not([aria-busy=true])').waitFor();
  const inputs: [string, () => Promise<unknown>][] = [
    ['open a menu', () => button('Actions for Production').click()],
    ['close it', () => page.keyboard.press('Escape')],
    ['type into the search', () => page.getByRole('searchbox').pressSequentially('key 1', { delay: 60 })],
    ['clear the search', () => page.getByRole('searchbox').fill('')],
    ['filter by state', () => page.locator('.segments label').nth(1).click()],
    ['sort', () => button('Last used').click()],
    ['next page', () => button('Next page').click()],
    ['open details', () => page.getByRole('rowheader').first().getByRole('button').click()],
    ['close them', () => page.keyboard.press('Escape')],
    ['open the form of a new key', () => button('Create key').click()],
  ];
  await readSlowest(page);
  const found: [string, number][] = [];
  for (const [name, act] of inputs) {
    await act();
    await page.waitForLoadState('networkidle');
    await settled();
    found.push([name, await readSlowest(page)]);
  }
  await page.context().close();
  return found;
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
/** The median of the numbers with the least and the greatest, rounded. */
const spread = (numbers: number[]) =>
  `${String(Math.round(median(numbers))).padStart(6)}   (${Math.round(Math.min(...numbers))} to ${Math.round(Math.max(...numbers))})`;

const port = await freePort();
const [redis, browser] = await Promise.all([startRedis(), startBrowser(), buildIfStale()]);
const server = await startServer({ PORT: String(port), REDIS_URL: redis.url, NODE_ENV: 'production' });
try {
  const base = `http://localhost:${port}`;
  const { rootKey } = await portico<{ rootKey: string }>(redis.url, 'workspace', 'create', '--name', 'Acme');
  const backend = new Portico({ baseUrl: base, rootKey });
  const { apiId } = await backend.apis.createApi({ name: 'API' });
  await backend.portal.createConfiguration({ slug: 'speed', name: 'Acme', returnUrl: `${base}/docs`, apiIds: [apiId] });
  const permissions = ['api.*.read_key', 'api.*.create_key', 'api.*.update_key', 'api.*.delete_key'];
  const newSession = (externalId: string) => backend.portal.createSession({ slug: 'speed', externalId, permissions });
  /** Creates a user with keys. That on the first page is named Production. */
  async function createUser(externalId: string, keyCount: number): Promise<void> {
    const { sessionId } = await newSession(externalId);
    const { token } = await backend.portal.exchangeSession({ sessionId });
    for (let i = 1; i <= keyCount; i++)
      await backend.portal.createKey(
        { apiId, name: i === keyCount ? 'Production' : `Key ${i}` },
        { sessionToken: token },
      );
  }
  await createUser('user_1', 1);
  await createUser('user_100', 100);

  const openings = new Map(conditions.map(({ name }) => [name, [] as Opening[]]));
  // The first round warms up the server and the browser and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const condition of conditions) {
      const opening = await open(browser, (await newSession('user_1')).url, condition);
      if (round > 0) openings.get(condition.name)?.push(opening);
    }
  }
  console.log(`ms from opening the link, cold cache, ${rounds} rounds: median (min to max); CLS: the greatest`);
  for (const [name, measured] of openings) {
    console.log(name);
    console.log(`  brand visible ${spread(measured.map(({ branded }) => branded))}`);
    console.log(`  keys usable   ${spread(measured.map((each) => each.usable))}`);
    console.log(
      `  CLS           ${Math.max(...measured.map(({ cls }) => cls))
        .toFixed(4)
        .padStart(6)}`,
    );
  }
  if (values.inputs) console.log('ms from an input to the next picture, with 100 keys; at most 16 ms are shown as 0');
  for (const condition of values.inputs ? conditions : []) {
    const inputs = await use(browser, (await newSession('user_100')).url, condition);
    console.log(`${condition.name}: INP ${Math.max(...inputs.map(([, ms]) => ms))}`);
    for (const [input, ms] of inputs) console.log(`  ${input.padEnd(30)} ${String(ms).padStart(4)}`);
  }
} finally {
  await Promise.all([browser.close(), server.stop()]);
  await redis.stop();
}

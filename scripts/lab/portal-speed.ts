/**
 * Measures the time from opening a link with an empty cache until the keys are visible and usable. It measures each way of
 * slowing the browser down several times, in turns, and prints the median and the spread.
 */
import type { Browser } from 'playwright-core';
import { Portico } from '../../clients/typescript/src/index.ts';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { startBrowser } from '../../tests/support/browser.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { portico, startServer } from '../../tests/support/server.ts';
import { buildIfStale } from '../freshness/if-stale.ts';

const rounds = 11;

/** Limits of the browser: CPU slowdown factor, network latency in ms and rate in Mbit/s. */
const conditions = [
  { name: 'no limits', cpu: 1 },
  { name: 'CPU at half speed', cpu: 2 },
  { name: 'CPU at half speed, 20 ms and 20 Mbit/s', cpu: 2, network: { latency: 20, rate: 20 } },
  { name: 'CPU at quarter speed, 20 ms and 20 Mbit/s', cpu: 4, network: { latency: 20, rate: 20 } },
];

/** Opens the link in a new browser profile and returns the time until the keys are usable, in ms. */
async function usableAfter(
  browser: Browser,
  url: string,
  { cpu, network }: (typeof conditions)[number],
): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
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
  const begun = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.getByRole('button', { name: 'Manage Production' }).waitFor();
  const took = performance.now() - begun;
  await context.close();
  return took;
}

const port = await freePort();
const [redis, browser] = await Promise.all([startRedis(), startBrowser(), buildIfStale()]);
const server = await startServer({ PORT: String(port), REDIS_URL: redis.url, NODE_ENV: 'production' });
try {
  const base = `http://localhost:${port}`;
  const { rootKey } = await portico<{ rootKey: string }>(redis.url, 'workspace', 'create', '--name', 'Acme');
  const backend = new Portico({ baseUrl: base, rootKey });
  const { apiId } = await backend.apis.createApi({ name: 'API' });
  await backend.portal.createConfiguration({ slug: 'speed', apiIds: [apiId] });
  const grant = { slug: 'speed', externalId: 'user_123', permissions: ['api.*.read_key', 'api.*.create_key'] };
  const newSession = () => backend.portal.createSession(grant);
  const { sessionId } = await newSession();
  const { token } = await backend.portal.exchangeSession({ sessionId });
  await backend.portal.createKey({ apiId, name: 'Production' }, { sessionToken: token });

  const times = new Map(conditions.map(({ name }) => [name, [] as number[]]));
  // The first round warms up the server and the browser and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const condition of conditions) {
      const took = await usableAfter(browser, (await newSession()).url, condition);
      if (round > 0) times.get(condition.name)?.push(took);
    }
  }
  console.log(`ms from opening the link to usable keys, cold cache, ${rounds} rounds   median   (min to max)`);
  for (const [name, measured] of times) {
    const sorted = measured.sort((a, b) => a - b).map(Math.round);
    const median = String(sorted[Math.floor(sorted.length / 2)]);
    console.log(`${name.padEnd(66)} ${median.padStart(6)}   (${sorted.at(0)} to ${sorted.at(-1)})`);
  }
} finally {
  await Promise.all([browser.close(), server.stop()]);
  await redis.stop();
}

/**
 * Measures the time from opening a link with an empty cache until the keys are visible and usable. It measures each way of
 * slowing the browser down several times, in turns, and prints the median and the spread.
 */
import type { Browser } from 'playwright-core';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { createClient, createConfig } from '../../generated/client/client/index.ts';
import { Portico } from '../../generated/client/sdk.gen.ts';
import { startBrowser } from '../../tests/support/browser.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { portico, startServer } from '../../tests/support/server.ts';
import { buildIfStale } from '../builds/if-stale.ts';

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
  const backend = new Portico({ client: createClient(createConfig({ baseUrl: base, auth: rootKey })) });
  const { apiId } = (await backend.apis.createApi({ body: { name: 'API' }, throwOnError: true })).data.data;
  await backend.portal.createConfiguration({ body: { slug: 'speed', apiIds: [apiId] }, throwOnError: true });
  const grant = { slug: 'speed', externalId: 'user_123', permissions: ['api.*.read_key', 'api.*.create_key'] };
  const newSession = async () => (await backend.portal.createSession({ body: grant, throwOnError: true })).data.data;
  const { sessionId } = await newSession();
  const { token } = (await backend.portal.exchangeSession({ body: { sessionId }, throwOnError: true })).data.data;
  const auth = ({ type }: { type: string }) => (type === 'http' ? token : undefined);
  const user = new Portico({ client: createClient(createConfig({ baseUrl: base, auth })), key: 'user' });
  await user.portal.createKey({ body: { apiId, name: 'Production' }, throwOnError: true });

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

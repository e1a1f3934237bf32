/**
 * How long it takes from opening a link, with a browser that has nothing of the portal in its cache, until the keys are on
 * the screen and can be managed: `npx node scripts/lab/portal-speed.ts`. Each way of slowing the browser down is measured in turn, several
 * times; the median and the spread are printed.
 */
import type { Browser } from 'playwright-core';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { createClient, createConfig } from '../../generated/client/client/index.ts';
import { Portico } from '../../generated/client/sdk.gen.ts';
import { startBrowser } from '../../tests/support/browser.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { portico, startServer } from '../../tests/support/server.ts';
import { buildIfStale } from '../build/stale.ts';

const rounds = 11;

/** How the browser is slowed down: its processor by a factor, its network to a latency in ms and a rate in Mbit/s. */
const conditions = [
  { name: 'as this machine is', cpu: 1 },
  { name: 'processor at a half', cpu: 2 },
  { name: 'processor at a half, 20 ms and 20 Mbit/s', cpu: 2, network: { latency: 20, rate: 20 } },
  { name: 'processor at a quarter, 20 ms and 20 Mbit/s', cpu: 4, network: { latency: 20, rate: 20 } },
];

/** Opens the link in a browser profile of its own, and returns after how many ms the keys can be managed. */
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
  const asked = { slug: 'speed', externalId: 'user_123', permissions: ['api.*.read_key', 'api.*.create_key'] };
  const mint = async () => (await backend.portal.createSession({ body: asked, throwOnError: true })).data.data;
  const { sessionId } = await mint();
  const { token } = (await backend.portal.exchangeSession({ body: { sessionId }, throwOnError: true })).data.data;
  const auth = ({ type }: { type: string }) => (type === 'http' ? token : undefined);
  const user = new Portico({ client: createClient(createConfig({ baseUrl: base, auth })), key: 'user' });
  await user.portal.createKey({ body: { apiId, name: 'Production' }, throwOnError: true });

  const times = new Map(conditions.map(({ name }) => [name, [] as number[]]));
  // The first round is not counted: the server and the browser have not done anything yet.
  for (let round = 0; round <= rounds; round++) {
    for (const condition of conditions) {
      const took = await usableAfter(browser, (await mint()).url, condition);
      if (round > 0) times.get(condition.name)?.push(took);
    }
  }
  console.log(`ms from opening the link to usable keys, cold cache, ${rounds} rounds   median   (least to most)`);
  for (const [name, measured] of times) {
    const sorted = measured.sort((a, b) => a - b).map(Math.round);
    const median = String(sorted[Math.floor(sorted.length / 2)]);
    console.log(`${name.padEnd(66)} ${median.padStart(6)}   (${sorted.at(0)} to ${sorted.at(-1)})`);
  }
} finally {
  await Promise.all([browser.close(), server.stop()]);
  await redis.stop();
}

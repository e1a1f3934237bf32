/**
 * Creates the screenshots of the portal in docs/screenshots: each tab in light, dark and phone layout, from the real app on
 * the real server, with a week of usage written directly into Redis.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createClient } from 'redis';
import { Portico } from '../clients/typescript/src/index.ts';
import { freePort } from '../contract-tests/targets/free-port.ts';
import { keys } from '../src/server/store/keys.ts';
import { bucketLengths } from '../src/server/store/scripts/usage.ts';
import { startBrowser } from '../tests/support/browser.ts';
import { startRedis } from '../tests/support/redis.ts';
import { portico, startServer } from '../tests/support/server.ts';
import { buildIfStale } from './freshness/if-stale.ts';
import { startSampleApi } from './sample-api.ts';

const directory = join(import.meta.dirname, '../docs/screenshots');
const externalId = 'jo@customer.example';
const permissions = [
  ...['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map((may) => `api.*.${may}`),
  'portal.*.read_account',
];
/** What the company allows, so that the pictures show limits and scopes. */
const policy = {
  perKey: { ratelimit: { limit: 10_000, duration: 60_000 } },
  perUser: { quota: { limit: 100_000, period: 'month' as const, timeZone: 'Europe/Berlin' } },
  maxLifetime: 365 * 24 * 3_600_000,
  scopes: ['projects:read', 'projects:write', 'invoices:read', 'members:invite'],
};

const looks: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1200, height: 800 }, colorScheme: 'light' },
  dark: { viewport: { width: 1200, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 780 }, colorScheme: 'light', deviceScaleFactor: 2, isMobile: true },
};

/** Each tab, and the element that shows that it is ready. */
const tabs: Record<string, (page: Page) => Promise<unknown>> = {
  keys: (page) => page.getByRole('table').getByRole('row').nth(3).waitFor(),
  analytics: (page) => page.getByRole('img', { name: /peak/ }).waitFor(),
  async documentation(page) {
    await page.getByText('List projects').first().click();
    await page.getByRole('button', { name: 'Try it' }).waitFor();
  },
  account: (page) => page.getByRole('table').nth(1).getByRole('row').nth(1).waitFor(),
};

/** Writes a realistic week of usage into the log of the user: more by day than by night, with a few failures. */
async function writeUsage(redisUrl: string, workspaceId: string, apiId: string, keyIds: string[]): Promise<void> {
  const client = createClient({ url: redisUrl });
  await client.connect();
  const { quarterHour, day, minute } = bucketLengths;
  const now = Date.now();
  for (let at = now - 7 * day; at < now; at += quarterHour) {
    const busy = 40 + 35 * Math.sin(((new Date(at).getUTCHours() - 8) / 24) * 2 * Math.PI);
    for (const [i, keyId] of keyIds.entries()) {
      const valid = Math.round((busy * 5) / (i + 1));
      const counts = {
        V: valid,
        R: Math.round(valid * 0.06),
        D: i === 1 ? Math.round(valid * 0.03) : 0,
        E: i === 2 ? 2 : 0,
      };
      for (const [outcome, count] of Object.entries(counts)) {
        const field = `${Math.floor(at / minute)} ${apiId} ${keyId} ${outcome}`;
        if (count > 0) await client.hIncrBy(keys.usageLog({ workspaceId, externalId }), field, count);
      }
    }
  }
  client.destroy();
}

async function picture(browser: Browser, url: string, look: string): Promise<void> {
  const context = await browser.newContext({ locale: 'en-US', timezoneId: 'Europe/Berlin', ...looks[look] });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('navigation').waitFor();
  for (const [tab, isReady] of Object.entries(tabs)) {
    await page.goto(new URL(`/${tab}`, url).href);
    if (tab === 'analytics') await page.getByLabel('7 days').check();
    await isReady(page);
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(directory, `${tab}-${look}.png`), animations: 'disabled' });
    console.log(`docs/screenshots/${tab}-${look}.png`);
  }
  await context.close();
}

async function main(): Promise<void> {
  await mkdir(directory, { recursive: true });
  const port = await freePort();
  const base = `http://localhost:${port}`;
  const [redis, browser, api] = await Promise.all([startRedis(), startBrowser(), startSampleApi(), buildIfStale()]);
  const server = await startServer({ PORT: String(port), REDIS_URL: redis.url, OPENAPI_ALLOW_PRIVATE: 'true' });
  try {
    const { workspaceId, rootKey } = await portico<{ workspaceId: string; rootKey: string }>(
      redis.url,
      'workspace',
      'create',
      '--name',
      'Acme',
    );
    const backend = new Portico({ baseUrl: base, rootKey });
    const { apiId } = await backend.apis.createApi({ name: 'Acme API', prefix: 'acme', policy });
    await backend.portal.createConfiguration({
      slug: 'acme',
      name: 'Acme',
      apiIds: [apiId],
      openapiUrl: api.openapiUrl,
      branding: { primaryColor: '#0f766e' },
    });
    const newSession = () =>
      backend.portal.createSession({ slug: 'acme', externalId, permissions, actor: { id: 'jo', name: 'Jo Sharma' } });

    const { sessionId } = await newSession();
    const { token } = await backend.portal.exchangeSession({ sessionId });
    const user = new Portico({ baseUrl: base, sessionToken: token });
    const keyIds: string[] = [];
    for (const name of ['Production', 'Staging', 'Continuous integration', 'Jo’s laptop']) {
      const expires = name === 'Staging' ? Date.now() + 5 * 24 * 3_600_000 : undefined;
      const body = { apiId, name, enabled: name !== 'Jo’s laptop', ...(expires !== undefined && { expires }) };
      const { keyId, key } = await user.portal.createKey(body);
      keyIds.push(keyId);
      await backend.keys.verifyKey({ key, cost: 7400 });
    }
    // The company manages this key: its user sees it, and cannot change it.
    await backend.keys.createKey({ apiId, externalId, name: 'Partner integration', managed: true });
    await writeUsage(redis.url, workspaceId, apiId, keyIds);
    for (const look of Object.keys(looks)) await picture(browser, (await newSession()).url, look);
  } finally {
    await Promise.all([browser.close(), server.stop(), api.stop()]);
    await redis.stop();
  }
}

await main();

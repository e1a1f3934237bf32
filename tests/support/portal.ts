/** The set-up of the portal's browser tests: a real Chromium, the real server, and a new workspace. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { createClient } from 'redis';
import { Portico } from '../../clients/typescript/src/index.ts';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import type { CreateConfigurationRequest, CreateSessionRequest } from '../../generated/client/types.gen.ts';
import en from '../../src/portal/messages/en.ts';
import { patienceMs, startBrowser } from './browser.ts';
import { type LocalRedis, startRedis } from './redis.ts';
import { type LocalServer, startPatientServer, startServer } from './server.ts';
import { operate, type SharedRedis, type SharedServer, sharedRedis, sharedServer } from './shared/client.ts';

/** All permissions of a session for keys and usage. */
export const everything = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map(
  (action) => `api.*.${action}`,
);

/** What the tests of the portal use. It is set before they start. */
interface World {
  redis: SharedRedis;
  server: SharedServer;
  browser: Browser;
  context: BrowserContext;
  page: Page;
  /** The portal's origin. */
  base: string;
  workspaceId: string;
  rootKey: string;
  /** The backend of the customer: the client with the root key. */
  backend: Portico;
  /** The customer's application, to which users return. */
  appUrl: string;
  /** Script errors and violations of the content security policy. It must be empty at the end. */
  complaints: string[];
}

/** Starts a site of another origin. `write` returns its page for a path. It stops after the tests of the file. */
export function otherSite(host: 'localhost' | '127.0.0.1', write: (path: string) => string | Promise<string>) {
  const server = createServer(async (req, res) => {
    res.setHeader('Content-Type', 'text/html').end(await write(req.url ?? '/'));
  });
  const site = { origin: '' };
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    site.origin = `http://${host}:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return site;
}

/**
 * Starts everything before the tests of a file and stops it after them. Each test gets a new browser profile.
 *
 * @param options of each test's browser profile
 * @param env settings of the server; files with the same settings share a server
 * @param isOwn whether the file has its own server and Redis, because it reads the log or stops them
 * @param missesDeadlines whether its own server has the deadlines of Redis that users have, because the file stops Redis. A busy machine
 *   misses them too, so other files have longer ones
 * @param completeBrowser whether the file needs what the headless shell lacks, such as the rules for third-party storage
 */
export function portalWorld({
  env = {},
  isOwn = false,
  missesDeadlines = false,
  completeBrowser = false,
  ...options
}: BrowserContextOptions & {
  env?: Record<string, string>;
  isOwn?: boolean;
  missesDeadlines?: boolean;
  completeBrowser?: boolean;
} = {}) {
  const world = { complaints: [] as string[] } as World;
  const app = createServer((_req, res) => res.end('back at the app'));

  let own: { redis: LocalRedis; server?: LocalServer } | undefined;
  async function startOwn(): Promise<[SharedRedis, SharedServer]> {
    const redis = await startRedis();
    own = { redis };
    const start = missesDeadlines ? startServer : startPatientServer;
    own.server = await start({ PORT: String(await freePort()), REDIS_URL: redis.url, ...env });
    return [{ url: redis.url, env: { REDIS_URL: redis.url } }, own.server];
  }

  beforeAll(async () => {
    const servers = isOwn ? startOwn() : Promise.all([sharedRedis(), sharedServer(env)]);
    [[world.redis, world.server], world.browser] = await Promise.all([servers, startBrowser(completeBrowser)]);
    world.base = `http://localhost:${world.server.port}`;
    Object.assign(world, await operate(world.redis.env, 'workspace', 'create', '--name', 'Acme'));
    world.backend = new Portico({ baseUrl: world.base, rootKey: world.rootKey });
    app.listen(0, '127.0.0.1');
    await once(app, 'listening');
    world.appUrl = `http://localhost:${(app.address() as AddressInfo).port}/settings?tab=api`;
  }, 180_000);

  afterAll(async () => {
    await world.browser?.close();
    await own?.server?.stop();
    await own?.redis.stop();
    app.closeAllConnections();
    app.close();
  });

  beforeEach(async () => {
    await newProfile();
  });

  afterEach(async () => {
    await world.context.close();
    expect(world.complaints).toEqual([]);
  });

  /** Replaces the browser profile of the test with a new one and an empty page. */
  async function newProfile(over: BrowserContextOptions = {}): Promise<Page> {
    await world.context?.close();
    world.complaints = [];
    world.context = await world.browser.newContext({
      locale: 'en-US',
      timezoneId: 'UTC',
      // Disable animations, so that the tests see the final state.
      reducedMotion: 'reduce',
      ...options,
      ...over,
    });
    // Pages from loopback load fast, so a short timeout is enough.
    world.context.setDefaultTimeout(patienceMs);
    world.page = await world.context.newPage();
    world.context.on('weberror', (error) => world.complaints.push(String(error.error())));
    world.context.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) world.complaints.push(message.text());
    });
    return world.page;
  }

  const createPortal = (body: CreateConfigurationRequest) => world.backend.portal.createConfiguration(body);
  const createApi = async (name: string, prefix?: string) =>
    (await world.backend.apis.createApi({ name, ...(prefix !== undefined && { prefix }) })).apiId;

  /** Creates a session, by default with all permissions. */
  const createSession = (over: Partial<CreateSessionRequest> = {}) =>
    world.backend.portal.createSession({ slug: 'my-portal', externalId: 'user_123', permissions: everything, ...over });

  /** Opens the menu of the account in the header. */
  const openAccount = (page: Pick<Page, 'getByRole'> = world.page) =>
    page.getByRole('button', { name: /^Signed in as/ }).click();

  return {
    world,
    /** The server and Redis of a file with its own. */
    own(): { redis: LocalRedis; server: LocalServer } {
      if (own?.server === undefined) throw new Error('this file shares its server: set isOwn');
      return { redis: own.redis, server: own.server };
    },
    newProfile,
    createPortal,
    createApi,
    createSession,

    /** Opens a link as its user does, and waits until the first tab is visible. Agrees to replace another user. */
    async enter(over: Partial<CreateSessionRequest> = {}): Promise<Page> {
      const { url } = await createSession(over);
      await world.page.goto(url);
      // Not by its class: the server writes the tabs into the page before the user is signed in, hidden from roles.
      const tabs = world.page.getByRole('navigation').first();
      const replace = world.page.getByRole('button', { name: en.pages.otherUser.replace });
      await tabs.or(replace).first().waitFor();
      if ((await replace.count()) > 0) await replace.click();
      await tabs.waitFor();
      return world.page;
    },

    openAccount,

    /** Signs out with the menu of the account. */
    async signOut(page: Pick<Page, 'getByRole'> = world.page): Promise<void> {
      await openAccount(page);
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    },

    /** Waits for the heading of a page. */
    expectHeading: (name: string | RegExp) => world.page.getByRole('heading', { name, level: 1 }).waitFor(),

    /** A session of the same user for calls outside the browser: the client with its token. */
    async asUser(over: Partial<CreateSessionRequest> = {}): Promise<Portico> {
      const { sessionId } = await createSession(over);
      const { token } = await world.backend.portal.exchangeSession({ sessionId });
      return new Portico({ baseUrl: world.base, sessionToken: token });
    },

    /** Simulates 24 hours on the server: deletes the records. */
    async expire(): Promise<void> {
      const client = createClient({ url: world.redis.url });
      await client.connect();
      const names = await client.keys(`portico:{*}:${world.workspaceId}:session:*`);
      expect(names.length).toBeGreaterThan(0);
      await client.del(names);
      client.destroy();
    },

    /** Simulates the return of the user to the tab: the portal refreshes its data. */
    reopen: (page: Pick<Page, 'evaluate'> = world.page) =>
      page.evaluate("window.dispatchEvent(new Event('visibilitychange'))"),

    /** The value of a cookie in the browser, if it exists. */
    cookie: async (name: string): Promise<string | undefined> =>
      (await world.context.cookies()).find((each) => each.name === name)?.value,

    /** Whether the server still accepts this browser session token. */
    isAlive: async (token: string | undefined): Promise<boolean> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${world.base}/v2/portal.getSession`, { method: 'POST', headers })).status === 200;
    },

    /** Enables or disables a portal. */
    switchPortal: (slug: string, state: '--enabled' | '--disabled') =>
      operate(world.redis.env, 'portal', 'update', '--workspace', world.workspaceId, '--slug', slug, state, '--yes'),
  };
}

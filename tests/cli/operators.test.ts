/** The command line beyond workspaces and portals: APIs, sessions, the audit log and the doctor. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { createClient } from 'redis';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { follow } from '../../src/server/cli/audit.ts';
import { commandLine } from '../../src/server/cli/operator.ts';
import { readConfig } from '../../src/server/config/index.ts';
import { createPortal } from '../../src/server/domain/portals/portals.ts';
import { createStore } from '../../src/server/store/index.ts';
import { keys } from '../../src/server/store/keys.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import '../support/patient-redis.ts';
import { expectEach } from '../support/expect-each.ts';
import { startRedis } from '../support/redis.ts';
import { type Hooks, withHooks } from '../support/redis-hooks.ts';
import { runCommand } from '../support/run-command.ts';
import { sharedRedis, sharedServer } from '../support/shared/client.ts';

const { env, url } = await sharedRedis();
const server = await sharedServer();
const connected = connectRedis(readConfig(env).redis);
await connected.ready;
const store = createStore(connected, { maxEntries: 10_000, maxAgeDays: 90 });
afterAll(() => store.close());

const run = (args: string[], more: Record<string, string> = {}) => runCommand({ ...env, ...more }, ...args);

/** Runs a command with --json and returns its output, which must be one line of JSON. */
async function cli<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run([...args, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^.+\n$/);
  return JSON.parse(stdout);
}

const newWorkspace = () => cli<{ workspaceId: string; rootKey: string }>('workspace', 'create', '--name', 'Acme');
const { workspaceId } = await newWorkspace();

test('APIs can be created, listed, shown, added to a portal and deleted', async () => {
  const own = ['--workspace', (await newWorkspace()).workspaceId];
  const api = await cli<{ apiId: string }>('api', 'create', ...own, '--name', 'Payments', '--prefix', 'pay');
  expect(api).toMatchObject({ apiId: expect.stringMatching(/^api_/), name: 'Payments', prefix: 'pay' });
  expect(await cli('api', 'list', ...own)).toEqual([api]);
  expect(await cli('api', 'get', ...own, '--api-id', api.apiId)).toEqual(api);
  const origins = ['--allowed-return-origin', 'https://a.example', '--allowed-return-origin', 'https://b.example'];
  const flags = ['--slug', 'my-portal', '--api-id', api.apiId, ...origins];
  expect(await cli('portal', 'create', ...own, ...flags)).toMatchObject({
    apiIds: [api.apiId],
    allowedReturnOrigins: ['https://a.example', 'https://b.example'],
    version: 1,
  });
  const cleared = ['--api-id', 'none', '--allowed-return-origin', 'none'];
  expect(await cli('portal', 'update', ...own, '--slug', 'my-portal', ...cleared)).toMatchObject({
    apiIds: [],
    allowedReturnOrigins: [],
    version: 2,
  });
  expect(await cli('api', 'delete', ...own, '--api-id', api.apiId, '--yes')).toEqual({
    apiId: api.apiId,
    deleted: true,
  });
  expect(await run(['api', 'get', ...own, '--api-id', api.apiId])).toMatchObject({
    code: 1,
    stderr: 'API not found.\n',
  });
  const unknown = await run(['portal', 'create', ...own, '--slug', 'other', '--api-id', api.apiId]);
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toContain('--api-id is no API of the workspace.');
});

test('sessions are listed without credentials and can be revoked', async () => {
  const { workspaceId: fresh, rootKey: key } = await newWorkspace();
  const own = ['--workspace', fresh];
  await cli('portal', 'create', ...own, '--slug', 'sessions');
  const user = ['--slug', 'sessions', '--external-id', 'user_123'];
  const createFlags = ['--root-key', key, '--permission', 'api.*.read_key', '--api', server.url];
  const { sessionId } = await cli<{ sessionId: string }>('session', 'create', ...user, ...createFlags);
  const listed = await cli<{ handle: string }[]>('session', 'list', ...own, ...user);
  expect(listed).toMatchObject([{ state: 'pending', externalId: 'user_123', slug: 'sessions' }]);
  expect(JSON.stringify(listed)).not.toContain(sessionId.slice(-32));
  const one = ['session', 'revoke', ...own, '--handle', String(listed[0]?.handle), '--yes'];
  expect(await cli(...one)).toEqual({ revoked: 1 });
  expect(await run(one)).toMatchObject({ code: 1, stderr: 'Session not found. It may have ended.\n' });
  expect(await cli('session', 'list', ...own, ...user)).toEqual([]);
});

interface Entry {
  auditId: string;
  action: string;
  actor: { type: string };
  after?: { slug?: string };
}

/** The line of an entry, as people read it. */
const line = (action: string) =>
  expect.stringMatching(new RegExp(`^\\d{4}-\\d\\d-\\d\\d [\\d:]{8} \\S+ {2}${action.padEnd(16)} {2}\\w+ +cli +-$`));

describe('the audit log', () => {
  test('can be listed, oldest first, with filters', async () => {
    const listed = await cli<Entry[]>('audit', 'list', '--workspace', workspaceId);
    expect(listed[0]).toMatchObject({ action: 'workspace.create', actor: { type: 'cli' } });
    const filter = ['--action', 'root_key.create'];
    expect(await cli('audit', 'list', '--workspace', workspaceId, ...filter)).toMatchObject([
      { actor: { type: 'cli' } },
    ]);
  });

  test('--limit is the number of the latest entries', async () => {
    const own = [
      '--workspace',
      (await cli<{ workspaceId: string }>('workspace', 'create', '--name', 'Acme')).workspaceId,
    ];
    for (const name of ['one', 'two', 'three']) await cli('api', 'create', ...own, '--name', name);
    const namesOf = async (...flags: string[]) =>
      (await cli<{ after: { name?: string } }[]>('audit', 'list', ...own, '--action', 'api.create', ...flags)).map(
        ({ after }) => after.name,
      );
    expect(await namesOf('--limit', '2')).toEqual(['two', 'three']);
    expect(await namesOf('--limit', '1')).toEqual(['three']);
    expect(await namesOf('--limit', '1000')).toEqual(['one', 'two', 'three']);
    for (const wrong of ['0', '-1', '1.5', 'many', '', '1001']) {
      const { code, stdout, stderr } = await run(['audit', 'list', ...own, '--limit', wrong]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('It must be a whole number from 1 to 1000.');
    }
  });

  test('can be followed: the latest entries, then each new one, each once', async () => {
    const made = await cli<{ workspaceId: string }>('workspace', 'create', '--name', 'Acme');
    const create = (slug: string) => createPortal(store, made.workspaceId, { slug }, commandLine);
    await create('before');
    const stop = new AbortController();
    const followed = follow(store, made.workspaceId, 2, stop.signal, 1);
    const next = async () => {
      const { value } = await followed.next();
      return value?.after?.['slug'] ?? value?.action;
    };
    expect([await next(), await next()]).toEqual(['root_key.create', 'before']);
    const third = next();
    await create('third');
    expect(await third).toBe('third');
    await create('fourth');
    await create('fifth');
    expect([await next(), await next()]).toEqual(['fourth', 'fifth']);
    const last = followed.next();
    stop.abort();
    expect((await last).done).toBe(true);
  });

  test('is followed through an outage of Redis: it says so once, and no entry is lost or comes twice', async () => {
    const { workspaceId: id } = await newWorkspace();
    const create = (slug: string) => createPortal(store, id, { slug }, commandLine);
    const hooks: Hooks = {};
    const failing = createStore(withHooks(connected, hooks), { maxEntries: 10_000, maxAgeDays: 90 });
    const stop = new AbortController();
    const followed = follow(failing, id, 1, stop.signal, 1);
    const error = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const next = async () => (await followed.next()).value?.after?.['slug'];
    await next();
    // Every second read of a log fails, so a part of the logs has been read each time.
    let reads = 0;
    hooks.refuse = () => ++reads % 2 === 0;
    await create('meanwhile');
    const found = next();
    while (reads < 500) await sleep(1);
    hooks.refuse = undefined;
    expect(await found).toBe('meanwhile');
    await create('afterwards');
    expect(await next()).toBe('afterwards');
    expect(error.mock.calls).toEqual([['Redis is unreachable. New entries follow when it is back.\n']]);
    error.mockRestore();
    hooks.refuse = () => true;
    const last = followed.next();
    stop.abort();
    expect((await last).done).toBe(true);
  });

  test.each<[how: string, flags: string[], read: (text: string) => unknown, expected: (action: string) => unknown]>([
    ['in JSON', ['--json'], (text: string) => JSON.parse(text).action, (action: string) => action],
    ['for people', [], (text: string) => text, line],
  ])('tail prints each entry once, %s, and ends at a signal', async (_, flags, read, expected) => {
    const { workspaceId: id } = await cli<{ workspaceId: string }>('workspace', 'create', '--name', 'Acme');
    const main = join(import.meta.dirname, '../../src/server/cli/main.ts');
    const patience = join(import.meta.dirname, '../support/patient-redis.ts');
    const command = ['--import', patience, main, 'audit', 'tail', '--workspace', id, ...flags];
    const tail = spawn(process.execPath, command, {
      env: { ...process.env, ...env },
    });
    let printed = '';
    tail.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    const lines = () => printed.split('\n').slice(0, -1);
    while (lines().length < 2) await once(tail.stdout, 'data');
    await cli('portal', 'create', '--workspace', id, '--slug', 'tailed');
    while (lines().length < 3) await once(tail.stdout, 'data');
    await cli('portal', 'update', '--workspace', id, '--slug', 'tailed', '--name', 'Acme');
    while (lines().length < 4) await once(tail.stdout, 'data');
    const ended = once(tail, 'close');
    tail.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const actions = ['workspace.create', 'root_key.create', 'portal.create', 'portal.update'];
    expect(lines().map(read)).toEqual(actions.map(expected));
  });
});

test("a portal's theme can be set, and each part cleared", async () => {
  const own = ['--workspace', (await newWorkspace()).workspaceId, '--slug', 'themed'];
  const flags = [
    ...['--primary-color-dark', '#fb923c', '--title', 'Acme', '--font-url', 'https://a.example/f.woff2'],
    ...['--language', 'de', '--color-scheme', 'dark', '--font', 'inter', '--radius', 'none', '--density', 'compact'],
    ...[
      '--neutral',
      'stone',
      '--header',
      'none',
      '--logo-shows-name',
      '--tab',
      'docs=API = reference',
      '--tab',
      'keys',
    ],
    ...['--link', 'Terms=https://a.example/?a=b', '--variable', 'ground=#fffaf0,#14110c'],
    ...['--variable', '--portico-text=,#ffffff', '--variable', 'radius=4px'],
  ];
  const { branding } = await cli<{ branding: object }>('portal', 'create', ...own, ...flags);
  const choices = { colorScheme: 'dark', font: 'inter', radius: 'none', density: 'compact', neutral: 'stone' };
  expect(branding).toEqual({
    ...choices,
    ...{ primaryColor: '#2563eb', primaryColorDark: '#fb923c', title: 'Acme', header: 'none', logoShowsName: true },
    ...{ fontUrl: 'https://a.example/f.woff2', language: 'de' },
    tabs: [{ tab: 'docs', label: 'API = reference' }, { tab: 'keys' }],
    links: [{ label: 'Terms', url: 'https://a.example/?a=b' }],
    variables: [
      { name: '--portico-ground', light: '#fffaf0', dark: '#14110c' },
      { name: '--portico-text', dark: '#ffffff' },
      { name: '--portico-radius', value: '4px' },
    ],
  });
  const none = ['primary-color-dark', 'title', 'font-url', 'language', 'tab', 'link', 'variable'];
  const cleared = none.flatMap((name) => [`--${name}`, 'none']);
  const bare = await cli<{ branding: object }>('portal', 'update', ...own, ...cleared, '--logo-hides-name');
  expect(bare.branding).toEqual({ ...choices, primaryColor: '#2563eb', header: 'none', logoShowsName: false });
  const wrong = [
    ...[
      '--primary-color-dark',
      'red',
      '--title',
      '\u202e',
      '--font-url',
      'https://a.example/f.ttf',
      '--language',
      'x-',
    ],
    ...['--tab', 'billing', '--link', 'Terms', '--variable', 'ground=#777777', '--json'],
  ];
  const { code, stderr } = await run(['portal', 'update', ...own, ...wrong]);
  expect(code).toBe(2);
  for (const option of none) expect(stderr).toContain(`--${option}`);
});

test("a portal's branding, support URL, origins and document URL can be set and cleared", async () => {
  const own = ['--workspace', (await newWorkspace()).workspaceId, '--slug', 'configured'];
  const urls = ['logo-url', 'logo-dark-url', 'favicon-url', 'support-url', 'openapi-url'];
  const flags = urls.flatMap((name) => [`--${name}`, `https://acme.example/${name}`]);
  const lists = ['--embedding-origin', '--allowed-origin'];
  const origins = lists.flatMap((flag) => [flag, 'https://a.example', flag, 'http://localhost:3000']);
  const branding = {
    primaryColor: '#2563eb',
    logoUrl: 'https://acme.example/logo-url',
    logoDarkUrl: 'https://acme.example/logo-dark-url',
    faviconUrl: 'https://acme.example/favicon-url',
  };
  const configured = {
    supportUrl: 'https://acme.example/support-url',
    openapiUrl: 'https://acme.example/openapi-url',
    embeddingOrigins: ['https://a.example', 'http://localhost:3000'],
    allowedOrigins: ['https://a.example', 'http://localhost:3000'],
  };
  const made = await cli('portal', 'create', ...own, ...flags, ...origins, '--show-powered-by');
  expect(made).toMatchObject({ ...configured, branding: { ...branding, showPoweredBy: true } });
  const quiet = await cli<{ branding: object }>('portal', 'update', ...own, '--hide-powered-by');
  expect(quiet).toMatchObject({ ...configured, branding: { ...branding, showPoweredBy: false } });
  const cleared = [...urls, 'embedding-origin', 'allowed-origin'].flatMap((name) => [`--${name}`, 'none']);
  const bare = await cli<object>('portal', 'update', ...own, ...cleared);
  expect(bare).toMatchObject({
    embeddingOrigins: [],
    allowedOrigins: [],
    branding: { primaryColor: '#2563eb', showPoweredBy: false },
  });
  expect(JSON.stringify(bare)).not.toContain('acme.example');
  const wrong = [
    ...urls.flatMap((name) => [`--${name}`, 'http://a.example']),
    ...lists.flatMap((flag) => [flag, 'https://A.example']),
  ];
  const { code, stderr } = await run(['portal', 'update', ...own, ...wrong]);
  expect(code).toBe(2);
  for (const name of [...urls, 'embedding-origin', 'allowed-origin'])
    expect(stderr).toContain(`--${name} is not valid. Use`);
});

test('a record without the fields embeddingOrigins and allowedOrigins has no origins and can be updated', async () => {
  const { workspaceId } = await newWorkspace();
  const own = ['--workspace', workspaceId, '--slug', 'old-record'];
  const { portalId } = await cli<{ portalId: string }>('portal', 'create', ...own);
  const client = await createClient({ url }).connect();
  const key = keys.portals(workspaceId);
  const { embeddingOrigins: _, allowedOrigins: __, ...old } = JSON.parse(String(await client.hGet(key, portalId)));
  await client.hSet(key, portalId, JSON.stringify(old));
  client.destroy();
  expect(await cli('portal', 'update', ...own, '--name', 'New')).toMatchObject({ name: 'New', version: 2 });
  const [entry] = await cli<{ after: object }[]>(
    'audit',
    'list',
    '--workspace',
    workspaceId,
    '--resource-id',
    portalId,
    '--limit',
    '1',
  );
  expect(entry?.after).toEqual({ name: 'New', version: 2, updatedAt: expect.any(Number) });
  const added = ['--embedding-origin', 'https://a.example', '--allowed-origin', 'https://b.example'];
  const updated = await cli('portal', 'update', ...own, ...added);
  expect(updated).toMatchObject({ embeddingOrigins: ['https://a.example'], allowedOrigins: ['https://b.example'] });
});

describe('the doctor', () => {
  interface Finding {
    check: string;
    level: string;
    fix?: string;
  }
  const levels = (text: string) =>
    Object.fromEntries((JSON.parse(text) as Finding[]).map(({ check, level }) => [check, level]));

  test('reports a Redis without persistence and a portal URL without https', async () => {
    const redis = await startRedis();
    const { code, stdout } = await run(['doctor', '--json'], {
      REDIS_URL: redis.url,
      PORTAL_BASE_URL: 'http://portal.acme.example',
    });
    await redis.stop();
    expect(code).toBe(1);
    expect(levels(stdout)).toEqual({
      redis: 'ok',
      connection: 'ok',
      version: 'ok',
      persistence: 'error',
      eviction: 'ok',
      clock: 'ok',
      migration: 'ok',
      restore: 'ok',
      https: 'error',
    });
    const faults = (JSON.parse(stdout) as Finding[]).filter(({ level }) => level !== 'ok');
    expectEach(faults, ({ fix }) => expect(fix).toMatch(/\.$/));
  });

  test('accepts a persistent Redis behind https, and reports eviction', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'portico-doctor-'));
    const persistent = await startRedis({ directory });
    const env = { PORTAL_BASE_URL: 'https://portal.acme.example', REDIS_URL: persistent.url };
    const healthy = await run(['doctor'], env);
    expect([healthy.code, /ERROR|warning/.test(healthy.stdout)]).toEqual([0, false]);
    const client = await createClient({ url: persistent.url }).connect();
    await client.configSet({ 'maxmemory-policy': 'allkeys-lru', maxmemory: '1gb' });
    client.destroy();
    const evicts = await run(['doctor', '--json'], env);
    expect([evicts.code, levels(evicts.stdout)['eviction']]).toEqual([1, 'error']);
    await persistent.stop();
    await rm(directory, { recursive: true });
  });

  test('reports that Redis is unreachable', async () => {
    const { code, stdout } = await run(['doctor'], { REDIS_URL: `redis://:hunter2@127.0.0.1:${await freePort()}` });
    expect(code).toBe(1);
    expect(stdout).toContain('Redis is unreachable. Check REDIS_URL');
    expect(stdout).not.toContain('hunter2');
  });
});

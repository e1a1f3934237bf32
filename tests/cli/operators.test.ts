/** The command line beyond workspaces and portals: APIs, sessions, the audit log and the doctor. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, portico, startPatientServer } from '../support/server.ts';

let redis: LocalRedis;
let server: LocalServer;
let workspaceId: string;
let rootKey: string;
beforeAll(async () => {
  redis = await startRedis();
  server = await startPatientServer({ PORT: '0', HOST: '127.0.0.1', REDIS_URL: redis.url });
  ({ workspaceId, rootKey } = await cli<{ workspaceId: string; rootKey: string }>(
    'workspace',
    'create',
    '--name',
    'Acme',
  ));
});
afterAll(async () => {
  await server.stop();
  await redis.stop();
});

const main = join(import.meta.dirname, '../../src/server/cli/main.ts');
const cli = <T>(...args: string[]) => portico<T>(redis.url, ...args);
const run = (args: string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { env: { ...process.env, REDIS_URL: redis.url, ...env } };
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });

test('APIs can be created, listed, shown, added to a portal and deleted', async () => {
  const own = ['--workspace', workspaceId];
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
  expect(await cli('api', 'delete', ...own, '--api-id', api.apiId)).toEqual({ apiId: api.apiId, deleted: true });
  expect(await run(['api', 'get', ...own, '--api-id', api.apiId])).toMatchObject({
    code: 1,
    stderr: 'API not found.\n',
  });
  const unknown = await run(['portal', 'create', ...own, '--slug', 'other', '--api-id', api.apiId]);
  expect(unknown).toMatchObject({ code: 1, stdout: '' });
  expect(unknown.stderr).toContain('--api-id is no API of the workspace.');
});

test('sessions are listed without credentials and can be revoked', async () => {
  const own = ['--workspace', workspaceId];
  await cli('portal', 'create', ...own, '--slug', 'sessions');
  const user = ['--slug', 'sessions', '--external-id', 'user_123'];
  const createFlags = ['--root-key', rootKey, '--permission', 'api.*.read_key', '--api', server.url];
  const { sessionId } = await cli<{ sessionId: string }>('session', 'create', ...user, ...createFlags);
  const listed = await cli<{ handle: string }[]>('session', 'list', ...own, ...user);
  expect(listed).toMatchObject([{ state: 'pending', externalId: 'user_123', slug: 'sessions' }]);
  expect(JSON.stringify(listed)).not.toContain(sessionId.slice(-32));
  const one = ['session', 'revoke', ...own, '--handle', String(listed[0]?.handle)];
  expect(await cli(...one)).toEqual({ revoked: 1 });
  expect(await cli(...one)).toEqual({ revoked: 0 });
  expect(await cli('session', 'list', ...own, ...user)).toEqual([]);
  expect(await run(['session', 'revoke', ...own])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--handle'),
  });
});

test('the audit log can be listed and followed', async () => {
  const listed = await cli<{ action: string; actor: object }[]>('audit', 'list', '--workspace', workspaceId);
  expect(listed[0]).toMatchObject({ action: 'workspace.create', actor: { type: 'cli' } });
  const filter = ['--action', 'root_key.create'];
  expect(await cli('audit', 'list', '--workspace', workspaceId, ...filter)).toMatchObject([{ actor: { type: 'cli' } }]);

  const tail: ChildProcess = spawn(process.execPath, [main, 'audit', 'tail', '--workspace', workspaceId, '--json'], {
    env: { ...process.env, REDIS_URL: redis.url },
  });
  let printed = '';
  tail.stdout?.on('data', (chunk) => {
    printed += chunk;
  });
  while (!printed.includes('workspace.create')) await once(tail.stdout as NodeJS.ReadableStream, 'data');
  await cli('portal', 'create', '--workspace', workspaceId, '--slug', 'tailed');
  while (!printed.includes('tailed')) await once(tail.stdout as NodeJS.ReadableStream, 'data');
  const ended = once(tail, 'exit');
  tail.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  const lines = printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({ action: 'portal.create', after: { slug: 'tailed' } });
});

test("a portal's branding, support URL, embedding origins and document URL can be set and cleared", async () => {
  const own = ['--workspace', workspaceId, '--slug', 'configured'];
  const urls = ['logo-url', 'logo-dark-url', 'favicon-url', 'support-url', 'openapi-url'];
  const flags = urls.flatMap((name) => [`--${name}`, `https://acme.example/${name}`]);
  const origins = ['--embedding-origin', 'https://a.example', '--embedding-origin', 'http://localhost:3000'];
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
  };
  const made = await cli('portal', 'create', ...own, ...flags, ...origins, '--show-powered-by');
  expect(made).toMatchObject({ ...configured, branding: { ...branding, showPoweredBy: true } });
  const quiet = await cli<{ branding: object }>('portal', 'update', ...own, '--no-show-powered-by');
  expect(quiet).toMatchObject({ ...configured, branding: { ...branding, showPoweredBy: false } });
  const cleared = [...urls, 'embedding-origin'].flatMap((name) => [`--${name}`, 'none']);
  const bare = await cli<object>('portal', 'update', ...own, ...cleared);
  expect(bare).toMatchObject({ embeddingOrigins: [], branding: { primaryColor: '#2563eb', showPoweredBy: false } });
  expect(JSON.stringify(bare)).not.toContain('acme.example');
  const wrong = [
    ...urls.flatMap((name) => [`--${name}`, 'http://a.example']),
    '--embedding-origin',
    'https://A.example',
  ];
  const { code, stderr } = await run(['portal', 'update', ...own, ...wrong]);
  expect(code).toBe(1);
  for (const name of [...urls, 'embedding-origin']) expect(stderr).toContain(`--${name} is not valid. Use`);
});

test('a record without the embeddingOrigins field has no origins and can be updated', async () => {
  const own = ['--workspace', workspaceId, '--slug', 'old-record'];
  const { portalId } = await cli<{ portalId: string }>('portal', 'create', ...own);
  const client = await createClient({ url: redis.url }).connect();
  const key = `portico:{${workspaceId}}:portals`;
  const { embeddingOrigins: _, ...old } = JSON.parse(String(await client.hGet(key, portalId)));
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
  const updated = await cli('portal', 'update', ...own, '--embedding-origin', 'https://a.example');
  expect(updated).toMatchObject({ embeddingOrigins: ['https://a.example'] });
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
    const { code, stdout } = await run(['doctor', '--json'], { PORTAL_BASE_URL: 'http://portal.acme.example' });
    expect(code).toBe(1);
    expect(levels(stdout)).toEqual({
      redis: 'ok',
      version: 'ok',
      persistence: 'error',
      eviction: 'ok',
      clock: 'ok',
      https: 'error',
    });
    for (const { level, fix } of JSON.parse(stdout) as Finding[]) if (level !== 'ok') expect(fix).toMatch(/\.$/);
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

  test('also writes its findings to the log of a starting server', () => {
    expect(server.log()).toContain('a restart loses everything');
  });
});

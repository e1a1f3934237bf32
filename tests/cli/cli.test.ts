/** The command line: its commands in the process of the test, and the program itself once. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runCommand } from '../support/run-command.ts';
import '../support/patient-redis.ts';
import { sharedRedis, sharedServer } from '../support/shared/client.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const { env, url } = await sharedRedis();
const run = (args: string[], more: Record<string, string> = {}) => runCommand({ ...env, ...more }, ...args);

test('the program takes its arguments, writes to its own stdout and stderr, and has an exit code', async () => {
  const program = (...args: string[]) =>
    new Promise((resolve) => {
      const main = join(import.meta.dirname, '../../src/server/cli/main.ts');
      execFile(process.execPath, [main, ...args], { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
        resolve([error === null ? 0 : error.code, stdout, stderr]),
      );
    });
  const wrong = ['root-key', 'list', '--workspace', 'ws_none'];
  expect(await program(...wrong, '--json')).toEqual([0, '[]\n', '']);
  expect(await program('portal', 'get', ...wrong.slice(2), '--slug', 'none')).toEqual([
    1,
    '',
    'Portal configuration not found.\n',
  ]);
});

/** Runs a command with --json and returns its output, which must be one line of JSON. */
async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run([...args, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^.+\n$/);
  return JSON.parse(stdout);
}

interface Workspace {
  workspaceId: string;
  rootKey: string;
  rootKeyId: string;
}
const newWorkspace = () => json<Workspace>('workspace', 'create', '--name', 'Acme');

test('workspace create returns a root key, and workspace list does not', async () => {
  const made = await newWorkspace();
  expect(Object.keys(made).sort()).toEqual(['rootKey', 'rootKeyId', 'workspaceId']);
  const { stdout } = await run(['workspace', 'list', '--json']);
  expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ workspaceId: made.workspaceId, name: 'Acme' }));
  expect(stdout).not.toContain(made.rootKey);
});

test('a workspace can be disabled and enabled', async () => {
  const { workspaceId } = await newWorkspace();
  expect(await json('workspace', 'disable', '--workspace', workspaceId)).toMatchObject({ enabled: false });
  expect(await json('workspace', 'enable', '--workspace', workspaceId)).toMatchObject({ enabled: true });
});

test('root keys can be created, listed without the key, and revoked once', async () => {
  const { workspaceId, rootKeyId: first } = await newWorkspace();
  const permissions = ['--permission', 'api.*.read_key', '--permission', 'portal.*.create_session'];
  const made = await json<Workspace>(
    'root-key',
    'create',
    '--workspace',
    workspaceId,
    '--name',
    'backend',
    ...permissions,
  );
  expect(Object.keys(made).sort()).toEqual(['rootKey', 'rootKeyId']);
  const listed = await json<object[]>('root-key', 'list', '--workspace', workspaceId);
  expect(listed).toMatchObject([
    { rootKeyId: first, permissions: ['*.*.*'] },
    { rootKeyId: made.rootKeyId, name: 'backend', permissions: ['api.*.read_key', 'portal.*.create_session'] },
  ]);
  expect(JSON.stringify(listed)).not.toContain(made.rootKey);
  const revoke = ['root-key', 'revoke', '--workspace', workspaceId, '--root-key-id', made.rootKeyId];
  expect(await json(...revoke)).toEqual({ rootKeyId: made.rootKeyId, revoked: true });
  expect(await run(revoke)).toMatchObject({ code: 1, stderr: 'Key not found.\n' });
});

describe('portals', () => {
  test('can be created, partly updated, cleared, listed and deleted', async () => {
    const { workspaceId } = await newWorkspace();
    const own = ['--workspace', workspaceId, '--slug', 'my-portal'];
    const made = await json('portal', 'create', ...own, '--name', 'Acme', '--return-url', 'https://a.example/x');
    expect(made).toMatchObject({
      portalId: expect.stringMatching(/^portal_/),
      slug: 'my-portal',
      name: 'Acme',
      enabled: true,
      returnUrl: 'https://a.example/x',
      branding: { primaryColor: '#2563eb' },
    });
    const changed = await json('portal', 'update', ...own, '--primary-color', '#0f766e', '--disabled');
    expect(changed).toMatchObject({ name: 'Acme', enabled: false, branding: { primaryColor: '#0f766e' } });
    const cleared = await json(
      'portal',
      'update',
      ...own,
      '--return-url',
      'none',
      '--primary-color',
      'none',
      '--enabled',
    );
    expect(cleared).toMatchObject({ name: 'Acme', enabled: true, branding: { primaryColor: '#2563eb' } });
    expect(cleared).not.toHaveProperty('returnUrl');
    expect(await json('portal', 'get', ...own)).toEqual(cleared);
    expect(await json<object[]>('portal', 'list', '--workspace', workspaceId)).toEqual([cleared]);
    expect(await json('portal', 'delete', ...own)).toEqual({ portalId: made['portalId'], deleted: true });
    expect(await run(['portal', 'get', ...own])).toMatchObject({
      code: 1,
      stderr: 'Portal configuration not found.\n',
    });
  });

  test('a slug is unique in its workspace only, and is free again after the portal is deleted', async () => {
    const [one, two] = [await newWorkspace(), await newWorkspace()];
    const create = (workspace: Workspace) => [
      'portal',
      'create',
      '--workspace',
      workspace.workspaceId,
      '--slug',
      'same',
    ];
    await json(...create(one));
    expect(await run(create(one))).toMatchObject({ code: 1, stderr: 'A portal with this slug already exists.\n' });
    await json(...create(two));
    await json('portal', 'delete', '--workspace', one.workspaceId, '--slug', 'same');
    await json(...create(one));
  });

  test('one error names all invalid flags and how to fix them', async () => {
    const { workspaceId } = await newWorkspace();
    const flags = [
      '--slug',
      'My_Portal',
      '--primary-color',
      'red',
      '--logo-url',
      'http://a.example',
      '--return-url',
      'http://a.example',
    ];
    const { code, stdout, stderr } = await run(['portal', 'create', '--workspace', workspaceId, ...flags]);
    expect([code, stdout]).toEqual([1, '']);
    for (const flag of ['--slug', '--primary-color', '--logo-url', '--return-url'])
      expect(stderr).toContain(`${flag} is not valid. Use`);
  });
});

test('session create calls the HTTP API', async () => {
  const server = await sharedServer();
  const { workspaceId, rootKey } = await newWorkspace();
  await json('portal', 'create', '--workspace', workspaceId, '--slug', 'my-portal');
  const flags = [
    '--root-key',
    rootKey,
    '--external-id',
    'user_123',
    '--permission',
    'api.*.read_key',
    '--api',
    server.url,
  ];
  const data = await json('session', 'create', '--slug', 'my-portal', ...flags);
  expect(Object.keys(data).sort()).toEqual(['expiresAt', 'sessionId', 'url']);

  const refused = await run(['session', 'create', '--slug', 'No', ...flags]);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^Bad Request: .*\n {2}body\.slug must/);
  const absent = await run(['session', 'create', '--slug', 'my-portal', ...flags.slice(0, -1), 'http://127.0.0.1:1']);
  expect(absent).toMatchObject({ code: 1, stderr: 'http://127.0.0.1:1 is unreachable. Check --api.\n' });
});

describe('mistakes', () => {
  test.each([
    [['workspace', 'enable', '--workspace', 'ws_none'], /^Workspace not found\.\n$/],
    [['workspace', 'disable', '--workspace', 'ws_none'], /^Workspace not found\.\n$/],
    [['api', 'create', '--workspace', 'ws_none', '--name', 'A'], /^Workspace not found\.\n$/],
    [['api', 'get', '--workspace', 'ws_none', '--api-id', 'api_none'], /^API not found\.\n$/],
    [['api', 'delete', '--workspace', 'ws_none', '--api-id', 'api_none'], /^API not found\.\n$/],
    [['portal', 'get', '--workspace', 'ws_none', '--slug', 'none'], /^Portal configuration not found\.\n$/],
    [['portal', 'update', '--workspace', 'ws_none', '--slug', 'none'], /^Portal configuration not found\.\n$/],
    [['portal', 'delete', '--workspace', 'ws_none', '--slug', 'none'], /^Portal configuration not found\.\n$/],
    [['root-key', 'revoke', '--workspace', 'ws_none', '--root-key-id', 'rkid_none'], /^Key not found\.\n$/],
    [
      ['session', 'revoke', '--workspace', 'ws_none'],
      /^Invalid flags:\n {2}Add --external-id, --slug or --handle\.\n$/,
    ],
    [
      'session create --root-key rk_1 --slug s --external-id u --permission a.b.c --api nonsense'.split(' '),
      /^[^\n]*baseUrl[^\n]*\n$/,
    ],
    [['workspace', 'create'], /required option '--name <name>'/],
    [['workspace', 'destroy'], /unknown command 'destroy'/],
    [['portal', 'create', '--workspace', 'ws_none', '--slug', 'my-portal'], /^Workspace not found\.\n$/],
    [['root-key', 'create', '--workspace', 'ws_none'], /^Workspace not found\.\n$/],
    [
      ['root-key', 'create', '--workspace', 'ws_none', '--permission', 'all'],
      /--permission is not valid\. Use the form/,
    ],
  ])('%j exits with 1 and prints one sentence on stderr', async (args, sentence) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain(' at ');
  });

  test('an invalid setting is reported with its sentence', async () => {
    expect(await run(['workspace', 'list'], { AUDIT_MAX_AGE_DAYS: '0' })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'AUDIT_MAX_AGE_DAYS must be a whole number from 1 to 3650.\n',
    });
  });

  test('an unexpected error is printed with its stack, without credentials', async () => {
    const { workspaceId } = await newWorkspace();
    const { client, stop } = await openTargetRedis({ url, env });
    await client.hSet(`portico:{${workspaceId}}:portals`, 'portal_1', 'pst_abcdefgh');
    await client.hSet(`portico:{${workspaceId}}:portal-slugs`, 'damaged', 'portal_1');
    await stop();
    const { code, stderr } = await run(['portal', 'get', '--workspace', workspaceId, '--slug', 'damaged']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^SyntaxError: [\s\S]* at /);
    expect(stderr).not.toContain('abcdefgh');
  });

  test('an unreachable Redis is reported within seconds and without its password', async () => {
    const { code, stderr } = await run(['workspace', 'list'], {
      REDIS_MODE: 'standalone',
      REDIS_URL: 'redis://:hunter2@127.0.0.1:1',
    });
    expect([code, stderr]).toEqual([1, 'Redis is unreachable. Check REDIS_URL and that Redis is running.\n']);
  });
});

const example = /Usage: portico[\s\S]*Examples:\n {2}\$ npm run -s portico -- /;
test.each([
  [[], example],
  [['portal'], /Usage: portico/],
  [['portal', 'update'], example],
  [['session', 'create'], example],
])('%j --help shows usage, and examples unless it is a group', async (args, expected) => {
  const { code, stdout } = await run([...args, '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(expected);
});

test('usage export prints NDJSON with one line per bucket of each user and key', async () => {
  const server = await sharedServer();
  const { workspaceId, rootKey } = await newWorkspace();
  const call = async (operation: string, body: object, bearer = '') => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const options = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${server.url}/v2/${operation}`, options);
    const { data } = (await response.json()) as {
      data: Record<'apiId' | 'sessionId' | 'token' | 'keyId' | 'key', string>;
    };
    return data;
  };
  const { apiId } = await call('apis.createApi', { name: 'Payments' }, rootKey);
  await call('portal.createConfiguration', { slug: 'usage', apiIds: [apiId] }, rootKey);
  const grant = { slug: 'usage', externalId: 'user {1}:é', permissions: ['api.*.create_key'] };
  const { sessionId } = await call('portal.createSession', grant, rootKey);
  const { token } = await call('portal.exchangeSession', { sessionId }, '');
  const { keyId, key } = await call('portal.createKey', { apiId }, token);
  for (const _ of [1, 2, 3]) await call('keys.verifyKey', { key }, rootKey);

  const { code, stdout } = await run(['usage', 'export', '--workspace', workspaceId]);
  expect(code).toBe(0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const granularity of ['minute', 'quarterHour', 'day']) {
    for (const owner of [{ keyId }, { externalId: 'user {1}:é', apiId }]) {
      const own = lines.filter((line) => line.granularity === granularity && 'keyId' in line === 'keyId' in owner);
      expect(own.every((line) => line.total === line.valid)).toBe(true);
      expect(own[0]).toMatchObject(owner);
      // Three calls can fall into two minutes.
      expect(own.reduce((sum, { total }) => sum + total, 0)).toBe(3);
    }
  }
  expect(stdout).not.toContain(key);
  expect((await run(['usage', 'export', '--workspace', 'ws_none'])).stdout).toBe('');
});

/** The command line: its commands in the process of the test, and the program itself once. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { createProgram } from '../../src/server/cli/program.ts';
import { version } from '../../src/server/package.ts';
import { keys } from '../../src/server/store/keys.ts';
import { runCommand } from '../support/run-command.ts';
import '../support/patient-redis.ts';
import { sharedRedis, sharedServer } from '../support/shared/client.ts';
import { openTargetRedis } from '../support/target-redis.ts';
import { call } from '../support/tenant.ts';

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
  expect(await program('--version')).toEqual([0, `${version}\n`, '']);
  expect(await program('root-key', 'list', '--workspace', 'ws_none')).toEqual([1, '', 'Workspace not found.\n']);
});

test.each(['--help', 'audit tail'])('%s ends quietly if nobody reads its output', async (command) => {
  const workspace = command === '--help' ? [] : ['--workspace', (await newWorkspace()).workspaceId];
  const main = join(import.meta.dirname, '../../src/server/cli/main.ts');
  const child = spawn(process.execPath, [main, ...command.split(' '), ...workspace], {
    env: { ...process.env, ...env },
  });
  child.stdout.destroy();
  const [stderr, ended] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect([stderr, ended]).toEqual(['', [0, null]]);
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

test('names of workspaces and root keys are stored in one form, and must be visible', async () => {
  const { workspaceId } = await json<Workspace>('workspace', 'create', '--name', ' Cafe\u0301 ');
  expect(await json('workspace', 'list')).toContainEqual(expect.objectContaining({ workspaceId, name: 'Caf\u00e9' }));
  await json('root-key', 'create', '--workspace', workspaceId, '--name', ' backend ');
  expect(await json('root-key', 'list', '--workspace', workspaceId)).toContainEqual(
    expect.objectContaining({ name: 'backend' }),
  );
  for (const command of [
    ['workspace', 'create'],
    ['root-key', 'create', '--workspace', workspaceId],
  ]) {
    for (const name of ['\u200b', ' ', '\u202egnitset', 'a\nb', '😀'.repeat(129)]) {
      expect(await run([...command, '--name', name])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^Invalid options:\n {2}--name must /),
      });
    }
  }
});

test('an argument that is not UTF-8 is refused, because two of them would be the same', async () => {
  // Node puts this character in the place of other bytes.
  const refused = await run(['session', 'revoke', '--workspace', 'ws_1', '--external-id', 'jos\ufffd']);
  expect(refused).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^Argument 6 is not valid UTF-8/),
  });
});

test('a workspace can be disabled and enabled', async () => {
  const { workspaceId } = await newWorkspace();
  expect(await json('workspace', 'disable', '--workspace', workspaceId, '--yes')).toMatchObject({ enabled: false });
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
  const revoke = ['root-key', 'revoke', '--workspace', workspaceId, '--root-key-id', made.rootKeyId, '--yes'];
  expect(await json(...revoke)).toEqual({ rootKeyId: made.rootKeyId, revoked: true });
  expect(await run(revoke)).toMatchObject({ code: 1, stderr: 'Root key not found.\n' });
});

test('an API can be renamed, and its policy set part by part, shown and cleared', async () => {
  const { workspaceId } = await newWorkspace();
  const { apiId } = await json<{ apiId: string }>('api', 'create', '--workspace', workspaceId, '--name', 'Payments');
  const own = ['--workspace', workspaceId, '--api-id', apiId];
  expect(await json('api', 'update', ...own, '--name', 'Billing')).toMatchObject({ apiId, name: 'Billing' });
  expect(await run(['policy', 'get', ...own])).toMatchObject({ code: 0, stdout: 'none\n' });
  await json('policy', 'set', ...own, '--quota', '10000/month', '--time-zone', 'Europe/Berlin', '--scope', 'read');
  expect(await json('policy', 'set', ...own, '--key-ratelimit', '5/1m', '--scope', 'none')).toEqual({
    perKey: { ratelimit: { limit: 5, duration: 60_000 } },
    perUser: { quota: { limit: 10_000, period: 'month', timeZone: 'Europe/Berlin' } },
  });
  expect((await run(['policy', 'get', ...own])).stdout).toBe(
    'keyRatelimit  5/1m\nquota         10000/month, Europe/Berlin\n',
  );
  const refused = await run([
    'policy',
    'set',
    ...own,
    '--time-zone',
    'Europe/Atlantis',
    '--ip-range',
    '192.0.2.0/99',
    '--ip-range',
    '::/0',
  ]);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/--time-zone must [\s\S]*--ip-range must be a range/);
  expect(await json('policy', 'clear', ...own, '--yes')).toEqual({});
  expect(await json('api', 'get', ...own)).not.toHaveProperty('policy');
});

test('an API can take its scopes from the document of a portal', async () => {
  const { workspaceId } = await newWorkspace();
  const own = ['--workspace', workspaceId];
  const withDocument = ['--slug', 'my-portal', '--openapi-url', 'https://acme.example/openapi.json'];
  const { portalId } = await json<{ portalId: string }>('portal', 'create', ...own, ...withDocument);
  const from = ['--scopes-from', 'my-portal/tags,oauth,tags'];
  const { apiId, scopeSource } = await json<{ apiId: string; scopeSource?: object }>(
    ...['api', 'create', ...own, '--name', 'Payments', ...from],
  );
  expect(scopeSource).toEqual({ portalId, kinds: ['oauth', 'tags'] });
  const update = (...flags: string[]) => json('api', 'update', ...own, '--api-id', apiId, ...flags);
  expect(await update('--scopes-from', 'none')).not.toHaveProperty('scopeSource');
  const changed = { name: 'Payments', scopeSource: { portalId, kinds: ['operations'] } };
  expect(await update('--scopes-from', `${portalId}/operations`)).toMatchObject(changed);
  expect(await update('--name', 'Billing')).toMatchObject({ ...changed, name: 'Billing' });
  const refusal = async (...flags: string[]) => {
    const { code, stderr } = await run(['api', 'update', ...own, '--api-id', apiId, ...flags]);
    return [code, stderr.split('\n').slice(0, 2).join(' ')];
  };
  expect(await refusal()).toEqual([2, expect.stringContaining('Add --name or --scopes-from')]);
  expect(await refusal('--scopes-from', 'other/oauth')).toEqual([
    2,
    expect.stringMatching(/--scopes-from is no portal/),
  ]);
  for (const wrong of ['my-portal', 'my-portal/', 'my-portal/scopes', '/oauth', 'a/oauth/tags'])
    expect(await refusal('--scopes-from', wrong)).toEqual([2, expect.stringMatching(/'--scopes-from.* is invalid/)]);
});

test('users can be named, found, given a policy, and deleted', async () => {
  const { workspaceId } = await newWorkspace();
  const own = ['--workspace', workspaceId, '--external-id', 'user_7'];
  const made = await json('identity', 'update', ...own, '--name', 'Acme Ltd', '--meta', '{"plan":"pro"}');
  expect(made).toMatchObject({ externalId: 'user_7', name: 'Acme Ltd', meta: { plan: 'pro' } });
  expect(await json('identity', 'get', ...own)).toEqual(made);
  await json('policy', 'set', '--workspace', workspaceId, '--external-id', 'user_8', '--quota', '5/day');
  await json('policy', 'set', ...own, '--quota', '5/hour', '--max-lifetime', 'none');
  expect(await json('policy', 'set', ...own, '--quota', 'inherit', '--scope', 'none')).toEqual({
    maxLifetime: null,
    scopes: null,
  });
  expect((await run(['policy', 'get', ...own])).stdout).toBe('maxLifetime  none\nscopes       none\n');
  const ids = async (...filter: string[]) =>
    (await json<{ externalId: string }[]>('identity', 'list', '--workspace', workspaceId, ...filter)).map(
      (each) => each.externalId,
    );
  expect(await ids()).toEqual(['user_7', 'user_8']);
  expect(await ids('--search', 'acme')).toEqual(['user_7']);
  expect(await ids('--limit', '1')).toEqual(['user_7']);
  const list = (...limit: string[]) => run(['identity', 'list', '--workspace', workspaceId, ...limit]);
  const notice = 'There may be more than 2 users: see --search and --limit.\n';
  expect(await list('--limit', '2')).toMatchObject({ code: 0, stderr: notice });
  const { stdout, stderr } = await list('--limit', '3');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^externalId +name +identityId +createdAt +updatedAt\nuser_7 +Acme Ltd +/);
  expect(await json('policy', 'clear', ...own, '--yes')).toEqual({});
  expect(await json('identity', 'update', ...own, '--meta', 'none')).not.toHaveProperty('meta');
  expect(await json('identity', 'delete', ...own, '--yes')).toEqual({ identityId: made['identityId'], deleted: true });
  expect(await ids()).toEqual(['user_8']);
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
    const changed = await json('portal', 'update', ...own, '--primary-color', '#0f766e', '--disabled', '--yes');
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
    expect(await json('portal', 'delete', ...own, '--yes')).toEqual({ portalId: made['portalId'], deleted: true });
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
    await json('portal', 'delete', '--workspace', one.workspaceId, '--slug', 'same', '--yes');
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
    expect([code, stdout]).toEqual([2, '']);
    for (const flag of ['--slug', '--primary-color', '--logo-url', '--return-url'])
      expect(stderr).toContain(`${flag} is not valid. Use`);
  });
});

test('session create calls the HTTP API', async () => {
  const server = await sharedServer();
  const { workspaceId, rootKey } = await newWorkspace();
  const portal = ['--slug', 'my-portal', '--allowed-return-origin', 'https://app.example.com'];
  await json('portal', 'create', '--workspace', workspaceId, ...portal);
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

  const exchanged = async (...link: string[]) => {
    const made = await json('session', 'create', '--slug', 'my-portal', ...flags, ...link);
    const { data } = await call(server.url, 'portal.exchangeSession', '', { sessionId: made['sessionId'] });
    return (await call(server.url, 'portal.getSession', String(data['token']), {})).data;
  };
  const plain = await exchanged();
  expect(plain).toMatchObject({ preview: false });
  expect(plain).not.toHaveProperty('locale');
  expect(plain).not.toHaveProperty('tab');
  expect(plain).not.toHaveProperty('portal.returnUrl');
  const link = ['--return-url', 'https://app.example.com/a', '--locale', 'pt-BR', '--tab', 'docs', '--preview'];
  expect(await exchanged(...link)).toMatchObject({
    ...{ preview: true, locale: 'pt-BR', tab: 'docs' },
    portal: { returnUrl: 'https://app.example.com/a' },
  });

  const refused = await run(['session', 'create', '--slug', 'No', ...flags]);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/^Bad Request: .*\n {2}body\.slug must/);
  const absent = await run(['session', 'create', '--slug', 'my-portal', ...flags.slice(0, -1), 'http://127.0.0.1:1']);
  expect(absent).toMatchObject({ code: 3, stderr: 'http://127.0.0.1:1 is unreachable. Check --api.\n' });
});

/** Every command with this option, with a value for each option that it requires. */
function commandsWith(option: string): string[][] {
  return createProgram().commands.flatMap((noun) =>
    noun.commands
      .filter(({ options }) => options.some(({ long }) => long === option))
      .map((verb) => {
        const required = verb.options.filter(({ mandatory, long }) => mandatory && long !== '--workspace');
        return [noun.name(), verb.name(), ...required.flatMap(({ long }) => [String(long), 'none'])];
      }),
  );
}

describe('a name that does not exist', () => {
  test.each(commandsWith('--workspace').map((command) => [command.join(' ')]))('%s: the workspace', async (command) => {
    expect(await run([...command.split(' '), '--workspace', 'ws_none'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Workspace not found.\n',
    });
  });

  test.each([
    ['api get --api-id none', 'API not found.'],
    ['api delete --yes --api-id none', 'API not found.'],
    ['api update --api-id none --name A', 'API not found.'],
    ['policy get --api-id none', 'API not found.'],
    ['policy get --external-id nobody', 'Identity not found.'],
    ['policy clear --yes --external-id nobody', 'Identity not found.'],
    ['identity get --external-id nobody', 'Identity not found.'],
    ['identity delete --yes --external-id nobody', 'Identity not found.'],
    ['policy set --api-id none --quota 1/day', 'API not found.'],
    ['policy clear --yes --api-id none', 'API not found.'],
    ['portal get --slug none', 'Portal configuration not found.'],
    ['portal update --slug none --name A', 'Portal configuration not found.'],
    ['portal delete --yes --slug none', 'Portal configuration not found.'],
    ['root-key revoke --yes --root-key-id none', 'Root key not found.'],
    ['session list --slug none', 'Portal configuration not found.'],
    ['session list --slug none --external-id user_123', 'Portal configuration not found.'],
    ['session list --handle sess_none', 'Session not found. It may have ended.'],
    ['session revoke --yes --slug none', 'Portal configuration not found.'],
    ['session revoke --yes --handle sess_none', 'Session not found. It may have ended.'],
  ])('%s', async (command, sentence) => {
    const { workspaceId } = await newWorkspace();
    const args = [...command.split(' '), '--workspace', workspaceId];
    expect(await run(args)).toEqual({ code: 1, stdout: '', stderr: `${sentence}\n` });
  });

  test('is no error if it is the id of a user, of whom Portico stores nothing', async () => {
    const { workspaceId } = await newWorkspace();
    const args = ['session', 'revoke', '--workspace', workspaceId, '--external-id', 'nobody', '--yes'];
    expect(await run(args)).toEqual({
      code: 0,
      stdout: 'revoked  0\n',
      stderr: 'No such session is active. Check the user id.\n',
    });
    expect(await json(...args)).toEqual({ revoked: 0 });
  });
});

describe('a command that deletes something or ends sessions', () => {
  test.each([
    'workspace disable',
    'api delete --api-id API',
    'policy clear --api-id API',
    'policy clear --external-id user_123',
    'identity delete --external-id user_123',
    'root-key revoke --root-key-id KEY',
    'portal update --slug my-portal --disabled',
    'portal delete --slug my-portal',
    'session revoke --external-id user_123',
  ])('%s changes nothing without --yes and without a terminal', async (command) => {
    const { workspaceId, rootKeyId } = await newWorkspace();
    const own = ['--workspace', workspaceId];
    const { apiId } = await json<{ apiId: string }>('api', 'create', ...own, '--name', 'Payments');
    await json('portal', 'create', ...own, '--slug', 'my-portal');
    await json('identity', 'update', ...own, '--external-id', 'user_123', '--name', 'Jo');
    const before = await json<object[]>('audit', 'list', ...own);
    const args = command.split(' ').map((word) => ({ API: apiId, KEY: rootKeyId })[word] ?? word);
    const { code, stdout, stderr } = await run([...args, ...own]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^There is no terminal to ask on: [^\n]*\? [^\n]*Add --yes\.\n$/);
    expect(await json('audit', 'list', ...own)).toEqual(before);
  });
});

test('portal update changes nothing, and has no new version, if it is told nothing or two things', async () => {
  const { workspaceId } = await newWorkspace();
  const own = ['--workspace', workspaceId, '--slug', 'my-portal'];
  const made = await json('portal', 'create', ...own);
  const refusal = async (...flags: string[]) => {
    const { code, stdout, stderr } = await run(['portal', 'update', ...own, '--yes', ...flags]);
    expect([code, stdout]).toEqual([2, '']);
    return stderr;
  };
  expect(await refusal()).toBe('There is nothing to change. Add a setting.\n');
  expect(await refusal('--enabled', '--disabled')).toContain("'--enabled' cannot be used with option '--disabled'");
  expect(await refusal('--show-powered-by', '--hide-powered-by')).toContain('cannot be used with option');
  for (const list of ['--api-id', '--embedding-origin', '--allowed-return-origin'])
    expect(await refusal(list, 'none', list, 'https://a.example')).toContain(`${list} none clears the list`);
  expect(await json('portal', 'get', ...own)).toEqual(made);
  // The values that it has already are no change.
  expect(await json('portal', 'update', ...own, '--enabled', '--name', 'none')).toEqual(made);
});

test('values with control characters make no lines and no colors', async () => {
  const name = 'A\u001b[31m\nws_fake  owned\u202e';
  const { workspaceId } = await newWorkspace();
  // Written to Redis, because the output must not depend on the rules for names.
  const { client, stop } = await openTargetRedis({ url, env });
  const record = { workspaceId, name, enabled: true, createdAt: Date.now() };
  await client.set(keys.workspace(workspaceId), JSON.stringify(record));
  await stop();
  const { stdout } = await run(['workspace', 'list']);
  expect(stdout.split('\n').filter((line) => line.includes('owned'))).toEqual([
    expect.stringMatching(new RegExp(`^${workspaceId} +A\\\\u001b\\[31m\\\\u000aws_fake {2}owned\\\\u202e +true +\\d`)),
  ]);
});

describe('mistakes', () => {
  test.each([
    [['session', 'create', '--slug', 's', '--external-id', 'u', '--root-key', 'rk_1'], /^Add a --permission\.\n$/],
    [
      'session create --root-key rk_1 --slug s --external-id u --permission api.*.read_key --api nonsense'.split(' '),
      /^[^\n]*baseUrl[^\n]*\n$/,
    ],
    [['workspace', 'create'], /required option '--name <name>'/],
    [['workspace', 'destroy'], /unknown command 'destroy'/],
    [[], /Usage: portico/],
  ])('%j exits with 2 and says on stderr what is wrong', async (args, sentence) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain(' at ');
  });

  test.each([
    [['session', 'list'], /^Add --external-id, --slug or --handle\.\n$/],
    [['session', 'revoke', '--yes'], /^Add --external-id, --slug or --handle\.\n$/],
    [['policy', 'get'], /^Add --api-id or --external-id\.\n$/],
    [['policy', 'set', '--quota', '1/day'], /^Add --api-id or --external-id\.\n$/],
    [['policy', 'get', '--api-id', 'api_1', '--external-id', 'user_1'], /cannot be used with option/],
    [['identity', 'update', '--external-id', 'user_1'], /^There is nothing to change/],
    [['root-key', 'create', '--permission', 'all'], /--permission is not valid\. Use the form/],
    [
      ['root-key', 'create', '--permission', 'api.*.read_kye'],
      /^No operation requires --permission api\.\*\.read_kye\. Did you mean api\.\*\.read_key\?/,
    ],
    [['audit', 'list', '--action', 'session.revok'], /Allowed choices are session\.create, /],
  ])('%j exits with 2 in a workspace', async (args, sentence) => {
    const { workspaceId } = await newWorkspace();
    const { code, stdout, stderr } = await run([...args, '--workspace', workspaceId]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
  });

  test.each<[args: string[], code: number, error: object]>([
    [['workspace', 'enable', '--workspace', 'ws_none'], 1, { code: 'unkey/data/workspace_not_found' }],
    [['workspace', 'destroy'], 2, { code: 'invalid_usage', message: "unknown command 'destroy'" }],
    [['doctor', '--frobnicate\u001b'], 2, { code: 'invalid_usage', message: "unknown option '--frobnicate\u001b'" }],
  ])('with --json, %j is one line of JSON on stderr', async (args, code, error) => {
    const failed = await run([...args, '--json']);
    expect([failed.code, failed.stdout]).toEqual([code, '']);
    expect(failed.stderr).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(failed.stderr)).toMatchObject({ error });
  });

  test('with --json, an error lists every wrong option', async () => {
    const { workspaceId } = await newWorkspace();
    const args = ['portal', 'create', '--workspace', workspaceId, '--slug', 'No', '--primary-color', 'red', '--json'];
    const { code, stderr } = await run(args);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'unkey/application/invalid_input',
        message: 'Invalid options:',
        errors: [
          { option: '--slug', message: expect.stringMatching(/^is not valid\. Use /) },
          { option: '--primary-color', message: expect.stringMatching(/^is not valid\. Use /) },
        ],
      },
    });
  });

  test('an invalid setting is reported with its sentence', async () => {
    expect(await run(['workspace', 'list'], { AUDIT_MAX_AGE_DAYS: '0' })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'AUDIT_MAX_AGE_DAYS must be a whole number from 1 to 3650.\n',
    });
  });

  test('an unexpected error is printed with its stack, without credentials', async () => {
    const { workspaceId } = await newWorkspace();
    const { client, stop } = await openTargetRedis({ url, env });
    await client.hSet(keys.portals(workspaceId), 'portal_1', 'pst_abcdefgh');
    await client.hSet(keys.portalSlugs(workspaceId), 'damaged', 'portal_1');
    await stop();
    const { code, stderr } = await run(['portal', 'get', '--workspace', workspaceId, '--slug', 'damaged']);
    expect(code).toBe(4);
    expect(stderr).toMatch(/^SyntaxError: [\s\S]* at /);
    expect(stderr).not.toContain('abcdefgh');
  });

  test('an unreachable Redis is reported within seconds and without its password', async () => {
    const { code, stderr } = await run(['workspace', 'list'], {
      REDIS_MODE: 'standalone',
      REDIS_URL: 'redis://:hunter2@127.0.0.1:1',
    });
    expect([code, stderr]).toEqual([3, 'Redis is unreachable. Check REDIS_URL and that Redis is running.\n']);
  });
});

const example = /Usage: portico[\s\S]*Examples:\n {2}\$ npx portico /;
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
});

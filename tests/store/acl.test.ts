/** A Redis user with only the permissions that docs/operate/production.md grants can do everything that the server does. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import { commandLine } from '../../src/server/cli/operator.ts';
import { listKeys } from '../../src/server/domain/keys/key-list.ts';
import { deleteKey, rerollKey } from '../../src/server/domain/keys/keys.ts';
import { updatePortal } from '../../src/server/domain/portals/portals.ts';
import { endSession } from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { createStore } from '../../src/server/store/index.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import '../support/patient-redis.ts';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { runCommand } from '../support/run-command.ts';
import { newWorkspace } from '../support/store.ts';

const root = join(import.meta.dirname, '../..');
const guide = await readFile(join(root, 'docs/operate/production.md'), 'utf8');
/** The command of the guide, as its words. */
const documented = (/^ACL SETUSER portico .*$/m.exec(guide)?.[0] ?? '').replace('>password', '>secret').split(' ');
/** What the guide adds for the doctor. */
const forDoctor = (/the server at its start, check .*\| `([^`]+)`/.exec(guide)?.[1] ?? '').replaceAll('\\|', '|');

let redis: LocalRedis;
let admin: ReturnType<typeof createClient>;
let env: Record<string, string>;
beforeAll(async () => {
  redis = await startRedis();
  admin = createClient({ url: redis.url });
  await admin.connect();
  await admin.sendCommand(documented);
  const url = redis.url.replace('redis://', 'redis://portico:secret@');
  env = { REDIS_MODE: 'standalone', REDIS_URL: url, PORTAL_BASE_URL: 'https://portal.acme.example' };
});
afterAll(async () => {
  admin.destroy();
  await redis.stop();
});

test('the operations of users and backends', async () => {
  const connected = connectRedis(String(env['REDIS_URL']));
  await connected.ready;
  const store = createStore(connected, { maxEntries: 100, maxAgeDays: 1 });
  await expect(store.probe()).resolves.toBeUndefined();
  const workspace = await newWorkspace(store);
  const apiId = await workspace.newApi();
  const slug = await workspace.newPortal({ apiIds: [apiId] });
  const session = await workspace.enter(slug, 'user');
  const { keyId, key } = await workspace.newKey(session, apiId, { ratelimit: { limit: 9, duration: 60_000 } });
  expect(await verifyKey(store, workspace.rootKey, { key })).toMatchObject({ code: 'VALID' });
  await rerollKey(store, session, { keyId, overlap: 60_000 });
  await deleteKey(store, session, keyId);
  expect((await listKeys(store, session, { apiId })).keys).toHaveLength(1);
  await endSession(store, session, {});
  expect(await updatePortal(store, workspace.workspaceId, slug, { enabled: false }, commandLine)).toMatchObject({
    version: 2,
  });
  await store.close();
});

test('the commands of operators', async () => {
  const made = JSON.parse((await runCommand(env, 'workspace', 'create', '--name', 'Acme', '--json')).stdout);
  const own = ['--workspace', made.workspaceId];
  for (const command of [
    'workspace list',
    'workspace disable --yes',
    'api list',
    'root-key list',
    'usage export',
    'migrate',
  ]) {
    const words = command.startsWith('workspace list') ? command.split(' ') : [...command.split(' '), ...own];
    expect([command, (await runCommand(env, ...words)).stderr]).toEqual([command, '']);
  }
  expect((await runCommand(env, 'audit', 'list', ...own)).stdout).toContain('workspace.update');
});

describe('the doctor', () => {
  const findings = async () => {
    const { code, stdout } = await runCommand(env, 'doctor', '--json');
    const faults = (JSON.parse(stdout) as { check: string; level: string; message: string }[]).filter(
      ({ level }) => level !== 'ok',
    );
    return { code, faults: faults.map(({ check, level, message }) => `${level} ${check}: ${message}`) };
  };

  test('warns that it may not ask, and takes that for no outage', async () => {
    expect(await findings()).toEqual({
      code: 0,
      faults: [
        'warning permissions: The Redis user may not run INFO, so the version, the persistence and the eviction cannot be checked.',
      ],
    });
  });

  test('checks everything with what the guide adds for it', async () => {
    await admin.sendCommand(['ACL', 'SETUSER', 'portico', ...forDoctor.split(' ')]);
    expect(await findings()).toEqual({
      code: 1,
      faults: ['error persistence: Redis writes nothing to disk: a restart loses everything.'],
    });
    await admin.sendCommand(['ACL', 'SETUSER', 'portico', '-info', '-config|get']);
  });

  test('names a command that the server needs and that Redis refuses, and so does any other command', async () => {
    await admin.sendCommand(['ACL', 'SETUSER', 'portico', '-evalsha']);
    expect(await findings()).toMatchObject({
      code: 1,
      faults: [expect.stringContaining("'evalsha'"), expect.any(String)],
    });
    expect(await runCommand(env, 'workspace', 'create', '--name', 'Acme')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^Redis refuses: NOPERM .*'evalsha'.*\. Check the login and the permissions/),
    });
    await admin.sendCommand(['ACL', 'SETUSER', 'portico', '+evalsha']);
    const wrong = { ...env, REDIS_URL: redis.url.replace('redis://', 'redis://portico:hunter2@') };
    const { code, stdout, stderr } = await runCommand(wrong, 'workspace', 'list');
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^Redis refuses: WRONGPASS /);
    expect(stderr).not.toContain('hunter2');
  });
});

test('every command of a script is allowed', async () => {
  const scripts = join(root, 'src/server/store/scripts');
  const names = (await readdir(scripts, { recursive: true })).filter((name) => name.endsWith('.lua'));
  const texts = await Promise.all(names.map((name) => readFile(join(scripts, name), 'utf8')));
  const commands = new Set(
    texts.flatMap((text) => [...text.matchAll(/redis\.p?call\(\s*'(\w+)'/g)].map(([, name]) => name)),
  );
  expect(commands.size).toBeGreaterThan(20);
  /** What Redis says about the command with as many arguments as it needs. */
  const verdict = async (command: string) => {
    for (let many = 0; many < 8; many++) {
      const dryRun = ['ACL', 'DRYRUN', 'portico', command, ...Array<string>(many).fill('portico:{ws_1}:x')];
      const said = await admin.sendCommand(dryRun).catch(({ message }: Error) => message);
      if (!String(said).includes('wrong number of arguments')) return String(said);
    }
    return 'no number of arguments is right';
  };
  const verdicts = await Promise.all([...commands].map(async (name = '') => [name, await verdict(name)]));
  expect(verdicts.filter(([, said]) => said !== 'OK')).toEqual([]);
});

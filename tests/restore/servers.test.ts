/** A real backup of Redis is restored under a running server, which refuses all calls until the command line has fenced the data. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { keys } from '../../src/server/store/keys.ts';
import { end, startRedisServer, tell, until } from '../support/redis.ts';
import { runCommand } from '../support/run-command.ts';
import { startPatientServer } from '../support/server.ts';
import { call } from '../support/tenant.ts';
import '../support/patient-redis.ts';

const directory = await mkdtemp(join(tmpdir(), 'portico-restore-'));
const port = await freePort();
const url = `redis://127.0.0.1:${port}`;
const startRedis = (at = port, file = 'dump.rdb') =>
  startRedisServer(
    [...['--port', String(at), '--bind', '127.0.0.1', '--save', ''], ...['--dir', directory, '--dbfilename', file]],
    `redis://127.0.0.1:${at}`,
  );
let redis = await startRedis();
const cli = async (...args: string[]) => {
  const { code, stdout, stderr } = await runCommand({ REDIS_URL: url }, ...args, '--json');
  return { code, printed: JSON.parse(stdout || stderr) };
};
const { workspaceId, rootKey } = (await cli('workspace', 'create', '--name', 'Acme')).printed;
const server = await startPatientServer({ REDIS_URL: url, PORT: '0', METRICS_PORT: '' });
afterAll(async () => {
  await server.stop();
  await redis.stop();
  await rm(directory, { recursive: true });
});

const ask = (operation: string, bearer: string, body: unknown) => call(server.url, operation, bearer, body);
const hour = 3_600_000;

test('a server that was running notices the backup, and nothing that it revives works before or after the fence', async () => {
  const { apiId } = (await ask('apis.createApi', rootKey, { name: 'API' })).data;
  await ask('portal.createConfiguration', rootKey, { slug: 'my-portal', apiIds: [apiId] });
  const link = { slug: 'my-portal', externalId: 'user_1', permissions: ['api.*.read_key'] };
  const { sessionId } = (await ask('portal.createSession', rootKey, link)).data;
  const { key, keyId } = (await ask('keys.createKey', rootKey, { apiId, externalId: 'user_1' })).data;
  const other = (await cli('root-key', 'create', '--workspace', workspaceId)).printed;

  const backupTime = new Date().toISOString();
  await tell(url, 'SAVE');
  await copyFile(join(directory, 'dump.rdb'), join(directory, 'backup.rdb'));
  // As if it had been made an hour ago.
  const older = await startRedis(await freePort(), 'backup.rdb');
  await tell(older.url, 'HSET', keys.dataset, 'beat', String(Date.now() - hour));
  await tell(older.url, 'SAVE');
  // Not `stop`, which removes the snapshot after it has searched it for secrets.
  await end(older.process);
  expect(await ask('portal.exchangeSession', '', { sessionId })).toMatchObject({ status: 200 });
  await ask('keys.deleteKey', rootKey, { keyId });
  await cli('root-key', 'revoke', '--workspace', workspaceId, '--root-key-id', other.rootKeyId, '--yes');
  const copy = join(directory, 'audit.jsonl');
  await writeFile(
    copy,
    JSON.stringify((await cli('audit', 'list', '--workspace', workspaceId, '--limit', '100')).printed),
  );

  await end(redis.process, 'SIGKILL');
  await copyFile(join(directory, 'backup.rdb'), join(directory, 'dump.rdb'));
  redis = await startRedis();
  await until('the server has noticed', async () => server.log().includes('portico restore fence'));
  for (const [operation, bearer, body] of [
    ['portal.exchangeSession', '', { sessionId }],
    ['keys.verifyKey', rootKey, { key }],
    ['keys.verifyKey', other.rootKey, { key }],
  ] as const)
    expect([operation, (await ask(operation, bearer, body)).status]).toEqual([operation, 503]);
  expect((await fetch(`${server.url}/v2/readiness`)).status).toBe(503);
  expect((await cli('doctor')).printed).toContainEqual(
    expect.objectContaining({ check: 'restore', level: 'error', fix: expect.stringContaining('restore fence') }),
  );
  const undecided = await cli('restore', 'fence', '--yes');
  expect(undecided).toMatchObject({ code: 1, printed: { error: { code: 'decision_required' } } });
  expect((await ask('keys.verifyKey', rootKey, { key })).status).toBe(503);
  expect((await cli('restore', 'list', '--workspace', workspaceId)).printed).toContainEqual(
    expect.objectContaining({ type: 'key', id: keyId }),
  );

  // The copy does not reach back to the hour that the backup seems to be old.
  const incomplete = await cli('restore', 'fence', '--audit', copy, '--yes');
  expect(incomplete).toMatchObject({ code: 1, printed: { error: { code: 'audit_log_incomplete' } } });
  const fenced = await cli('restore', 'fence', '--audit', copy, '--backup-time', backupTime, '--yes');
  expect(fenced).toMatchObject({ code: 0, printed: { workspaces: [{ workspaceId, made: 2 }], notFenced: [] } });
  await until('the server works again', async () => (await fetch(`${server.url}/v2/readiness`)).ok);
  expect((await ask('portal.exchangeSession', '', { sessionId })).status).toBe(401);
  expect((await ask('keys.verifyKey', rootKey, { key })).data).toMatchObject({ valid: false, code: 'NOT_FOUND' });
  expect((await ask('keys.verifyKey', other.rootKey, { key })).status).toBe(401);
  expect((await ask('portal.createSession', rootKey, link)).status).toBe(200);
}, 60_000);

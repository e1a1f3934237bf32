/**
 * Records what 0.1.0 stores: `npx node tests/migration/record.ts <directory of the source of 0.1.0, with its node_modules>` runs its
 * server and its command line on a Redis, and writes data-0.1.0.json beside this file. The source is commit b5ac043, the last one
 * before the partitions. Verifications of past days are counted by its own script, with another time.
 *
 * Every secret in the file is of this recording, and no server has ever used it.
 */
import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient, RESP_TYPES } from 'redis';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { end, startRedis, until } from '../support/redis.ts';
import { call } from '../support/tenant.ts';
import type { RecordedUser, Recording } from './recording.ts';

const [source = ''] = process.argv.slice(2);
const day = 86_400_000;
const retentionDays = 90;

const redis = await startRedis();
const client = createClient({ url: redis.url });
await client.connect();
const documents = createServer((_, response) =>
  response.setHeader('content-type', 'application/json').end(
    JSON.stringify({
      ...{ openapi: '3.1.0', info: { title: 'Payments', version: '1' } },
      paths: { '/payments': { get: { summary: 'List payments', responses: { 200: { description: 'OK' } } } } },
    }),
  ),
);
await new Promise<void>((listening) => documents.listen(0, '127.0.0.1', listening));
const openapiUrl = `http://127.0.0.1:${(documents.address() as AddressInfo).port}/openapi.json`;

const port = String(await freePort());
const settings = {
  ...{ REDIS_URL: redis.url, REDIS_MODE: 'standalone', PORT: port, HOST: '127.0.0.1', OPENAPI_ALLOW_PRIVATE: 'true' },
  ...{ PORTAL_BASE_URL: `http://127.0.0.1:${port}`, RATE_LIMIT_ROOT_KEY: '0', RATE_LIMIT_SESSION: '0' },
  ...{ RATE_LIMIT_EXCHANGE: '0', RATE_LIMIT_FAILED_AUTHENTICATION: '0', RATE_LIMIT_PAGES: '0', WORKERS: '1' },
};
const env = { ...process.env, ...settings };
const server = spawn(process.execPath, [join(source, 'src/server/main.ts')], {
  ...{ env, cwd: source, stdio: 'ignore' },
});
process.on('exit', () => {
  server.kill();
  redis.process.kill();
});
const url = `http://127.0.0.1:${port}`;
await until('the server is ready', async () => (await fetch(`${url}/v2/readiness`)).ok);

const cli = async (...args: string[]) => {
  const command = [join(source, 'src/server/cli/main.ts'), ...args, '--json'];
  return JSON.parse((await promisify(execFile)(process.execPath, command, { env, cwd: source })).stdout);
};
// biome-ignore lint/suspicious/noExplicitAny: the responses of another version
const ask = async (operation: string, bearer: string, body: unknown, more = {}): Promise<any> => {
  const reply = await call(url, operation, bearer, body, more);
  if (reply.status !== 200) throw new Error(`${operation} ${reply.status} ${reply.broken}`);
  return reply.data;
};

const permissions = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map(
  (action) => `api.*.${action}`,
);
const enter = async (rootKey: string, slug: string, externalId: string): Promise<string> => {
  const { sessionId } = await ask('portal.createSession', rootKey, { slug, externalId, permissions });
  return (await ask('portal.exchangeSession', '', { sessionId })).token;
};
const newKey = (token: string, body: object): Promise<{ keyId: string; key: string }> =>
  ask('portal.createKey', token, body);

/** Verifications by the script of 0.1.0 at another time. */
const layout = await import(join(source, 'src/server/store/scripts/usage.ts'));
const counting = [
  ...layout.countsUsage.lua,
  "local function whole(number) return string.format('%.0f', number) end\n",
  'countUsage(KEYS[1], {user = ARGV[1], api = ARGV[2], id = ARGV[3]}, tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]))',
];
// The snippet calls `whole`, so it must come first.
const script = [counting.at(-2), ...counting.slice(0, -2), counting.at(-1)].join('\n');
interface Counted {
  workspaceId: string;
  externalId: string;
  apiId: string;
  keyId: string;
}
async function count({ workspaceId, externalId, apiId, keyId }: Counted, at: number, outcome: string, many = 1) {
  const user = Buffer.from(externalId).toString('base64url');
  for (let i = 0; i < many; i++) {
    await client.eval(script, {
      keys: [`portico:{${workspaceId}}:usage:`],
      arguments: [
        ...[user, apiId, keyId, String(at), outcome],
        ...[String(48 * 3600), String((retentionDays * day + day + 2 * 3_600_000) / 1000)],
      ],
    });
  }
}

const recording: Recording = { recordedAt: 0, workspaces: [], keys: [], records: [] };

async function newWorkspace(name: string, slug: string, externalIds: string[]) {
  const { workspaceId, rootKey } = await cli('workspace', 'create', '--name', name);
  const second = await cli('root-key', 'create', '--workspace', workspaceId, '--permission', 'api.*.verify_key');
  const apiIds: string[] = [];
  for (const body of [{ name: 'Payments', prefix: 'pay' }, { name: 'Reports' }]) {
    apiIds.push((await ask('apis.createApi', rootKey, body, { 'idempotency-key': `api ${body.name}` })).apiId);
  }
  const [apiId = ''] = apiIds;
  await ask('portal.createConfiguration', rootKey, {
    ...{ slug, name: 'My portal', apiIds, openapiUrl, returnUrl: 'https://app.acme.example' },
    branding: { primaryColor: '#0a7a5a' },
  });
  const gone = await ask('apis.createApi', rootKey, { name: 'Gone' });
  await ask('portal.createConfiguration', rootKey, { slug: `${slug}-2`, apiIds: [apiId], enabled: true });
  const users: RecordedUser[] = [];
  for (const externalId of externalIds) {
    const token = await enter(rootKey, slug, externalId);
    const keep = (key: { key: string }) => recording.keys.push({ workspaceId, key: key.key });
    const own = { workspaceId, externalId, apiId };
    const first = await newKey(token, { apiId, name: 'First' });
    keep(first);
    if (users.length % 5 === 1) await count({ ...own, keyId: first.keyId }, Date.now() - 2 * day, 'V', 2);
    users.push({ externalId, token });
  }
  return { workspaceId, rootKey, second: second.rootKey, slug, apiIds, goneApiId: gone.apiId, users };
}

const names = Array.from({ length: 25 }, (_, i) => `user_${i + 1}`);
const acme = await newWorkspace('Acme', 'my-portal', [...names, 'Jürgen {x}:1', 'a@b.example', '名前']);
const other = await newWorkspace('Other', 'my-portal', ['user_1', 'user_2']);

// Every kind of key.
const { workspaceId, rootKey, apiIds } = acme;
const [apiId = '', reports = ''] = apiIds;
const token = String(acme.users[0]?.token);
const own = { workspaceId, externalId: 'user_1' };
const keep = (key: { key: string }) => recording.keys.push({ workspaceId, key: key.key });
const verify = (key: string) => ask('keys.verifyKey', rootKey, { key });
const make = async (body: object) => {
  const made = await newKey(token, body);
  keep(made);
  return made;
};
const withMeta = await make({ apiId, name: 'Meta', meta: { plan: 'pro', seats: 3 }, expires: Date.now() + 60 * day });
const disabled = await make({ apiId, name: 'Disabled' });
await ask('portal.updateKey', token, { keyId: disabled.keyId, enabled: false });
const expired = await make({ apiId, name: 'Expired', expires: Date.now() + 3000 });
const limited = await make({ apiId: reports, name: 'Limited', ratelimit: { limit: 5, duration: day } });
const exhausted = await make({ apiId, name: 'Exhausted', ratelimit: { limit: 1, duration: day } });
const old = await make({ apiId, name: 'Old', byteLength: 64 });
const overlapping = await ask('portal.rerollKey', token, { keyId: old.keyId, expiration: 7 * day });
keep(overlapping);
const retired = await make({ apiId: reports, name: 'Retired' });
keep(await ask('portal.rerollKey', token, { keyId: retired.keyId, expiration: 0 }));
const repeatable = { apiId, name: 'Repeatable' };
keep(await ask('portal.createKey', token, repeatable, { 'idempotency-key': 'once' }));
// A key with usage that its user has deleted.
const deleted = await newKey(token, { apiId, name: 'Deleted' });
recording.keys.push({ workspaceId, key: deleted.key });
await verify(deleted.key);
await count({ ...own, apiId, keyId: deleted.keyId }, Date.now() - 5 * day, 'V', 7);
await ask('portal.deleteKey', token, { keyId: deleted.keyId });
// An API that is deleted.
await ask('apis.deleteApi', rootKey, { apiId: acme.goneApiId });

for (const [ago, outcome, many] of [
  ...[[1, 'V', 3] as const, [1.3, 'R', 2] as const, [3, 'V', 5] as const, [3.4, 'D', 1] as const],
  ...[[11, 'V', 9] as const, [40.7, 'E', 4] as const, [80, 'V', 6] as const],
]) {
  await count({ ...own, apiId, keyId: withMeta.keyId }, Date.now() - ago * day, outcome, many);
  await count({ ...own, apiId: reports, keyId: limited.keyId }, Date.now() - ago * day - 3_600_000, outcome, many + 1);
}
// Pending sessions, one with a repeatable request.
const pending = { slug: 'my-portal', externalId: 'user_3', permissions };
await ask('portal.createSession', rootKey, pending, { 'idempotency-key': 'session' });
await ask('portal.createSession', rootKey, { ...pending, externalId: 'user_4' });
await ask('portal.getOpenapiDocument', token, {});
await verify(exhausted.key);
await until('the key has expired', async () => (await verify(expired.key)).code === 'EXPIRED');

for (const { workspaceId: id, key } of recording.keys) {
  const root = id === workspaceId ? rootKey : other.rootKey;
  const answer = await ask('keys.verifyKey', root, { key });
  for (const one of recording.keys) if (one.key === key) one.answer = answer;
}

/** All pages of a list. */
async function all(operation: string, bearer: string): Promise<never[]> {
  const items: never[] = [];
  for (let cursor: string | undefined; ; ) {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ limit: 100, ...(cursor !== undefined && { cursor }) });
    const page = await (await fetch(`${url}/v2/${operation}`, { method: 'POST', headers, body })).json();
    items.push(...(page.data as never[]));
    if (!page.pagination.hasMore) return items;
    cursor = page.pagination.cursor;
  }
}

recording.recordedAt = Date.now();
const now = recording.recordedAt;
const windows = [
  [now - 3_600_000, now],
  [now - 20 * 3_600_000, now],
  [now - 20 * day, now],
  [now - 85 * day, now],
] as const;
for (const made of [acme, other]) {
  const users: RecordedUser[] = [];
  for (const user of made.users) {
    const usage = [];
    for (const [startTime, endTime] of user.externalId === 'user_1' ? windows : windows.slice(-1)) {
      const found = await ask('portal.getVerifications', user.token, { startTime, endTime });
      usage.push({ ...found, series: found.series.filter(({ total }: { total: number }) => total > 0) });
    }
    users.push({ ...user, keys: await all('portal.listKeys', user.token), usage });
  }
  recording.workspaces.push({
    ...{ workspaceId: made.workspaceId, rootKeys: [made.rootKey, made.second], slug: made.slug, users },
    apis: await all('apis.listApis', made.rootKey),
    portals: await all('portal.listConfigurations', made.rootKey),
    entries: await all('auditLogs.listEntries', made.rootKey),
  });
}

const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
for (const name of (await client.keys('*')).sort()) {
  const [dump, expiresAt] = [await binary.dump(name), await client.pExpireTime(name)];
  if (dump === null) continue;
  recording.records.push({ name, dump: (dump as unknown as Buffer).toString('base64'), expiresAt });
}
const path = join(import.meta.dirname, 'data-0.1.0.json');
await writeFile(path, `${JSON.stringify(recording)}\n`);

await end(server);
documents.close();
client.destroy();
await redis.stop();

/** The whole flow on each topology of Redis, and the findings of the doctor. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { makeCertificates, redisTls } from '../support/certificates.ts';
import { startCluster } from '../support/cluster.ts';
import { end, startRedis, tell } from '../support/redis.ts';
import { startSentinel } from '../support/sentinel.ts';
import { portico, porticoText, startPatientServer } from '../support/server.ts';
import { call, newTenant } from '../support/tenant.ts';

/** What a test started. It is stopped even if the test fails. */
const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const started of running.splice(0).reverse()) await started.stop();
});
const stopAfterwards = <T extends { stop(): Promise<unknown> }>(started: T): T => {
  running.push(started);
  return started;
};

/** From the workspace to the usage of a key, with the command line and over HTTP. */
async function wholeFlow(env: Record<string, string>): Promise<void> {
  const server = stopAfterwards(await startPatientServer({ PORT: '0', HOST: '127.0.0.1', ...env }));
  expect((await fetch(`${server.url}/v2/readiness`)).status).toBe(200);
  const tenant = await newTenant(env, server.url);
  const created = await tenant.createSession(server.url);
  const exchanged = await call(server.url, 'portal.exchangeSession', '', { sessionId: created.data['sessionId'] });
  const token = String(exchanged.data['token']);
  expect((await call(server.url, 'portal.getSession', token, {})).status).toBe(200);
  const made = await call(server.url, 'portal.createKey', token, { apiId: tenant.apiId });
  const verified = await call(server.url, 'keys.verifyKey', tenant.rootKey, { key: made.data['key'] });
  expect(verified.data['code']).toBe('VALID');
  const workspaces = await portico<{ workspaceId: string }[]>(env, 'workspace', 'list');
  expect(workspaces.map(({ workspaceId }) => workspaceId)).toEqual([tenant.workspaceId]);
  const usage = await porticoText(env, 'usage', 'export', '--workspace', tenant.workspaceId);
  expect(usage).toContain(String(made.data['keyId']));
}

interface Finding {
  check: string;
  level: string;
  message: string;
}
/** The findings of the doctor. Its exit code is 1 here, because these topologies store nothing on disk. */
async function findings(env: Record<string, string>): Promise<Finding[]> {
  const failed = await portico(env, 'doctor').catch((error: { stdout: string }) => error);
  return JSON.parse((failed as { stdout: string }).stdout);
}

describe('TLS', () => {
  test('works with a private authority, a client certificate and another server name, and fails without them', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'portico-tls-'));
    stopAfterwards({ stop: () => rm(directory, { recursive: true }) });
    const files = await makeCertificates(directory);
    const redis = stopAfterwards(await startRedis({ tls: await redisTls(files) }));
    const trust = { REDIS_URL: redis.url, REDIS_TLS_CA_FILE: files.ca };
    const env = { ...trust, REDIS_TLS_CERT_FILE: files.cert, REDIS_TLS_KEY_FILE: files.key };
    await wholeFlow(env);
    const list = (more: Record<string, string>) => porticoText(more, 'workspace', 'list').catch(() => 'refused');
    expect(await list({ ...env, REDIS_TLS_SERVER_NAME: 'redis.internal' })).not.toBe('refused');
    expect(await list({ ...env, REDIS_TLS_SERVER_NAME: 'redis.elsewhere' })).toBe('refused');
    expect(await list({ REDIS_URL: redis.url })).toBe('refused');
    expect(await list(trust)).toBe('refused');
  });
});

describe('Sentinel', () => {
  test('works with the primary that the Sentinels name, and the doctor checks the replica too', async () => {
    const { env, primary, replica } = stopAfterwards(await startSentinel());
    await wholeFlow(env);
    await tell(replica.url, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const found = await findings(env);
    const about = (check: string) => found.filter((finding) => finding.check === check);
    expect(about('redis')).toEqual([{ check: 'redis', level: 'ok', message: 'All 2 nodes of Redis reply.' }]);
    expect(about('replicas').map(({ level }) => level)).toEqual(['ok']);
    expect(about('persistence')).toHaveLength(2);
    expect(about('eviction').map(({ message }) => message)).toEqual([
      expect.stringContaining(`127.0.0.1:${replica.port}: `),
    ]);
    expect(primary.process.exitCode).toBeNull();
  });
});

describe('a cluster', () => {
  test('works, and the doctor reports a missing node', async () => {
    const cluster = stopAfterwards(await startCluster({ replicas: 0, nodeTimeoutMs: 20_000 }));
    await wholeFlow(cluster.env);
    expect((await findings(cluster.env)).filter(({ check }) => check === 'replicas')).toHaveLength(3);
    const [gone] = cluster.nodes;
    if (gone !== undefined) await end(gone.process, 'SIGKILL');
    const found = await findings(cluster.env);
    expect(found.filter(({ check, level }) => check === 'redis' && level === 'error').length).toBeGreaterThan(0);
  });
});

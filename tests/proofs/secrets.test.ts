/**
 * The search for secrets at the end of a run finds one in each place where a server could leave it. This file has a run of its own,
 * with a Redis and servers that have a planted fault.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { metricsUrlOf } from '../support/metrics.ts';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { secretFieldsByPath } from '../support/secrets/fields.ts';
import { failureOf, judgeSecrets } from '../support/secrets/judge.ts';
import { secretsVariable } from '../support/secrets/record.ts';
import { startServer } from '../support/server.ts';
import { call, newTenant } from '../support/tenant.ts';

const patience = join(import.meta.dirname, '../support/patient-redis.ts');
let parent: string;
/** Takes the traces. */
const collector = createServer((req, res) => {
  req.resume();
  res.setHeader('Content-Type', 'application/json').end('{}');
});
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'portico-secrets-'));
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
});
afterAll(async () => {
  collector.close();
  await rm(parent, { recursive: true });
});

/** A run with one server, which has the planted fault: a session is opened and used, metrics are read, and traces are sent. */
async function runWith(fault?: string) {
  const directory = join(parent, fault ?? 'none');
  process.env[secretsVariable] = directory;
  const redis: LocalRedis = await startRedis();
  const traces = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const env = { REDIS_URL: redis.url, PORT: '0', METRICS_PORT: '0', OTEL_EXPORTER_OTLP_ENDPOINT: traces };
  const preload = fault === undefined ? [] : [join(import.meta.dirname, 'planted', `${fault}.ts`)];
  const server = await startServer(env, { preload: [patience, ...preload] });
  const tenant = await newTenant({ REDIS_URL: redis.url }, server.url);
  const { data } = await tenant.createSession(server.url);
  const { data: opened } = await call(server.url, 'portal.exchangeSession', '', { sessionId: data['sessionId'] });
  const token = String(opened['token']);
  await call(server.url, 'portal.createKey', token, { apiId: tenant.apiId });
  await call(server.url, 'portal.getSession', token, {});
  await fetch(metricsUrlOf(server.log()));
  await server.stop();
  await redis.stop();
  return judgeSecrets(directory);
}

test('the contract says which fields are secrets', async () => {
  const created = ['/v2/portal.createKey', '/v2/portal.rerollKey', '/v2/keys.createKey', '/v2/keys.rerollKey'];
  expect(await secretFieldsByPath()).toEqual({
    '/v2/portal.createSession': ['sessionId', 'url'],
    '/v2/portal.exchangeSession': ['token'],
    ...Object.fromEntries(created.map((path) => [path, ['key']])),
  });
});

test('a server without a fault leaves its secrets nowhere', async () => {
  const { issued, searched, findings } = await runWith();
  expect(findings).toEqual([]);
  // The session id, the token and the key.
  expect([issued, searched > 20]).toEqual([3, true]);
});

test('a run of all tests fails if it has noted no secret, because then it finds none', async () => {
  const nothing = await judgeSecrets(join(parent, 'nowhere'));
  expect([failureOf(nothing, false), failureOf({ ...nothing, issued: 1 }, true)]).toEqual([undefined, undefined]);
  expect(failureOf(nothing, true)).toContain('no secret was noted');
  expect(failureOf({ ...nothing, issued: 1, findings: ['log of a server: ps_'] }, false)).toContain('log of a server');
});

test('the search finds what a server with faults leaves in its log, metrics, traces and Redis, and in other responses', async () => {
  const { findings } = await runWith('leaks');
  for (const place of [
    'log of a server',
    'response of /metrics',
    'request of /v1/traces',
    'redis of its contents',
    'response of /v2/portal.getSession',
  ])
    expect(findings).toContainEqual(expect.stringMatching(`^${place}: ps_`));
});

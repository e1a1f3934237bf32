/** Metrics as Prometheus scrapes them from the real server. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { send } from '../../contract-tests/engine/send.ts';
import { operations } from '../../generated/operations.ts';
import { root } from '../../src/server/package.ts';
import { scripts } from '../../src/server/store/scripts.ts';
import { expectEach } from '../support/expect-each.ts';
import { metricsUrlOf, scrape } from '../support/metrics.ts';
import { until } from '../support/redis.ts';
import { startPatientServer } from '../support/server.ts';
import { startServerTarget } from '../support/server-target.ts';

const target = await startServerTarget({ METRICS_PORT: '0' });
afterAll(() => target.stop());
const url = metricsUrlOf(target.server.log());
const post = (operation: string, body: unknown, authorization?: string) =>
  send(target.baseUrl, { method: 'post', path: `/v2/${operation}` }, { body, ...(authorization && { authorization }) });

/** Returns how much each series grew while the action ran. */
async function growth(work: () => Promise<unknown>): Promise<(series: string) => number> {
  const before = await scrape(url);
  await work();
  const after = await scrape(url);
  return (series) => (after.get(series) ?? 0) - (before.get(series) ?? 0);
}

const requestsOf = (operation: string, code: number | string) =>
  `portico_http_request_duration_seconds_count{operation="${operation}",code="${code}"}`;

describe('the metrics count', () => {
  test('requests by operation and status', async () => {
    const { rootKey } = await target.arrange('portal');
    const grown = await growth(async () => {
      for (let i = 0; i < 3; i++) await post('apis.listApis', {}, `Bearer ${rootKey}`);
      await post('apis.listApis', { limit: 'many' }, `Bearer ${rootKey}`);
      await post('apis.listApis', {});
      await fetch(`${target.baseUrl}/nowhere`);
    });
    expect(grown(requestsOf('apis.listApis', 200))).toBe(3);
    expect(grown(requestsOf('apis.listApis', 400))).toBe(1);
    expect(grown(requestsOf('apis.listApis', 401))).toBe(1);
    expect(grown(requestsOf('none', 404))).toBe(1);
  });

  test('a caller that disconnects before the response', async () => {
    const grown = await growth(async () => {
      const { rootKey } = await target.arrange('portal');
      const patience = AbortSignal.timeout(300);
      const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{"na')) });
      const request = { method: 'POST', body, duplex: 'half', signal: patience } as RequestInit;
      const headers = { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' };
      await expect(fetch(`${target.baseUrl}/v2/apis.createApi`, { ...request, headers })).rejects.toThrow();
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    expect(grown(requestsOf('apis.createApi', 'aborted'))).toBe(1);
    expect(grown('portico_http_requests_in_flight')).toBe(0);
  });

  test('created and exchanged sessions, but not refused or repeated requests', async () => {
    const { rootKey, slug, idempotencyKey = '' } = await target.arrange('usedIdempotencyKey');
    const grown = await growth(async () => {
      const { sessionId } = await target.arrange('session');
      await target.arrange('browserSession');
      await post('portal.exchangeSession', { sessionId: `${sessionId.slice(0, -4)}AAAA` });
      const again = { slug, externalId: 'user_123', permissions: ['api.*.read_key', 'api.*.read_analytics'] };
      const headers = { 'Idempotency-Key': idempotencyKey };
      const path = '/v2/portal.createSession';
      const repeated = await send(
        target.baseUrl,
        { method: 'post', path },
        { body: again, authorization: `Bearer ${rootKey}`, headers },
      );
      expect(repeated.status).toBe(200);
    });
    expect(grown('portico_sessions_minted_total')).toBe(2);
    expect(grown('portico_sessions_exchanged_total')).toBe(1);
  });

  test('verifications by outcome', async () => {
    const [good, disabled] = [await target.arrange('key'), await target.arrange('disabledKey')];
    const authorization = `Bearer ${good.rootKey}`;
    const verify = (key: string) => post('keys.verifyKey', { key }, authorization);
    const report = () =>
      send(
        target.baseUrl,
        { method: 'post', path: '/v2/keys.reportVerifications' },
        {
          body: { verifications: [{ key: good.apiKey, count: 40 }] },
          ...{ authorization, headers: { 'Idempotency-Key': 'a report that is repeated' } },
        },
      );
    const grown = await growth(async () => {
      // The second one repeats the first.
      expect([(await report()).status, (await report()).status]).toEqual([200, 200]);
      await verify(String(good.apiKey));
      await verify(String(good.apiKey));
      await verify(String(disabled.apiKey));
      await verify('nobody_has_this');
    });
    expect(grown('portico_verifications_total{outcome="VALID"}')).toBe(42);
    expect(grown('portico_verifications_total{outcome="DISABLED"}')).toBe(1);
    expect(grown('portico_verifications_total{outcome="NOT_FOUND"}')).toBe(1);
  });

  test('Redis commands, scripts by name, and failures by kind', async () => {
    const { rootKey, apiKey } = await target.arrange('key');
    const duration = (name: string) => `portico_redis_command_duration_seconds_count{command="${name}"}`;
    const verify = () => post('keys.verifyKey', { key: apiKey }, `Bearer ${rootKey}`);
    // At its first call, a node of a cluster may not have the script yet.
    await verify();
    expect((await growth(verify))(duration('verifyApiKey'))).toBe(1);
    const broken = await target.arrange('brokenStore');
    const failed = await growth(() => post('apis.listApis', {}, `Bearer ${broken.rootKey}`));
    // The server detects a damaged value; Redis does not.
    expect(failed(requestsOf('apis.listApis', 500))).toBe(1);
    await target.redis.configSet('maxmemory', '1');
    const full = await growth(() => target.arrange('session').catch(() => {}));
    await target.redis.configSet('maxmemory', '0');
    expect(full('portico_redis_command_errors_total{command="createSession",reason="OOM"}')).toBe(1);
  });

  test('rate-limited requests by operation', async () => {
    const env = { PORT: '0', HOST: '127.0.0.1', METRICS_PORT: '0', RATE_LIMIT_EXCHANGE: '2', ...target.redisEnv };
    const server = await startPatientServer(env);
    for (let i = 0; i < 5; i++) {
      const body = { sessionId: `pst_${'a'.repeat(12)}00${'b'.repeat(52)}` };
      await send(server.url, { method: 'post', path: '/v2/portal.exchangeSession' }, { body });
    }
    const series = await scrape(metricsUrlOf(server.log()));
    await server.stop();
    const limited = [...series].filter(([name]) => name.startsWith('portico_http_rate_limited_requests_total'));
    expect(limited).toEqual([['portico_http_rate_limited_requests_total{operation="portal.exchangeSession"}', 3]]);
    expect(series.get(requestsOf('portal.exchangeSession', 429))).toBe(3);
  });

  test('readiness, as the endpoint would report it', async () => {
    expect((await scrape(url)).get('portico_ready')).toBe(1);
    await target.redis.configSet('maxmemory', '1');
    expect((await scrape(url)).get('portico_ready')).toBe(0);
    await target.redis.configSet('maxmemory', '0');
    expect((await scrape(url)).get('portico_ready')).toBe(1);
  });
});

test('callers cannot create new series', async () => {
  const { rootKey } = await target.arrange('portal');
  const noise = async (round: string) => {
    for (let i = 0; i < 50; i++) {
      const made = `${round}-${i}`;
      await fetch(`${target.baseUrl}/v2/${made}`, { method: 'POST' });
      await fetch(`${target.baseUrl}/${made}?${made}=1`, { headers: { 'user-agent': made, [made]: made } });
      await post('keys.verifyKey', { key: made, apiId: made, [made]: made }, `Bearer ${rootKey}`);
      await post('portal.createSession', { slug: made, externalId: made, permissions: [made] }, `Bearer ${made}`);
      await fetch(`${target.baseUrl}/v2/liveness`, { method: ['PUT', 'PATCH', 'PROPFIND', 'DELETE'][i % 4] ?? '' });
    }
  };
  await noise('first');
  // The handles in Node's own metrics change without any call.
  const ours = async () => [...(await scrape(url)).keys()].filter((series) => series.startsWith('portico_'));
  const before = await ours();
  await noise('second');
  const after = await ours();
  expect(after).toEqual(before);

  const known = {
    operation: new Set([...Object.keys(operations), 'none']),
    command: new Set(Object.keys(scripts)),
  };
  const valuesOf = (label: string) => after.flatMap((series) => series.match(new RegExp(`(?<=${label}=")[^"]*`)) ?? []);
  expectEach(valuesOf('operation'), (operation) => expect(known.operation).toContain(operation));
  const commands = valuesOf('command').filter((command) => !known.command.has(command));
  expectEach(commands, (command) => expect(command).toMatch(/^[A-Z_]{2,20}$/));
});

describe('the metrics endpoint', () => {
  test('serves /metrics on its own port only', async () => {
    expect((await fetch(url.replace('/metrics', '/'))).status).toBe(404);
    const posted = await fetch(url, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${target.baseUrl}/metrics`)).status).toBe(404);
  });

  test('adds up all workers, no matter which worker served a request', async () => {
    const env = { PORT: '0', HOST: '127.0.0.1', WORKERS: '2', METRICS_PORT: '0', ...target.redisEnv };
    const server = await startPatientServer(env);
    const served = () => server.log().includes('metrics are served');
    await until('metrics are served', async () => served());
    const all = metricsUrlOf(server.log());
    const before = (await scrape(all)).get(requestsOf('liveness', 200)) ?? 0;
    for (let i = 0; i < 20; i++) {
      const headers = { connection: 'close' };
      expect((await fetch(`${server.url}/v2/liveness`, { headers })).status).toBe(200);
    }
    expect((await scrape(all)).get(requestsOf('liveness', 200))).toBe(before + 20);
    await server.stop();
    expect(server.log().split('"msg":"stopped"')).toHaveLength(3);
  });

  test('does not exist without METRICS_PORT', async () => {
    const server = await startPatientServer({ PORT: '0', HOST: '127.0.0.1', ...target.redisEnv });
    expect(server.log()).not.toContain('metrics are served');
    await server.stop();
  });

  test('has exactly the metrics that the documentation lists, with their types', async () => {
    const text = await readFile(join(root, 'docs/operate/observability.md'), 'utf8');
    const listed = [...text.matchAll(/^\| `([a-z_0-9]+)` \| (\w+) \|/gm)].map(([, name, type]) => `${name} ${type}`);
    const types = (await (await fetch(url)).text()).matchAll(/^# TYPE (\S+) (\S+)$/gm);
    expect(listed.sort()).toEqual([...types].map(([, name, type]) => `${name} ${type}`).sort());
  });
});

/** Traces as an OpenTelemetry collector receives them from the real server: OTLP over HTTP, in JSON. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import { send } from '../../contract-tests/engine/send.ts';
import { until } from '../support/redis.ts';
import { type LocalServer, startPatientServer } from '../support/server.ts';
import { startServerTarget } from '../support/server-target.ts';

/** An OTLP span, with its attributes as a plain object. */
interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: Record<string, unknown>;
  status: { code?: number };
}

interface Otlp {
  resourceSpans: { resource: { attributes: OtlpAttribute[] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
}
interface OtlpAttribute {
  key: string;
  value: Record<string, unknown>;
}
type OtlpSpan = Omit<Span, 'attributes'> & { attributes: OtlpAttribute[] };

const plain = (attributes: OtlpAttribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** A collector that stores what it receives. */
async function startCollector() {
  const received: string[] = [];
  const headers: unknown[] = [];
  const server = createServer(async (req, res) => {
    received.push(Buffer.concat(await req.toArray()).toString());
    headers.push(req.headers);
    res.setHeader('Content-Type', 'application/json').end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const resources = () => received.flatMap((text) => (JSON.parse(text) as Otlp).resourceSpans);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: () => received.join('\n'),
    headers,
    service: () => plain(resources()[0]?.resource.attributes ?? []),
    spans: (): Span[] =>
      resources()
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
        .map((span) => ({ ...span, attributes: plain(span.attributes) })),
    stop: () => server.close(),
  };
}

const target = await startServerTarget();
afterAll(() => target.stop());

/** A server that sends its spans soon, for the tests that need no settings of their own. */
const usual = await startCollector();
const settings = { PORT: '0', HOST: '127.0.0.1', ...target.redisEnv };
const server = await startPatientServer({
  ...settings,
  OTEL_EXPORTER_OTLP_ENDPOINT: usual.url,
  OTEL_BSP_SCHEDULE_DELAY: '100',
});
afterAll(async () => {
  await server.stop();
  usual.stop();
});

/** The spans of some calls: those that this server sends until it has sent one of a last call. */
async function spansOf(work: () => Promise<unknown>): Promise<Span[]> {
  const before = usual.spans().length;
  await work();
  const traceId = randomBytes(16).toString('hex');
  await fetch(`${server.url}/v2/liveness`, { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } });
  await until('the last span', async () => usual.spans().some((span) => span.traceId === traceId));
  return usual
    .spans()
    .slice(before)
    .filter((span) => span.traceId !== traceId);
}

/** Runs the calls against a server with tracing, and returns what the collector has after the server has stopped. */
async function traced(work: (server: LocalServer) => Promise<unknown>, env: Record<string, string> = {}) {
  const collector = await startCollector();
  const own = await startPatientServer({ ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env });
  await work(own);
  await own.stop();
  collector.stop();
  return collector;
}

const call = ({ url }: { url: string }, operation: string, request: Parameters<typeof send>[2]) =>
  send(url, { method: 'post', path: `/v2/${operation}` }, request);

const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('a request', () => {
  test('is a span named after its operation, with a child span per script, sent before the process exits', async () => {
    const { rootKey, apiKey } = await target.arrange('key');
    let requestId: unknown;
    const { spans, service } = await traced(async (own) => {
      const response = await call(own, 'keys.verifyKey', {
        body: { key: apiKey },
        authorization: `Bearer ${rootKey}`,
        headers: { traceparent },
      });
      requestId = (response.body as { meta: { requestId: string } }).meta.requestId;
    });
    expect(service()).toMatchObject({ 'service.name': 'portico', 'service.version': expect.any(String) });
    const [request, ...others] = spans().filter(({ name }) => name === 'keys.verifyKey');
    expect(others).toEqual([]);
    expect(request).toMatchObject({
      kind: SERVER,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v2/keys.verifyKey',
        'http.response.status_code': 200,
        'portico.request_id': requestId,
      },
    });
    expect(request?.status.code ?? 0).toBe(0);
    const below = spans().filter(({ parentSpanId }) => parentSpanId === request?.spanId);
    expect(below.map(({ name }) => name)).toContain('verifyApiKey');
    for (const span of below) {
      expect(span).toMatchObject({ kind: CLIENT, traceId: request?.traceId });
      expect(span.attributes).toMatchObject({ 'db.system.name': 'redis', 'db.operation.name': span.name });
    }
  });

  test('without a traceparent header starts its own trace', async () => {
    const spans = await spansOf(() => fetch(`${server.url}/v2/liveness`));
    const [span] = spans.filter(({ name }) => name === 'liveness');
    expect(span?.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
    expect(span?.parentSpanId ?? '').toBe('');
  });

  test('has only its own commands when requests run concurrently', async () => {
    const { rootKey } = await target.arrange('portal');
    const authorization = `Bearer ${rootKey}`;
    // The server sends a script twice if Redis does not know it yet.
    await call(target.server, 'apis.listApis', { body: {}, authorization });
    const spans = await spansOf(() =>
      Promise.all(Array.from({ length: 30 }, () => call(server, 'apis.listApis', { body: {}, authorization }))),
    );
    const requests = spans.filter(({ name }) => name === 'apis.listApis');
    expect(requests.length).toBe(30);
    const counts = requests.map(({ spanId }) => spans.filter(({ parentSpanId }) => parentSpanId === spanId).length);
    expect(new Set(counts).size).toBe(1);
    expect(counts[0]).toBeGreaterThan(0);
  });

  test('that fails with 5xx is an error, and so is its failed command; a 4xx is not', async () => {
    const broken = await target.arrange('brokenStore');
    const { rootKey } = await target.arrange('portal');
    const spans = await spansOf(async () => {
      await call(server, 'apis.listApis', { body: {}, authorization: `Bearer ${broken.rootKey}` });
      await call(server, 'apis.getApi', { body: {}, authorization: `Bearer ${rootKey}` });
      await target.redis.configSet('maxmemory', '1');
      const body = { name: 'Payments' };
      await call(server, 'apis.createApi', { body, authorization: `Bearer ${rootKey}` });
      await target.redis.configSet('maxmemory', '0');
    });
    const find = (wanted: string) => spans.find(({ name }) => name === wanted);
    expect(find('apis.listApis')).toMatchObject({ status: { code: ERROR }, attributes: { 'error.type': '500' } });
    expect(find('apis.getApi')?.status.code ?? 0).toBe(0);
    const full = find('apis.createApi');
    expect(full).toMatchObject({ status: { code: ERROR }, attributes: { 'error.type': '503' } });
    const command = spans.find(({ parentSpanId, status }) => parentSpanId === full?.spanId && status.code === ERROR);
    expect(command).toMatchObject({ attributes: { 'error.type': 'OOM' } });
  });
});

test('no span contains a credential from any part of a request', async () => {
  const facts = await target.arrange('key');
  const { sessionId } = await target.arrange('session');
  const { rootKey, token, apiKey = '' } = facts;
  const secrets = [rootKey, sessionId, token, apiKey];
  const spans = await spansOf(async () => {
    for (const secret of secrets) {
      const spread = {
        authorization: `Bearer ${secret}`,
        cookie: secret,
        query: `?session=${secret}`,
        headers: {
          tracestate: `portico=${secret}`,
          baggage: `key=${secret}`,
          'User-Agent': secret,
          traceparent: secret,
          Referer: `https://portal.acme.example/?session=${secret}`,
        },
      };
      for (const operation of ['portal.getSession', 'portal.createSession', 'keys.verifyKey', secret])
        await call(server, operation, { ...spread, body: { key: secret, sessionId: secret, [secret]: secret } });
      await call(server, 'apis.listApis', { body: {}, authorization: `Bearer ${secret}`, headers: { traceparent } });
      await fetch(`${server.url}/${secret}?session=${secret}`, { method: 'PATCH' });
    }
    await call(server, 'portal.exchangeSession', {
      body: { sessionId },
      headers: { traceparent, tracestate: `a=${sessionId}` },
    });
  });
  expect(spans.length).toBeGreaterThan(secrets.length * 5);
  for (const secret of secrets) expect(usual.text()).not.toContain(secret.slice(-18));
});

describe('settings', () => {
  test.each([{ OTEL_TRACES_SAMPLER: 'always_off' }, { OTEL_SDK_DISABLED: 'true' }])(
    '%j sends no spans',
    async (env) => {
      const { spans } = await traced((own) => fetch(`${own.url}/v2/liveness`), env);
      expect(spans()).toEqual([]);
    },
  );

  test('traceidratio samples about the configured share, and headers and the name of the service reach the collector', async () => {
    const calls = ({ url }: LocalServer) => Promise.all(Array.from({ length: 200 }, () => fetch(`${url}/v2/liveness`)));
    const { spans, headers, service } = await traced(calls, {
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=billing',
      OTEL_SERVICE_NAME: 'acme-portal',
    });
    expect(headers[0]).toMatchObject({ 'x-team': 'billing' });
    expect(service()).toMatchObject({ 'service.name': 'acme-portal' });
    const { length } = spans().filter(({ name }) => name === 'liveness');
    // Fewer than one run in a million is outside these bounds.
    expect(length).toBeGreaterThan(62);
    expect(length).toBeLessThan(138);
  });

  test('an unreachable collector neither fails a request nor delays the exit', async () => {
    const own = await startPatientServer({ ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    expect((await fetch(`${own.url}/v2/liveness`)).status).toBe(200);
    const begun = performance.now();
    await own.stop();
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(own.process.exitCode).toBe(0);
  });
});

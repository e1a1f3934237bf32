import { tracingChannel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { startTracing } from './traces.ts';

/** A response that ends as the test says. */
interface FakeResponse extends EventEmitter {
  statusCode: number;
  writableFinished: boolean;
  locals: Record<string, string>;
}

/** Sends a command of node-redis, as the client publishes it. */
function command(name: string, error?: Error): void {
  const channel = tracingChannel('node-redis:command');
  const context = {
    command: name,
    args: [name],
    serverAddress: 'redis.example',
    serverPort: 6379,
    ...(error && { error }),
  };
  channel.start.publish(context);
  channel.asyncEnd.publish(context);
}

/** Traces what the work does, and returns the exported spans by name. */
async function traced(
  work: (request: (headers?: object, method?: string, during?: () => void) => FakeResponse) => void,
): Promise<ReadableSpan[]> {
  const spans: ReadableSpan[] = [];
  const exporter = {
    export(batch: ReadableSpan[], done: (result: { code: number }) => void) {
      spans.push(...batch);
      done({ code: 0 });
    },
    async shutdown() {},
  } as unknown as SpanExporter;
  const { around, stop } = startTracing({ name: 'always_on', argument: 1 }, exporter);
  work((headers = {}, method = 'POST', during = () => {}) => {
    const res = Object.assign(new EventEmitter(), { statusCode: 200, writableFinished: true, locals: {} });
    around(during)({ headers, method } as never, res as never);
    return res;
  });
  await stop();
  // A command costs nothing after the end.
  expect(tracingChannel('node-redis:command').start.hasSubscribers).toBe(false);
  return spans;
}

const attributesOf = (span: ReadableSpan | undefined) => span?.attributes ?? {};

test('a command without a request, such as an idle ping, makes no span', async () => {
  expect(await traced(() => command('PING'))).toEqual([]);
});

test('a command of a request is a child of its span', async () => {
  const spans = await traced((request) => request({}, 'POST', () => command('GET')).emit('close'));
  expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
    ['GET', SpanKind.CLIENT],
    ['POST', SpanKind.SERVER],
  ]);
  const [child, parent] = spans;
  expect(child?.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId);
  expect(attributesOf(child)).toEqual({
    'db.system.name': 'redis',
    'db.operation.name': 'GET',
    'server.address': 'redis.example',
    'server.port': 6379,
  });
  expect(child?.status.code).toBe(SpanStatusCode.UNSET);
});

test('a command that fails is an error with its kind', async () => {
  const spans = await traced((request) => request({}, 'POST', () => command('GET', new Error('secret'))).emit('close'));
  expect(spans[0]?.status).toEqual({ code: SpanStatusCode.ERROR });
  expect(attributesOf(spans[0])['error.type']).toBe('other');
});

test('a request of an operation has its name, route, status and id', async () => {
  const [span] = await traced((request) => {
    const res = request();
    res.locals = { operationId: 'keys.verifyKey', requestId: 'req_1' };
    res.emit('close');
  });
  expect(span?.name).toBe('keys.verifyKey');
  expect(attributesOf(span)).toEqual({
    'http.request.method': 'POST',
    'url.scheme': 'http',
    'http.route': '/v2/keys.verifyKey',
    'http.response.status_code': 200,
    'portico.request_id': 'req_1',
  });
});

test.each([
  [499, SpanStatusCode.UNSET, undefined],
  [500, SpanStatusCode.ERROR, '500'],
  [503, SpanStatusCode.ERROR, '503'],
])('a status of %i is an error or not', async (status, code, type) => {
  const [span] = await traced((request) => Object.assign(request(), { statusCode: status }).emit('close'));
  expect(span?.status.code).toBe(code);
  expect(attributesOf(span)['error.type']).toBe(type);
});

test('a client that disconnects is an abort without a status', async () => {
  const [span] = await traced((request) => Object.assign(request(), { writableFinished: false }).emit('close'));
  expect(attributesOf(span)['error.type']).toBe('aborted');
  expect(attributesOf(span)).not.toHaveProperty(['http.response.status_code']);
});

test('an unknown method is _OTHER', async () => {
  const [span] = await traced((request) => request({}, 'BREW').emit('close'));
  expect([span?.name, attributesOf(span)['http.request.method']]).toEqual(['_OTHER', '_OTHER']);
});

test('a valid traceparent is continued, and an invalid one starts a new trace', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const spans = await traced((request) => {
    request({ traceparent: `00-${traceId}-b7ad6b7169203331-01` }).emit('close');
    request({ traceparent: 'nonsense' }).emit('close');
  });
  expect(spans.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(['b7ad6b7169203331', undefined]);
  expect(spans[0]?.spanContext().traceId).toBe(traceId);
  expect(spans[1]?.spanContext().traceId).not.toBe(traceId);
});

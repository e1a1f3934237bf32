/**
 * OpenTelemetry traces: a span for each request, with a child span for each command to Redis. It is loaded only if traces are
 * enabled, so that they cost nothing otherwise.
 */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import {
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions';
import type { SamplerName } from '../config/traces.ts';
import { version } from '../package.ts';
import { onRedisCommand } from './redis-commands.ts';
import { type Listener, operationOf, requestIdOf, routeOf, statusOf } from './response.ts';
import { samplerOf } from './sampler.ts';

/** The known methods. The semantic conventions call every other method `_OTHER`. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

/** The deadline for sending the remaining spans when the server stops, in ms. */
const flushDeadlineMs = 3000;

/** Running traces. */
export interface Tracing {
  /** Wraps the listener: each request gets a span. */
  around(listener: Listener): Listener;
  /** Sends the remaining spans, for up to three seconds, and stops. */
  stop(): Promise<void>;
}

/**
 * Starts traces. The exporter reads its destination from `OTEL_EXPORTER_OTLP_*`; the resource reads the name of the service
 * from `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`.
 *
 * A span never contains a path, query, header, body or argument, only the names of operations and scripts. The only header
 * that is read is `traceparent`, which can contain nothing but ids.
 *
 * @param exporter the exporter of OTLP, unless a test passes its own
 */
export function startTracing(
  sampler: { name: SamplerName; argument: number },
  exporter: SpanExporter = new OTLPTraceExporter(),
): Tracing {
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: 'portico', [ATTR_SERVICE_VERSION]: version }))
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
    sampler: samplerOf(sampler),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const tracer = provider.getTracer('portico', version);

  const stopCommands = onRedisCommand(({ name, serverAddress, serverPort }) => {
    // A command without a request, such as the ping of the connection, is not part of a trace.
    if (trace.getActiveSpan() === undefined) return () => {};
    const span = tracer.startSpan(name, {
      kind: SpanKind.CLIENT,
      attributes: {
        [ATTR_DB_SYSTEM_NAME]: 'redis',
        [ATTR_DB_OPERATION_NAME]: name,
        [ATTR_SERVER_ADDRESS]: serverAddress,
        ...(serverPort !== undefined && { [ATTR_SERVER_PORT]: serverPort }),
      },
    });
    return (failure) => {
      if (failure !== undefined) {
        span.setAttribute(ATTR_ERROR_TYPE, failure).setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    };
  });

  return {
    around: (listener) => (req, res) => {
      const header = req.headers['traceparent'];
      const caller = typeof header === 'string' ? parseTraceParent(header) : null;
      const parent = caller ? trace.setSpanContext(context.active(), { ...caller, isRemote: true }) : context.active();
      const method = methods.has(req.method ?? '') ? (req.method ?? '') : '_OTHER';
      const attributes = { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_URL_SCHEME]: 'http' };
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
      res.once('close', () => {
        const status = statusOf(res);
        const operation = operationOf(res);
        if (operation !== undefined) span.updateName(operation);
        span.setAttributes({
          [ATTR_HTTP_ROUTE]: routeOf(res),
          [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
          'portico.request_id': requestIdOf(res),
        });
        if (status === undefined) span.setAttribute(ATTR_ERROR_TYPE, 'aborted');
        else if (status >= 500) {
          span.setAttribute(ATTR_ERROR_TYPE, String(status)).setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      });
      context.with(trace.setSpan(parent, span), listener, undefined, req, res);
    },
    async stop() {
      stopCommands();
      // A collector that does not respond must not delay the end of the server.
      await Promise.race([
        provider.shutdown().catch(() => {}),
        new Promise((resolve) => setTimeout(resolve, flushDeadlineMs).unref()),
      ]);
    },
  };
}

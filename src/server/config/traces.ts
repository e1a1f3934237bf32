/** The settings of traces, with the standard names of OpenTelemetry. */
import { type CleanedEnv, EnvError, makeValidator, str } from 'envalid';
import { flag, webAddress } from './values.ts';

/** The samplers of OpenTelemetry that need no other service. */
const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** The name of a sampler. */
export type SamplerName = (typeof samplers)[number];

/** How requests are traced. The exporter reads its own settings. */
export interface TraceSettings {
  sampler: { name: SamplerName; argument: number };
}

const share = makeValidator((input) => {
  if (!/^(0(\.\d+)?|1(\.0+)?)$/.test(input)) throw new EnvError('must be a number from 0 to 1');
  return Number(input);
});

/** The settings. `desc` is the text of the documentation, in Markdown. */
export const traceSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress({
    default: undefined,
    desc: 'Base URL of an OpenTelemetry collector that accepts OTLP over HTTP with JSON, such as `http://collector:4318`.',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: webAddress({
    default: undefined,
    desc: 'URL for traces only, with its path, such as `http://collector:4318/v1/traces`.',
  }),
  OTEL_EXPORTER_OTLP_HEADERS: str({
    default: undefined,
    desc: 'Headers for the collector, such as a credential: `name=value,name=value`.',
  }),
  OTEL_TRACES_EXPORTER: str({
    choices: ['otlp', 'none'],
    default: undefined,
    desc: '`otlp` sends traces, by default to `http://localhost:4318`. `none` disables traces.',
  }),
  OTEL_SDK_DISABLED: flag({ default: false, desc: 'Disables traces, regardless of the other settings.' }),
  OTEL_SERVICE_NAME: str({ default: 'portico', desc: 'Service name in traces.' }),
  OTEL_TRACES_SAMPLER: str({
    choices: samplers,
    default: 'parentbased_always_on',
    desc: `Sampler that selects the traced requests: ${samplers.map((name) => `\`${name}\``).join(', ')}.`,
  }),
  OTEL_TRACES_SAMPLER_ARG: share({
    default: 1,
    desc: 'Share of requests that a `traceidratio` sampler selects, from `0` to `1`.',
  }),
};

/** How requests are traced; undefined if traces are disabled. */
export const tracesOf = (read: CleanedEnv<typeof traceSettings>): TraceSettings | undefined =>
  isTraced(read) ? { sampler: { name: read.OTEL_TRACES_SAMPLER, argument: read.OTEL_TRACES_SAMPLER_ARG } } : undefined;

/** Whether traces are enabled, by the rules of OpenTelemetry: an exporter or an endpoint is set, and the SDK is not disabled. */
function isTraced(read: {
  OTEL_SDK_DISABLED: boolean;
  OTEL_TRACES_EXPORTER: string | undefined;
  OTEL_EXPORTER_OTLP_ENDPOINT: string | undefined;
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: string | undefined;
}): boolean {
  if (read.OTEL_SDK_DISABLED || read.OTEL_TRACES_EXPORTER === 'none') return false;
  const endpoint = read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? read.OTEL_EXPORTER_OTLP_ENDPOINT;
  return read.OTEL_TRACES_EXPORTER === 'otlp' || endpoint !== undefined;
}

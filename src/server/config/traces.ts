/** The settings of traces, by the names that OpenTelemetry gives them in all languages. */
import { type CleanedEnv, EnvError, makeValidator, str } from 'envalid';
import { flag, webAddress } from './values.ts';

/** The samplers of OpenTelemetry that need nobody else. */
const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** One of them. */
export type SamplerName = (typeof samplers)[number];

/** How requests are traced. Where spans go the exporter reads itself, by OpenTelemetry's names for it. */
export interface TraceSettings {
  sampler: { name: SamplerName; argument: number };
}

const share = makeValidator((input) => {
  if (!/^(0(\.\d+)?|1(\.0+)?)$/.test(input)) throw new EnvError('must be a number from 0 to 1');
  return Number(input);
});

/** What OpenTelemetry calls these, in all languages. */
export const traceSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress({
    default: undefined,
    desc: 'where a collector of OpenTelemetry takes traces as OTLP over HTTP with JSON, such as `http://collector:4318`',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: webAddress({
    default: undefined,
    desc: 'the same for traces alone, with its path, such as `http://collector:4318/v1/traces`',
  }),
  OTEL_EXPORTER_OTLP_HEADERS: str({
    default: undefined,
    desc: 'headers for the collector, such as its credential: `name=value,name=value`',
  }),
  OTEL_TRACES_EXPORTER: str({
    choices: ['otlp', 'none'],
    default: undefined,
    desc: '`otlp` sends traces to `http://localhost:4318` where no collector is named; `none` sends none',
  }),
  OTEL_SDK_DISABLED: flag({ default: false, desc: 'send no traces, whatever else is set' }),
  OTEL_SERVICE_NAME: str({ default: 'portico', desc: 'what traces call this service' }),
  OTEL_TRACES_SAMPLER: str({
    choices: samplers,
    default: 'parentbased_always_on',
    desc: `which requests are traced: ${samplers.map((name) => `\`${name}\``).join(', ')}`,
  }),
  OTEL_TRACES_SAMPLER_ARG: share({ default: 1, desc: 'the share that a `traceidratio` takes, from `0` to `1`' }),
};

/** How requests are traced; undefined where they are not. */
export const tracesOf = (read: CleanedEnv<typeof traceSettings>): TraceSettings | undefined =>
  isTraced(read) ? { sampler: { name: read.OTEL_TRACES_SAMPLER, argument: read.OTEL_TRACES_SAMPLER_ARG } } : undefined;

/** Whether traces are asked for, as OpenTelemetry has it: by an exporter or by an endpoint, and not switched off. */
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

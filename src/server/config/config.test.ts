import { expect, test } from '@jest/globals';
import { ConfigError, readConfig } from './index.ts';

test('everything has a default', () => {
  expect(readConfig({})).toEqual({
    port: 3000,
    host: '0.0.0.0',
    workers: 1,
    redis: { mode: 'standalone', nodes: [{ host: '127.0.0.1', port: 6379 }], login: {} },
    portalBaseUrl: 'http://localhost:3000',
    docsBaseUrl: 'https://unkey.com/docs',
    logLevel: 'info',
    validateResponses: true,
    audit: { maxEntries: 100_000, maxAgeDays: 90 },
    maxKeysPerUserAndApi: 100,
    openapiAllowPrivate: false,
    rateLimits: { rootKey: 60_000, session: 1200, exchange: 600 },
    shutdownDelaySeconds: 0,
    usageRetentionDays: 90,
  });
});

test('PORTAL_BASE_URL defaults to the address of the server', () => {
  expect(readConfig({ PORT: '8080' }).portalBaseUrl).toBe('http://localhost:8080');
  expect(readConfig({ PORTAL_BASE_URL: 'https://portal.acme.example/' }).portalBaseUrl).toBe(
    'https://portal.acme.example',
  );
});

test('HOME_URL is the page for unknown users, and optional', () => {
  expect(readConfig({ HOME_URL: 'https://acme.example' }).homeUrl).toBe('https://acme.example/');
  expect(readConfig({ HOME_URL: 'http://localhost:8080/start?from=portal#top' }).homeUrl).toBe(
    'http://localhost:8080/start?from=portal#top',
  );
  expect(readConfig({ HOME_URL: '' }).homeUrl).toBeUndefined();
});

test('TRUST_PROXY takes a number of proxies or their addresses', () => {
  expect(readConfig({ TRUST_PROXY: '2' }).trustProxy).toBe(2);
  expect(readConfig({ TRUST_PROXY: 'loopback, 10.0.0.0/8,2001:db8::1' }).trustProxy).toEqual([
    'loopback',
    '10.0.0.0/8',
    '2001:db8::1',
  ]);
});

test('responses are not validated in production by default', () => {
  expect(readConfig({ NODE_ENV: 'production' }).validateResponses).toBe(false);
  expect(readConfig({ NODE_ENV: 'production', VALIDATE_RESPONSES: 'true' }).validateResponses).toBe(true);
});

test.each([
  ['PORT', 'http'],
  ['PORT', '70000'],
  ['PORT', '-1'],
  ['WORKERS', '0'],
  ['WORKERS', 'all'],
  ['REDIS_URL', 'http://localhost:6379'],
  ['REDIS_URL', 'hunter2'],
  ['PORTAL_BASE_URL', 'portal.acme.example'],
  ['PORTAL_BASE_URL', 'https://portal.acme.example/sub/path'],
  ['PORTAL_BASE_URL', 'ftp://portal.acme.example'],
  ['HOME_URL', 'acme.example'],
  ['HOME_URL', 'javascript:alert(1)'],
  ['HOME_URL', 'https://user:hunter2@acme.example'],
  ['DOCS_BASE_URL', 'https://docs.acme.example/?a=b'],
  ['LOG_LEVEL', 'loud'],
  ['VALIDATE_RESPONSES', 'maybe'],
  ['MAX_KEYS_PER_USER_AND_API', '0'],
  ['MAX_KEYS_PER_USER_AND_API', 'many'],
  ['USAGE_RETENTION_DAYS', '1.5'],
  ['USAGE_RETENTION_DAYS', '367'],
  ['OPENAPI_ALLOW_PRIVATE', 'yes'],
  ['RATE_LIMIT_SESSION', '-1'],
  // An unlimited number of trusted proxies would trust any client.
  ['TRUST_PROXY', 'true'],
  ['TRUST_PROXY', '0'],
  ['TRUST_PROXY', '10.0.0.0/99'],
  ['TRUST_PROXY', 'loopback, proxy.internal'],
])('%s=%s is refused with a sentence that names it', (name, value) => {
  const read = () => readConfig({ [name]: value });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(new RegExp(`^${name} \\w`));
});

test('the message never contains a password', () => {
  expect(() => readConfig({ REDIS_URL: 'https://:hunter2@redis' })).toThrow(/^((?!hunter2)[\s\S])*$/);
});

test('one message reports all invalid settings', () => {
  expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT[\s\S]*LOG_LEVEL/);
});

test('metrics are served on the address of the server by default', () => {
  expect(readConfig({ METRICS_PORT: '9464', HOST: '10.0.0.1' }).metrics).toEqual({ port: 9464, host: '10.0.0.1' });
  expect(readConfig({ METRICS_PORT: '0', METRICS_HOST: '127.0.0.1' }).metrics).toEqual({ port: 0, host: '127.0.0.1' });
});

test('an exporter or an endpoint enables traces, and they can be disabled', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
  const sampler = { name: 'parentbased_always_on', argument: 1 };
  for (const env of [
    endpoint,
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' },
    { OTEL_TRACES_EXPORTER: 'otlp' },
  ])
    expect(readConfig(env).traces).toEqual({ sampler });
  for (const env of [{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])
    expect(readConfig({ ...endpoint, ...env }).traces).toBeUndefined();
  const some = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' };
  expect(readConfig({ ...endpoint, ...some }).traces).toEqual({ sampler: { name: 'traceidratio', argument: 0.25 } });
  expect(() => readConfig({ ...endpoint, OTEL_TRACES_SAMPLER_ARG: '2' })).toThrow('OTEL_TRACES_SAMPLER_ARG');
});

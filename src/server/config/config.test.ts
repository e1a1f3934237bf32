import { availableParallelism } from 'node:os';
import { expect, test } from '@jest/globals';
import { defaultLimits } from '../store/limits.ts';
import { type Config, ConfigError, readConfig, readStoreConfig, settings } from './index.ts';

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
    maxRequestsInProgress: 250,
    maxConnections: 10_000,
    limits: defaultLimits,
    openapiAllowPrivate: false,
    openapiMaxMib: 16,
    rateLimits: { rootKey: 60_000, session: 1200, exchange: 600, failedAuthentication: 1200, pages: 6000 },
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
  // The address as browsers read it.
  expect(readConfig({ HOME_URL: 'https://acme.example\\@evil.example/' }).homeUrl).toBe(
    'https://acme.example/@evil.example/',
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

test('metrics are served on loopback by default, wherever the server listens', () => {
  expect(readConfig({ METRICS_PORT: '9464', HOST: '10.0.0.1' }).metrics).toEqual({ port: 9464, host: '127.0.0.1' });
  expect(readConfig({ METRICS_PORT: '0', METRICS_HOST: '10.0.0.1' }).metrics).toEqual({ port: 0, host: '10.0.0.1' });
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

type Read = (config: Config) => unknown;

test.each<[name: string, min: number, max: number, read: Read]>([
  ['PORT', 0, 65_535, ({ port }) => port],
  ['METRICS_PORT', 0, 65_535, ({ metrics }) => metrics?.port],
  ['WORKERS', 1, 256, ({ workers }) => workers],
  ['AUDIT_MAX_ENTRIES', 1, 10_000_000, ({ audit }) => audit.maxEntries],
  ['AUDIT_MAX_AGE_DAYS', 1, 3650, ({ audit }) => audit.maxAgeDays],
  ['MAX_KEYS_PER_USER_AND_API', 1, 1_000_000, ({ maxKeysPerUserAndApi }) => maxKeysPerUserAndApi],
  ['MAX_REQUESTS_IN_PROGRESS', 0, 100_000, ({ maxRequestsInProgress }) => maxRequestsInProgress],
  ['MAX_CONNECTIONS', 1, 1_000_000, ({ maxConnections }) => maxConnections],
  ['MAX_SESSIONS_PER_USER', 1, 1_000_000, ({ limits }) => limits.sessionsPerUser],
  ['MAX_APIS_PER_WORKSPACE', 1, 1_000_000, ({ limits }) => limits.apis],
  ['MAX_PORTALS_PER_WORKSPACE', 1, 1_000_000, ({ limits }) => limits.portals],
  ['WORKSPACE_QUOTA_MB', 0, 1_000_000, ({ limits }) => limits.workspaceMegabytes],
  ['USER_QUOTA_KB', 0, 1_000_000, ({ limits }) => limits.userKilobytes],
  ['USAGE_RETENTION_DAYS', 1, 366, ({ usageRetentionDays }) => usageRetentionDays],
  ['RATE_LIMIT_ROOT_KEY', 0, 999_999_999, ({ rateLimits }) => rateLimits.rootKey],
  ['RATE_LIMIT_SESSION', 0, 999_999_999, ({ rateLimits }) => rateLimits.session],
  ['RATE_LIMIT_EXCHANGE', 0, 999_999_999, ({ rateLimits }) => rateLimits.exchange],
  ['RATE_LIMIT_FAILED_AUTHENTICATION', 0, 999_999_999, ({ rateLimits }) => rateLimits.failedAuthentication],
  ['RATE_LIMIT_PAGES', 0, 999_999_999, ({ rateLimits }) => rateLimits.pages],
  ['SHUTDOWN_DELAY_SECONDS', 0, 300, ({ shutdownDelaySeconds }) => shutdownDelaySeconds],
  ['TRUST_PROXY', 1, 99, ({ trustProxy }) => trustProxy],
])('%s is a whole number from %i to %i', (name, min, max, read) => {
  for (const value of [min, max]) expect(read(readConfig({ [name]: String(value) }))).toBe(value);
  for (const value of [min - 1, max + 1, `${min}.5`, `${max}x`, `x${max}`, ` ${max}`, '+1', '1e1', '0x1'])
    expect(() => readConfig({ [name]: String(value) })).toThrow(new RegExp(`^${name} must be [^\\n]+\\.$`));
});

test('WORKERS=auto starts a worker for each core', () => {
  expect(readConfig({ WORKERS: 'auto' }).workers).toBe(availableParallelism());
});

test.each(['VALIDATE_RESPONSES', 'OPENAPI_ALLOW_PRIVATE'] as const)('%s is true or false', (name) => {
  const field = name === 'VALIDATE_RESPONSES' ? 'validateResponses' : 'openapiAllowPrivate';
  for (const value of [true, false]) expect(readConfig({ [name]: String(value) })[field]).toBe(value);
  for (const value of ['1', '0', 'TRUE', 'truee']) expect(() => readConfig({ [name]: value })).toThrow('true or false');
});

test.each(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const)('LOG_LEVEL=%s', (level) => {
  expect(readConfig({ LOG_LEVEL: level }).logLevel).toBe(level);
});

test.each([
  ['https://docs.acme.example', 'https://docs.acme.example'],
  ['http://docs.acme.example/a//', 'http://docs.acme.example/a'],
  ['https://Döcs.acme.example:443/Docs', 'https://xn--dcs-sna.acme.example/Docs'],
])('DOCS_BASE_URL=%s is a prefix without a trailing slash', (value, docsBaseUrl) => {
  expect(readConfig({ DOCS_BASE_URL: value })).toMatchObject({ docsBaseUrl });
});

test.each([
  'docs',
  'ftp://docs.acme.example',
  'https://docs.acme.example/?a',
  'https://docs.acme.example/#a',
  'https://user@docs.acme.example',
  'https://:hunter2@docs.acme.example',
])('DOCS_BASE_URL=%s is refused', (value) => {
  expect(() => readConfig({ DOCS_BASE_URL: value })).toThrow(/^DOCS_BASE_URL must [^\n]+\.$/);
});

test.each(['https://user@acme.example', 'https://:hunter2@acme.example'])('HOME_URL=%s is refused', (value) => {
  expect(() => readConfig({ HOME_URL: value })).toThrow(/^HOME_URL must not contain a user name or a password\.$/);
});

test.each([
  ['https://portal.acme.example:8443', 'https://portal.acme.example:8443'],
  ['http://localhost/', 'http://localhost'],
  ['https://portal.acme.example:443', 'https://portal.acme.example'],
  ['http://portal.acme.example:80/', 'http://portal.acme.example'],
  ['HTTPS://Portal.Acme.EXAMPLE', 'https://portal.acme.example'],
  ['https://pörtal.acme.example', 'https://xn--prtal-jua.acme.example'],
  ['http://[::FFFF:192.0.2.1]:3000', 'http://[::ffff:c000:201]:3000'],
])('PORTAL_BASE_URL=%s is the origin', (value, portalBaseUrl) => {
  expect(readConfig({ PORTAL_BASE_URL: value })).toMatchObject({ portalBaseUrl });
});

test.each([
  'https://a.example//',
  'https://a.example/?a',
  'https://a.example#a',
  'https://user@a.example',
  'https://:hunter2@a.example',
])('PORTAL_BASE_URL=%s is no origin', (value) => {
  expect(() => readConfig({ PORTAL_BASE_URL: value })).toThrow(
    /^PORTAL_BASE_URL must (be an http|not contain a user name)[^\n]+\.$/,
  );
});

test.each([
  ['loopback', ['loopback']],
  ['linklocal,uniquelocal', ['linklocal', 'uniquelocal']],
  ['10.0.0.1 , ::1', ['10.0.0.1', '::1']],
  ['fd00::/8', ['fd00::/8']],
  ['Loopback,FD00::/8', ['loopback', 'fd00::/8']],
])('TRUST_PROXY=%s', (value, trustProxy) => {
  expect(readConfig({ TRUST_PROXY: value })).toMatchObject({ trustProxy });
});

test.each(['1,2', '00', '2130706433', '10.0.0.0/33', 'private', 'loopback,'])('TRUST_PROXY=%s is refused', (value) => {
  expect(() => readConfig({ TRUST_PROXY: value })).toThrow(/^TRUST_PROXY must be a number of proxies/);
});

test.each([
  ['0', 0],
  ['0.0', 0],
  ['0.25', 0.25],
  ['1', 1],
  ['1.0', 1],
])('OTEL_TRACES_SAMPLER_ARG=%s', (value, argument) => {
  expect(readConfig({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_TRACES_SAMPLER_ARG: value }).traces?.sampler.argument).toBe(
    argument,
  );
});

test.each(['1.1', '-0', '.5', '1.', '01', '2', '0.5x'])('OTEL_TRACES_SAMPLER_ARG=%s is refused', (value) => {
  expect(() => readConfig({ OTEL_TRACES_SAMPLER_ARG: value })).toThrow(
    'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1.',
  );
});

test('OTEL_EXPORTER_OTLP_ENDPOINT and that of traces are addresses', () => {
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])
    expect(() => readConfig({ [name]: 'collector' })).toThrow(
      new RegExp(`^${name} must be an http:// or https:// URL`),
    );
});

test('the command line reads only what the store needs', () => {
  const audit = { maxEntries: 5, maxAgeDays: 6 };
  const limits = {
    MAX_KEYS_PER_USER_AND_API: '7',
    MAX_SESSIONS_PER_USER: '8',
    WORKSPACE_QUOTA_MB: '0',
    USER_QUOTA_KB: '11',
    MAX_APIS_PER_WORKSPACE: '9',
    MAX_PORTALS_PER_WORKSPACE: '10',
    PORT: 'nonsense',
  };
  const env = { AUDIT_MAX_ENTRIES: '5', AUDIT_MAX_AGE_DAYS: '6', REDIS_URL: 'redis://a', ...limits };
  expect(readStoreConfig(env)).toEqual({
    redis: { mode: 'standalone', nodes: [{ host: 'a', port: 6379 }], login: {} },
    audit,
    limits: {
      ...{ keysPerUser: 70, sessionsPerUser: 8, apis: 9, portals: 10, rootKeys: 1000 },
      ...{ workspaceMegabytes: 0, userKilobytes: 11 },
    },
  });
  expect(() => readStoreConfig({ REDIS_MODE: 'cluster', REDIS_URL: 'redis://a/1' })).toThrow(ConfigError);
});

test('an empty variable means the default', () => {
  expect(readConfig({ PORT: '', TRUST_PROXY: '', REDIS_URL: '' })).toEqual(readConfig({}));
});

test('the documentation of a setting names its default, and the command line', () => {
  const setting = (name: string) => settings.find((one) => one.name === name);
  expect(setting('PORT')).toMatchObject({ default: '`3000`', ofCommandLine: false });
  expect(setting('REDIS_URL')).toMatchObject({ default: '`redis://127.0.0.1:6379`', ofCommandLine: true });
  expect(setting('PORTAL_BASE_URL')?.default).toBe('`http://localhost:$PORT`');
  expect(setting('HOME_URL')).toMatchObject({ default: undefined });
});

import { cleanEnv, str } from 'envalid';
import { defaultLimits, type StoreLimits } from '../store/limits.ts';
import type { RedisSettings } from '../store/redis/settings.ts';
import { redisOf, redisSettings } from './redis.ts';
import { type TraceSettings, traceSettings, tracesOf } from './traces.ts';
import {
  flag,
  homeAddress,
  originAddress,
  portNumber,
  trustedProxies,
  webAddress,
  wholeNumber,
  workerCount,
} from './values.ts';

/** The server's settings, read once from the environment. */
export interface Config {
  port: number;
  host: string;
  redis: RedisSettings;
  /** Origin at which users reach the portal, without a trailing slash. */
  portalBaseUrl: string;
  /** Where the pages of the portal link to if they do not know which portal the user came from. */
  homeUrl: string | undefined;
  /** The prefix of `error.type`, without a trailing slash. */
  docsBaseUrl: string;
  /** The number of server processes. */
  workers: number;
  logLevel: (typeof logLevels)[number];
  /** Whether every response is validated against the contract before it is sent. */
  validateResponses: boolean;
  /** The maximum number of active API keys per user and API. */
  maxKeysPerUserAndApi: number;
  /** How much users and workspaces can store. */
  limits: StoreLimits;
  /** The number of days for which usage is stored. */
  usageRetentionDays: number;
  /** Whether OpenAPI documents may be fetched from private networks. */
  openapiAllowPrivate: boolean;
  /** The maximum size of an OpenAPI document, in MiB. */
  openapiMaxMib: number;
  /** How much of the audit log of each workspace is stored. */
  audit: AuditSettings;
  /** The maximum number of calls per minute; 0 disables a limit. */
  rateLimits: { rootKey: number; session: number; exchange: number; failedAuthentication: number; pages: number };
  /** How many calls a process works on at the same time; 0 disables the limit. And how many connections it has. */
  maxRequestsInProgress: number;
  maxConnections: number;
  /** The trusted proxies: a number of hops, or addresses and networks. If undefined, `X-Forwarded-For` is ignored. */
  trustProxy: number | string[] | undefined;
  /** The number of seconds for which the server still serves requests after SIGTERM, while readiness returns 503. */
  shutdownDelaySeconds: number;
  /** Where metrics are served; undefined disables them. */
  metrics: { port: number; host: string } | undefined;
  /** Undefined disables traces; their libraries are not loaded then. */
  traces: TraceSettings | undefined;
}

/** How much of the audit log of each workspace is stored. */
interface AuditSettings {
  maxEntries: number;
  maxAgeDays: number;
}

/** Settings are invalid. The message has one sentence for each, which begins with the name of the variable. */
export class ConfigError extends Error {}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const keyLimit = wholeNumber(1, 1_000_000);
const shutdownDelay = wholeNumber(0, 300);
/** At most a year: a time series has one bucket per day. */
const retentionDays = wholeNumber(1, 366);

const callsAMinute = wholeNumber(0, 999_999_999);

/** How many keys a user can have in all APIs, with those that have ended, for each active key that they can have in one. */
const keysPerActiveKey = 10;

/** The settings of both the server and the command line. */
const storeSettings = {
  ...redisSettings,
  MAX_KEYS_PER_USER_AND_API: keyLimit({
    default: 100,
    desc: `Maximum number of active API keys per user and API. All keys of a user together, with those that have ended, are at most ${keysPerActiveKey} times as many.`,
  }),
  MAX_SESSIONS_PER_USER: wholeNumber(
    1,
    1_000_000,
  )({ default: 1000, desc: 'Maximum number of pending and active sessions per user.' }),
  MAX_APIS_PER_WORKSPACE: wholeNumber(1, 1_000_000)({ default: 1000, desc: 'Maximum number of APIs per workspace.' }),
  MAX_PORTALS_PER_WORKSPACE: wholeNumber(
    1,
    1_000_000,
  )({ default: 1000, desc: 'Maximum number of portals per workspace.' }),
  WORKSPACE_QUOTA_MB: wholeNumber(
    0,
    1_000_000,
  )({
    default: 1000,
    desc: 'Megabytes that each workspace can store in Redis, half of them for its users in 64 equal parts, without usage and the audit log, which have other limits. `0` disables the quota.',
  }),
  USER_QUOTA_KB: wholeNumber(
    0,
    1_000_000,
  )({
    default: 2000,
    desc: 'Kilobytes that the API keys of each user, and the stored responses of their idempotency keys, can have in Redis. `0` disables the quota.',
  }),
  AUDIT_MAX_ENTRIES: wholeNumber(
    1,
    10_000_000,
  )({ default: 100_000, desc: 'Approximate maximum number of entries in the audit log of each workspace.' }),
  AUDIT_MAX_AGE_DAYS: wholeNumber(
    1,
    3650,
  )({
    default: 90,
    desc: 'Days after which an audit log entry is no longer shown; it is deleted within an hour of use.',
  }),
};

/** All settings of the server. `desc` is the text of the documentation, in Markdown. */
const serverSettings = (env: NodeJS.ProcessEnv) => ({
  PORT: portNumber({ default: 3000, desc: 'Port of the server. `0` selects a free port.' }),
  HOST: str({ default: '0.0.0.0', desc: 'Address that the server listens on.' }),
  WORKERS: workerCount({
    default: 1,
    desc: 'Number of server processes that share the port. `auto` starts one per core.',
  }),
  ...storeSettings,
  PORTAL_BASE_URL: originAddress({
    default: '',
    desc: 'Public origin of the portal. If it is `https`, cookies are `Secure`. Capitals, a default port and an international host name are normalized as browsers do.',
  }),
  HOME_URL: homeAddress({
    default: undefined,
    desc: 'URL that an error page links to if the server does not know which portal the user came from, such as your site.',
  }),
  DOCS_BASE_URL: webAddress({
    default: 'https://unkey.com/docs',
    desc: 'Prefix of `error.type`. The documentation that the server hosts is at `$PORTAL_BASE_URL/docs`.',
  }),
  LOG_LEVEL: str({
    choices: logLevels,
    default: 'info',
    desc: 'Minimum level of log entries: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
  }),
  VALIDATE_RESPONSES: flag({
    default: env['NODE_ENV'] !== 'production',
    desc: 'Validates every response against the contract before the server sends it.',
  }),
  USAGE_RETENTION_DAYS: retentionDays({
    default: 90,
    desc: 'Days for which usage is stored, from 1 to 366.',
  }),
  RATE_LIMIT_ROOT_KEY: callsAMinute({
    default: 60_000,
    desc: 'Calls per minute with one root key. Processes borrow calls in advance, so it can be reached up to 2 % early. Use the same value for all processes. `0` disables the limit.',
  }),
  RATE_LIMIT_SESSION: callsAMinute({
    default: 1200,
    desc: 'Calls per minute with one browser session. As with root keys, it can be reached up to 2 % early. `0` disables the limit.',
  }),
  RATE_LIMIT_EXCHANGE: callsAMinute({
    default: 600,
    desc: 'Session exchanges per minute from one IPv4 address or one IPv6 /64 network. `0` disables the limit.',
  }),
  RATE_LIMIT_FAILED_AUTHENTICATION: callsAMinute({
    default: 1200,
    desc: 'Calls and pages per minute with a root key or a session token that does not exist, from one IPv4 address or one IPv6 /64 network. `0` disables the limit.',
  }),
  RATE_LIMIT_PAGES: callsAMinute({
    default: 6000,
    desc: 'Pages of the portal and the documentation per minute, in each server process, from one IPv4 address or one IPv6 /64 network. `0` disables the limit.',
  }),
  MAX_REQUESTS_IN_PROGRESS: wholeNumber(
    0,
    100_000,
  )({
    default: 250,
    desc: 'Calls that one server process works on at the same time. It refuses others at once, with 503 and `Retry-After`, so that those it has accepted stay fast. A call counts from the end of its body on. `0` disables the limit.',
  }),
  MAX_CONNECTIONS: wholeNumber(
    1,
    1_000_000,
  )({
    default: 10_000,
    desc: 'Connections that one server process has at the same time. It closes others at once. It bounds the memory that slow clients take: up to 120 kB each.',
  }),
  TRUST_PROXY: trustedProxies({
    default: undefined,
    desc: 'Proxies whose `X-Forwarded-For` header is trusted: the number of proxies, or their addresses and networks, such as `10.0.0.0/8, loopback`. The addresses in the header may have ports.',
  }),
  OPENAPI_ALLOW_PRIVATE: flag({
    default: false,
    desc: 'Allows portals to load OpenAPI documents from private networks and from this machine. Link-local addresses and the metadata services of clouds stay refused.',
  }),
  OPENAPI_MAX_MIB: wholeNumber(
    1,
    64,
  )({
    default: 16,
    desc: 'Maximum size of an OpenAPI document in MiB, both compressed and uncompressed, from 1 to 64. Each MiB adds 15 MiB to the memory of the process that reads documents.',
  }),
  SHUTDOWN_DELAY_SECONDS: shutdownDelay({
    default: 0,
    desc: 'Seconds for which the server still serves requests after SIGTERM, from 0 to 300. Readiness returns 503 meanwhile, so that load balancers stop sending requests.',
  }),
  METRICS_PORT: portNumber({
    default: undefined,
    desc: 'Port that serves Prometheus metrics at `/metrics`. If it is not set, metrics are disabled.',
  }),
  METRICS_HOST: str({
    default: '127.0.0.1',
    desc: 'Address that the metrics port listens on. By default only this machine can reach it: metrics need no credential.',
  }),
  ...traceSettings,
  NODE_ENV: str({ default: 'development', desc: '`production` in a production environment.' }),
});

/** An environment variable, as documented. */
export interface Setting {
  name: string;
  /** In Markdown. */
  description: string;
  /** In Markdown; undefined if the setting has no default. */
  default: string | undefined;
  /** Whether the command line also reads it. */
  ofCommandLine: boolean;
}

/** Defaults that depend on other variables. */
const derivedDefaults: Record<string, string> = {
  PORTAL_BASE_URL: '`http://localhost:$PORT`',
  VALIDATE_RESPONSES: '`true`; `false` in production',
};

/** All settings, for the documentation. */
export const settings: Setting[] = Object.entries(serverSettings({})).map(([name, { desc = '', default: value }]) => ({
  name,
  description: desc,
  default: derivedDefaults[name] ?? (value === undefined ? undefined : `\`${value}\``),
  ofCommandLine: name in storeSettings,
}));

/** How much users and workspaces can store. */
const limitsOf = (read: {
  MAX_KEYS_PER_USER_AND_API: number;
  MAX_SESSIONS_PER_USER: number;
  MAX_APIS_PER_WORKSPACE: number;
  MAX_PORTALS_PER_WORKSPACE: number;
  WORKSPACE_QUOTA_MB: number;
  USER_QUOTA_KB: number;
}): StoreLimits => ({
  keysPerUser: keysPerActiveKey * read.MAX_KEYS_PER_USER_AND_API,
  sessionsPerUser: read.MAX_SESSIONS_PER_USER,
  apis: read.MAX_APIS_PER_WORKSPACE,
  portals: read.MAX_PORTALS_PER_WORKSPACE,
  rootKeys: defaultLimits.rootKeys,
  workspaceMegabytes: read.WORKSPACE_QUOTA_MB,
  userKilobytes: read.USER_QUOTA_KB,
});

/** Never repeats a value, because it can contain a password. */
function report({ errors }: { errors: Partial<Record<string, Error>> }): void {
  const sentences = Object.entries(errors).map(([name, error]) => `${name} ${error?.message ?? 'is invalid'}.`);
  if (sentences.length > 0) throw new ConfigError(sentences.join('\n'));
}

/** @throws ConfigError if settings contradict each other */
function settingsOrError(read: Parameters<typeof redisOf>[0]): RedisSettings {
  const settings = redisOf(read);
  if (Array.isArray(settings)) throw new ConfigError(settings.join('\n'));
  return settings;
}

/** Empty variables count as unset, so that `PORT= npm start` means the default. */
const filled = (env: NodeJS.ProcessEnv) => Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));

/**
 * Reads the server's settings from the environment.
 *
 * @throws ConfigError with a sentence for each invalid variable
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const read = cleanEnv(filled(env), serverSettings(env), { reporter: report });
  return {
    port: read.PORT,
    host: read.HOST,
    workers: read.WORKERS,
    redis: settingsOrError(read),
    portalBaseUrl: read.PORTAL_BASE_URL || `http://localhost:${read.PORT}`,
    homeUrl: read.HOME_URL,
    docsBaseUrl: read.DOCS_BASE_URL,
    logLevel: read.LOG_LEVEL,
    validateResponses: read.VALIDATE_RESPONSES,
    audit: { maxEntries: read.AUDIT_MAX_ENTRIES, maxAgeDays: read.AUDIT_MAX_AGE_DAYS },
    rateLimits: {
      rootKey: read.RATE_LIMIT_ROOT_KEY,
      session: read.RATE_LIMIT_SESSION,
      exchange: read.RATE_LIMIT_EXCHANGE,
      failedAuthentication: read.RATE_LIMIT_FAILED_AUTHENTICATION,
      pages: read.RATE_LIMIT_PAGES,
    },
    maxRequestsInProgress: read.MAX_REQUESTS_IN_PROGRESS,
    maxConnections: read.MAX_CONNECTIONS,
    trustProxy: read.TRUST_PROXY,
    maxKeysPerUserAndApi: read.MAX_KEYS_PER_USER_AND_API,
    limits: limitsOf(read),
    usageRetentionDays: read.USAGE_RETENTION_DAYS,
    openapiAllowPrivate: read.OPENAPI_ALLOW_PRIVATE,
    openapiMaxMib: read.OPENAPI_MAX_MIB,
    shutdownDelaySeconds: read.SHUTDOWN_DELAY_SECONDS,
    metrics: read.METRICS_PORT === undefined ? undefined : { port: read.METRICS_PORT, host: read.METRICS_HOST },
    traces: tracesOf(read),
  };
}

/**
 * Reads the settings that the command line needs to use the store.
 *
 * @throws ConfigError
 */
export function readStoreConfig(env: NodeJS.ProcessEnv = process.env): Pick<Config, 'redis' | 'audit' | 'limits'> {
  const read = cleanEnv(filled(env), storeSettings, { reporter: report });
  return {
    redis: settingsOrError(read),
    audit: { maxEntries: read.AUDIT_MAX_ENTRIES, maxAgeDays: read.AUDIT_MAX_AGE_DAYS },
    limits: limitsOf(read),
  };
}

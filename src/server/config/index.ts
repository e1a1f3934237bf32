import { cleanEnv, str } from 'envalid';
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
  /** Where the portal's pages lead people of whom nothing is known. */
  homeUrl: string | undefined;
  /** What `error.type` begins with, without a trailing slash. */
  docsBaseUrl: string;
  /** How many processes serve. */
  workers: number;
  logLevel: (typeof logLevels)[number];
  /** Whether every response is held against the contract before it is sent. */
  validateResponses: boolean;
  /** How many living API keys one user may have in one API. */
  maxKeysPerUserAndApi: number;
  /** For how many days usage is kept, and can be asked for. */
  usageRetentionDays: number;
  /** Whether OpenAPI documents may be fetched from private networks. */
  openapiAllowPrivate: boolean;
  /** How much of each workspace's audit log is kept. */
  audit: AuditSettings;
  /** How many calls there may be in a minute; 0 is any number. */
  rateLimits: { rootKey: number; session: number; exchange: number };
  /** Whose `X-Forwarded-For` is believed: so many hops, or addresses and networks; undefined is nobody's. */
  trustProxy: number | string[] | undefined;
  /** For how many seconds after SIGTERM the server serves on while readiness says no. */
  shutdownDelaySeconds: number;
  /** Where metrics are served; undefined: nowhere. */
  metrics: { port: number; host: string } | undefined;
  /** Undefined: no request is traced, and nothing of it is loaded. */
  traces: TraceSettings | undefined;
}

/** How much of each workspace's audit log is kept. */
interface AuditSettings {
  maxEntries: number;
  maxAgeDays: number;
}

/** A setting is not usable; the message is one sentence for each, naming the variable. */
export class ConfigError extends Error {}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const keyLimit = wholeNumber(1, 1_000_000);
const shutdownDelay = wholeNumber(0, 300);
/** A year: the series of a window has a bucket for each of its days. */
const retentionDays = wholeNumber(1, 366);

const callsAMinute = wholeNumber(0, 999_999_999);

/** What the server and the command line both need. */
const storeSettings = {
  ...redisSettings,
  AUDIT_MAX_ENTRIES: wholeNumber(
    1,
    10_000_000,
  )({ default: 100_000, desc: 'about how many entries the audit log of each workspace keeps' }),
  AUDIT_MAX_AGE_DAYS: wholeNumber(1, 3650)({ default: 90, desc: 'for how many days it keeps them at most' }),
};

/** Everything that the server reads. `desc` is the documentation's text, in Markdown. */
const serverSettings = (env: NodeJS.ProcessEnv) => ({
  PORT: portNumber({ default: 3000, desc: 'port to listen on; `0` is any free one' }),
  HOST: str({ default: '0.0.0.0', desc: 'address to listen on' }),
  WORKERS: workerCount({ default: 1, desc: 'how many processes serve on the port; `auto` is one for each core' }),
  ...storeSettings,
  PORTAL_BASE_URL: originAddress({
    default: '',
    desc: 'origin at which users reach the portal; with https, cookies are `Secure`',
  }),
  HOME_URL: homeAddress({
    default: undefined,
    desc: "where the portal's pages lead people of whom nothing is known, such as your site",
  }),
  DOCS_BASE_URL: webAddress({
    default: 'https://unkey.com/docs',
    desc: "what `error.type` begins with; the server's own documentation is at `$PORTAL_BASE_URL/docs`",
  }),
  LOG_LEVEL: str({
    choices: logLevels,
    default: 'info',
    desc: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
  }),
  VALIDATE_RESPONSES: flag({
    default: env['NODE_ENV'] !== 'production',
    desc: 'hold every response against the contract before it is sent',
  }),
  MAX_KEYS_PER_USER_AND_API: keyLimit({ default: 100, desc: 'living API keys that one user may have in one API' }),
  USAGE_RETENTION_DAYS: retentionDays({
    default: 90,
    desc: 'for how many days usage is kept, and can be asked for; 1 to 366',
  }),
  RATE_LIMIT_ROOT_KEY: callsAMinute({
    default: 60_000,
    desc: 'calls with one root key in a minute; `0` is any number',
  }),
  RATE_LIMIT_SESSION: callsAMinute({
    default: 1200,
    desc: 'calls in one browser session in a minute; `0` is any number',
  }),
  RATE_LIMIT_EXCHANGE: callsAMinute({
    default: 600,
    desc: 'exchanges from one address, of IPv6 from one /64, in a minute; `0` is any number',
  }),
  TRUST_PROXY: trustedProxies({
    default: undefined,
    desc: 'whose `X-Forwarded-For` tells the address of a client: the number of proxies in front, or their addresses and networks, such as `10.0.0.0/8, loopback`',
  }),
  OPENAPI_ALLOW_PRIVATE: flag({
    default: false,
    desc: "let portals take their OpenAPI document from addresses of private networks, this machine's too",
  }),
  SHUTDOWN_DELAY_SECONDS: shutdownDelay({
    default: 0,
    desc: 'for how long after SIGTERM the server serves on while readiness answers 503, so that balancers notice; 0 to 300',
  }),
  METRICS_PORT: portNumber({
    default: undefined,
    desc: 'port that serves Prometheus metrics at `/metrics`; without it there are none',
  }),
  METRICS_HOST: str({ default: undefined, desc: 'address to serve them on' }),
  ...traceSettings,
  NODE_ENV: str({ default: 'development', desc: '`production` where it is one' }),
});

/** One variable of the environment, as the documentation tells of it. */
export interface Setting {
  name: string;
  /** In Markdown. */
  description: string;
  /** In Markdown; undefined where there is none. */
  default: string | undefined;
  /** Whether the command line reads it too. */
  ofCommandLine: boolean;
}

/** Defaults that follow from other variables. */
const derivedDefaults: Record<string, string> = {
  PORTAL_BASE_URL: '`http://localhost:$PORT`',
  VALIDATE_RESPONSES: '`true`, in production `false`',
  METRICS_HOST: '`$HOST`',
};

/** Every variable that is read here, for whoever documents them. */
export const settings: Setting[] = Object.entries(serverSettings({})).map(([name, { desc = '', default: value }]) => ({
  name,
  description: desc,
  default: derivedDefaults[name] ?? (value === undefined ? undefined : `\`${value}\``),
  ofCommandLine: name in storeSettings,
}));

/** Never repeats the value: it may hold a password. */
function report({ errors }: { errors: Partial<Record<string, Error>> }): void {
  const sentences = Object.entries(errors).map(([name, error]) => `${name} ${error?.message ?? 'is not valid'}.`);
  if (sentences.length > 0) throw new ConfigError(sentences.join('\n'));
}

/** How Redis is reached. */
function settingsOrError(read: Parameters<typeof redisOf>[0]): RedisSettings {
  const settings = redisOf(read);
  if (Array.isArray(settings)) throw new ConfigError(settings.join('\n'));
  return settings;
}

/** Empty variables count as unset, so that `PORT= npm start` means the default. */
const filled = (env: NodeJS.ProcessEnv) => Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));

/**
 * Reads the server's settings. The only reader of the environment, beside `readStoreConfig`.
 *
 * @throws ConfigError naming every variable that is not usable
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
    },
    trustProxy: read.TRUST_PROXY,
    maxKeysPerUserAndApi: read.MAX_KEYS_PER_USER_AND_API,
    usageRetentionDays: read.USAGE_RETENTION_DAYS,
    openapiAllowPrivate: read.OPENAPI_ALLOW_PRIVATE,
    shutdownDelaySeconds: read.SHUTDOWN_DELAY_SECONDS,
    metrics:
      read.METRICS_PORT === undefined ? undefined : { port: read.METRICS_PORT, host: read.METRICS_HOST ?? read.HOST },
    traces: tracesOf(read),
  };
}

/**
 * The settings that the command line needs to work on the store.
 *
 * @throws ConfigError
 */
export function readStoreConfig(env: NodeJS.ProcessEnv = process.env): Pick<Config, 'redis' | 'audit'> {
  const read = cleanEnv(filled(env), storeSettings, { reporter: report });
  return {
    redis: settingsOrError(read),
    audit: { maxEntries: read.AUDIT_MAX_ENTRIES, maxAgeDays: read.AUDIT_MAX_AGE_DAYS },
  };
}

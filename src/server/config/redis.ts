/** The settings of the connection to Redis: the values of each, and which settings exclude each other. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EnvError, makeValidator, str } from 'envalid';
import { type Node, type RedisSettings, readRedisUrl, type TlsSettings } from '../store/redis/settings.ts';
import { wholeNumber } from './values.ts';

const modes = ['standalone', 'cluster', 'sentinel'] as const;

const isEncoded = (text: string) => {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    return false;
  }
};

const modeName = makeValidator((input) => {
  const mode = modes.find((name) => name === input);
  if (mode === undefined) throw new EnvError(`must be ${modes.join(' or ')}`);
  return mode;
});

const addresses = makeValidator((input) => {
  const urls = input.split(',').map((text) => text.trim());
  for (const text of urls) {
    const url = URL.parse(text);
    if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
      throw new EnvError('must be a redis:// or rediss:// URL, or several URLs separated by commas');
    }
    if (!isEncoded(url.username) || !isEncoded(url.password)) {
      throw new EnvError('must have a percent-encoded user name and password');
    }
    if (!/^\/?\d*$/.test(url.pathname)) throw new EnvError('must have a database number as its path, or no path');
  }
  return urls;
});

/** The contents of a PEM file. OpenSSL would refuse another file only at the first connection. */
const pemFile = (what: string, parse: (pem: string) => unknown) =>
  makeValidator((path) => {
    let pem: string;
    try {
      pem = readFileSync(path, 'utf8');
    } catch {
      throw new EnvError('must be the path of a readable file');
    }
    try {
      parse(pem);
    } catch {
      throw new EnvError(`must be the path of a PEM file with ${what}`);
    }
    return pem;
  });
const certificateFile = pemFile('a certificate', (pem) => new X509Certificate(pem));
const keyFile = pemFile('a private key that is not encrypted', (pem) => createPrivateKey(pem));

/** The settings of Redis. `desc` is the text of the documentation, in Markdown. */
export const redisSettings = {
  REDIS_URL: addresses({
    default: ['redis://127.0.0.1:6379'],
    desc: '`redis://` or `rediss://` URL. For a cluster, the URLs of some nodes; for Sentinel, the URLs of the Sentinels; separated by commas.',
  }),
  REDIS_MODE: modeName({ default: 'standalone', desc: 'Redis topology: `standalone`, `cluster` or `sentinel`.' }),
  REDIS_SENTINEL_NAME: str({ default: undefined, desc: 'Sentinel primary name.' }),
  REDIS_USERNAME: str({
    default: undefined,
    desc: 'Redis ACL username, if `REDIS_URL` does not contain it. With Sentinel, the credentials in the URLs are for the Sentinels.',
  }),
  REDIS_PASSWORD: str({ default: undefined, desc: 'Redis password, if `REDIS_URL` does not contain it.' }),
  REDIS_TLS_CA_FILE: certificateFile({
    default: undefined,
    desc: 'PEM file with the trusted certificate authorities, for `rediss://`.',
  }),
  REDIS_TLS_CERT_FILE: certificateFile({ default: undefined, desc: 'PEM file with the client certificate.' }),
  REDIS_TLS_KEY_FILE: keyFile({ default: undefined, desc: 'PEM file with the private key of the client certificate.' }),
  REDIS_TLS_SERVER_NAME: str({
    default: undefined,
    desc: 'Name that the certificate of every node must contain, instead of the name of its host.',
  }),
  REDIS_WAIT_REPLICAS: wholeNumber(
    0,
    10,
  )({
    default: 0,
    desc: 'Replicas that must have a change before the server acknowledges it. With fewer within 200 ms, the call gets a 503, and its outcome is unknown. Counts of usage and of limits do not wait. `0` waits for none.',
  }),
};

/** The parsed variables. */
interface Read {
  REDIS_URL: string[];
  REDIS_MODE: (typeof modes)[number];
  REDIS_SENTINEL_NAME: string | undefined;
  REDIS_USERNAME: string | undefined;
  REDIS_PASSWORD: string | undefined;
  REDIS_TLS_CA_FILE: string | undefined;
  REDIS_TLS_CERT_FILE: string | undefined;
  REDIS_TLS_KEY_FILE: string | undefined;
  REDIS_TLS_SERVER_NAME: string | undefined;
  REDIS_WAIT_REPLICAS: number;
}

const tlsNames = ['REDIS_TLS_CA_FILE', 'REDIS_TLS_CERT_FILE', 'REDIS_TLS_KEY_FILE', 'REDIS_TLS_SERVER_NAME'] as const;

/** A sentence for each contradiction, which begins with the name of a variable. Never contains a value. */
function contradictions(read: Read, urls: ReturnType<typeof readRedisUrl>[]): string[] {
  const { REDIS_MODE: mode } = read;
  const several = urls.length > 1;
  const [first] = urls;
  const same = (value: (url: ReturnType<typeof readRedisUrl>) => unknown) =>
    urls.every((url) => JSON.stringify(value(url)) === JSON.stringify(first && value(first)));
  const inUrls = urls.some(({ login }) => Object.keys(login).length > 0);
  const unusedTls = first?.tls ? [] : tlsNames.filter((name) => read[name] !== undefined);
  const wrong: [holds: boolean, sentence: string][] = [
    [several && mode === 'standalone', 'REDIS_URL must be one URL if REDIS_MODE is standalone.'],
    [!same(({ tls }) => tls), 'REDIS_URL must not mix redis:// and rediss://.'],
    [!same(({ login }) => login), 'REDIS_URL must have the same user name and password in every URL.'],
    [
      mode !== 'standalone' && urls.some(({ database }) => (database ?? 0) !== 0),
      `REDIS_URL must not have a database number if REDIS_MODE is ${mode}.`,
    ],
    [mode === 'sentinel' && !read.REDIS_SENTINEL_NAME, 'REDIS_SENTINEL_NAME must be set if REDIS_MODE is sentinel.'],
    [
      mode !== 'sentinel' && read.REDIS_SENTINEL_NAME !== undefined,
      'REDIS_SENTINEL_NAME must not be set unless REDIS_MODE is sentinel.',
    ],
    [
      mode !== 'sentinel' && inUrls && read.REDIS_PASSWORD !== undefined,
      'REDIS_PASSWORD must not be set if REDIS_URL has a user name or a password.',
    ],
    [
      mode !== 'sentinel' && inUrls && read.REDIS_USERNAME !== undefined,
      'REDIS_USERNAME must not be set if REDIS_URL has a user name or a password.',
    ],
    [
      read.REDIS_USERNAME !== undefined && read.REDIS_PASSWORD === undefined,
      'REDIS_USERNAME must not be set without REDIS_PASSWORD.',
    ],
    [
      read.REDIS_TLS_CERT_FILE !== undefined && read.REDIS_TLS_KEY_FILE === undefined,
      'REDIS_TLS_CERT_FILE must not be set without REDIS_TLS_KEY_FILE.',
    ],
    [
      read.REDIS_TLS_KEY_FILE !== undefined && read.REDIS_TLS_CERT_FILE === undefined,
      'REDIS_TLS_KEY_FILE must not be set without REDIS_TLS_CERT_FILE.',
    ],
    ...unusedTls.map((name): [boolean, string] => [
      true,
      `${name} must not be set unless REDIS_URL begins with rediss://.`,
    ]),
  ];
  return wrong.filter(([holds]) => holds).map(([, sentence]) => sentence);
}

/** The settings, or a sentence for each contradiction. */
export function redisOf(read: Read): RedisSettings | string[] {
  const { REDIS_MODE: mode, REDIS_USERNAME: username, REDIS_PASSWORD: password } = read;
  const defaultPort = mode === 'sentinel' ? 26_379 : 6379;
  const urls = read.REDIS_URL.map((url) => readRedisUrl(url, defaultPort));
  const wrong = contradictions(read, urls);
  if (wrong.length > 0) return wrong;
  const [first] = urls;
  const given = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const nodes: Node[] = urls.map(({ node }) => node);
  const tls: TlsSettings = {
    ...(read.REDIS_TLS_CA_FILE !== undefined && { ca: read.REDIS_TLS_CA_FILE }),
    ...(read.REDIS_TLS_CERT_FILE !== undefined && { cert: read.REDIS_TLS_CERT_FILE }),
    ...(read.REDIS_TLS_KEY_FILE !== undefined && { key: read.REDIS_TLS_KEY_FILE }),
    ...(read.REDIS_TLS_SERVER_NAME !== undefined && { servername: read.REDIS_TLS_SERVER_NAME }),
  };
  const sentinel = { name: read.REDIS_SENTINEL_NAME ?? '', login: first?.login ?? {} };
  return {
    mode,
    nodes,
    login: mode === 'sentinel' ? given : { ...first?.login, ...given },
    ...(first?.database && { database: first.database }),
    ...(first?.tls && { tls }),
    ...(read.REDIS_WAIT_REPLICAS > 0 && { waitReplicas: read.REDIS_WAIT_REPLICAS }),
    ...(mode === 'sentinel' && { sentinel }),
  };
}

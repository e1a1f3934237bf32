/** Where a node of Redis, or a Sentinel, listens. */
export interface Node {
  host: string;
  port: number;
}

/** Who we are to Redis, or to a Sentinel. */
export interface Login {
  username?: string;
  password?: string;
}

/** What TLS is checked with, beside what the system trusts: the contents of PEM files, and a name. */
export interface TlsSettings {
  ca?: string;
  cert?: string;
  key?: string;
  /** What every certificate must be for, instead of the host that was asked. */
  servername?: string;
}

/** How Redis is reached. */
export interface RedisSettings {
  mode: 'standalone' | 'cluster' | 'sentinel';
  /** The one Redis; some nodes of the cluster; or the Sentinels. */
  nodes: Node[];
  /** To Redis itself. */
  login: Login;
  database?: number;
  /** Undefined where connections are in clear. */
  tls?: TlsSettings;
  /** What the Sentinels call the primary, and who we are to them. */
  sentinel?: { name: string; login: Login };
}

const withoutBrackets = (hostname: string) => hostname.replace(/^\[(.*)\]$/, '$1');

/** What one URL says. */
export function readRedisUrl(url: string, defaultPort = 6379) {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const login: Login = {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  };
  const database = pathname.slice(1);
  return {
    node: { host: withoutBrackets(hostname), port: port === '' ? defaultPort : Number(port) },
    login,
    tls: protocol === 'rediss:',
    ...(database !== '' && { database: Number(database) }),
  };
}

/** One Redis at a URL, with nothing else to say of it. */
export function standalone(url: string): RedisSettings {
  const { node, login, tls, database } = readRedisUrl(url);
  const more = { ...(tls && { tls: {} }), ...(database !== undefined && { database }) };
  return { mode: 'standalone', nodes: [node], login, ...more };
}

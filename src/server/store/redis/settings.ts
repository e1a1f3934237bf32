/** The address of a Redis node or a Sentinel. */
export interface Node {
  host: string;
  port: number;
}

/** The ACL user of Redis, or of a Sentinel. */
export interface Login {
  username?: string;
  password?: string;
}

/** TLS settings beside the certificates that the system trusts: the contents of PEM files, and a name. */
export interface TlsSettings {
  ca?: string;
  cert?: string;
  key?: string;
  /** The name that every certificate must have, instead of the host of the connection. */
  servername?: string;
}

/** How to connect to Redis. */
export interface RedisSettings {
  mode: 'standalone' | 'cluster' | 'sentinel';
  /** The one Redis, some nodes of the cluster, or the Sentinels. */
  nodes: Node[];
  /** The login of Redis itself. */
  login: Login;
  database?: number;
  /** Undefined for connections without TLS. */
  tls?: TlsSettings;
  /** How many replicas must have a change before it is acknowledged. */
  waitReplicas?: number;
  /** The Sentinel primary name, and the login of the Sentinels. */
  sentinel?: { name: string; login: Login };
}

const withoutBrackets = (hostname: string) => hostname.replace(/^\[(.*)\]$/, '$1');

/** The settings in one URL. */
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

/** The settings of one Redis at a URL. */
export function standalone(url: string): RedisSettings {
  const { node, login, tls, database } = readRedisUrl(url);
  const more = { ...(tls && { tls: {} }), ...(database !== undefined && { database }) };
  return { mode: 'standalone', nodes: [node], login, ...more };
}

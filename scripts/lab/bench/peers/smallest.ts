/**
 * The work of the peers of the benchmark: the smallest that does each job, with one small script where it takes two
 * commands, and no audit entry, list, rate limit or permission. Portico does more for each call; the ratio shows what it costs.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createClient, defineScript } from 'redis';
import type { OperationId } from '../../../../generated/operations.ts';

/** The measured operations. */
export const measured = [
  'portal.createSession',
  'portal.exchangeSession',
  'portal.getSession',
  'keys.verifyKey',
] as const satisfies OperationId[];

export type Measured = (typeof measured)[number];

export const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');
export const newSecret = () => randomBytes(24).toString('base64url');

/** The names of the records. */
export const records = {
  rootKeys: 'smallest:root-keys',
  session: (secret: string) => `smallest:session:${sha256(secret)}`,
  browserSession: (secret: string) => `smallest:browser-session:${sha256(secret)}`,
  apiKey: (secret: string) => `smallest:api-key:${sha256(secret)}`,
  uses: (secret: string) => `smallest:uses:${sha256(secret)}`,
  /** What the peer with the promised work has besides. */
  promisedKey: (secret: string) => `smallest:promised-key:${sha256(secret)}`,
  version: 'smallest:version',
  list: (user: string) => `smallest:list:${user}`,
  audit: 'smallest:audit',
  quota: 'smallest:quota',
  usage: 'smallest:usage',
  rootKey: sha256,
};

/** The portal of all sessions. */
export const promisedPortal = 'portal_2k7OCqYF3vwNTTmFpCvq';

/** A session as the peer with the promised work needs it, before the exchange. The others do not read it. */
export const pendingSession = (sessionId: string, grant: { externalId: string }) =>
  [
    `${sha256(sessionId)} ${'0'.repeat(13)}`,
    promisedPortal,
    JSON.stringify(grant.externalId),
    JSON.stringify(grant),
  ].join('\n');

export const script = (NUMBER_OF_KEYS: number, SCRIPT: string) =>
  defineScript({
    NUMBER_OF_KEYS,
    SCRIPT,
    parseCommand(parser, keys: string[], args: string[]) {
      parser.pushKeys(keys);
      parser.push(...args);
    },
    transformReply: (reply: string | null) => reply,
  });

/** Connects to the Redis of the environment. */
const connect = () =>
  createClient({
    url: String(process.env['REDIS_URL']),
    scripts: {
      create: script(
        2,
        `if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return nil end
         redis.call('SET', KEYS[2], ARGV[2], 'EX', 900) return 'ok'`,
      ),
      exchange: script(
        2,
        `local session = redis.call('GETDEL', KEYS[1])
         if session then redis.call('SET', KEYS[2], session, 'EX', 86400) end return session`,
      ),
      verify: script(
        3,
        `if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return nil end
         local key = redis.call('GET', KEYS[2])
         if key then redis.call('INCR', KEYS[3]) end return key`,
      ),
    },
  }).connect();

/** A response, or undefined for a credential that does not exist. */
export type Respond = (id: Measured, authorization: string | undefined, body: unknown) => Promise<object | undefined>;

/** Connects to Redis and returns a function that runs operations with the smallest work. */
export async function createResponder(): Promise<Respond> {
  const client = await connect();
  return responder({
    async 'portal.createSession'(bearer, body) {
      const sessionId = newSecret();
      const session = JSON.stringify(body);
      const keys = [records.rootKeys, records.session(sessionId)];
      const done = await client.create(keys, [records.rootKey(bearer), session]);
      return done === null
        ? null
        : { sessionId, url: `http://localhost/?session=${sessionId}`, expiresAt: Date.now() + 900_000 };
    },
    async 'portal.exchangeSession'(_, { sessionId = '' }) {
      const token = newSecret();
      const session = await client.exchange([records.session(sessionId), records.browserSession(token)], []);
      return session === null ? null : { token, expiresAt: Date.now() + 86_400_000 };
    },
    async 'portal.getSession'(bearer) {
      const session = await client.get(records.browserSession(bearer));
      return session === null ? null : JSON.parse(session);
    },
    async 'keys.verifyKey'(bearer, { key = '' }) {
      const keys = [records.rootKeys, records.apiKey(key), records.uses(key)];
      const found = await client.verify(keys, [records.rootKey(bearer)]);
      return found === null ? null : { valid: true, code: 'VALID', ...JSON.parse(found) };
    },
  });
}

/** How a peer does each operation: null for a credential that does not exist. */
type Work = Record<Measured, (bearer: string, body: Record<string, string>) => Promise<object | null>>;

/** Runs operations with this work. */
export function responder(work: Work): Respond {
  return async (id, authorization = '', body) => {
    const data = await work[id](authorization.slice('Bearer '.length), body as Record<string, string>);
    return data === null ? undefined : { meta: { requestId: randomUUID() }, data };
  };
}

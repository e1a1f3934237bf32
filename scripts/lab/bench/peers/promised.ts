/**
 * The smallest work in Redis that keeps the promises of each call: a version of the control data that is compared in the same step, the
 * entries in the two lists of sessions, the audit entry in the step of the change, the counters of the quota and of usage, and the last
 * use of a key. It has no limits, no repeated exchange and no partitions.
 */
import { createClient } from 'redis';
import { newSecret, type Respond, records, responder, script } from './smallest.ts';

const guard = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return nil end\n";
/** Of the entries of the audit log. */
const maxEntries = '100000';

/** Connects to Redis and returns a function that runs operations. */
export async function createPromisedResponder(): Promise<Respond> {
  const client = await createClient({
    url: String(process.env['REDIS_URL']),
    scripts: {
      create: script(
        6,
        `${guard}redis.call('SET', KEYS[2], ARGV[2], 'EX', '900')
         redis.call('ZADD', KEYS[3], '0', ARGV[3])
         redis.call('ZADD', KEYS[4], '0', ARGV[3])
         redis.call('EXPIRE', KEYS[4], '93600')
         redis.call('HINCRBY', KEYS[6], 'total', ARGV[4])
         redis.call('XADD', KEYS[5], 'MAXLEN', '~', '${maxEntries}', '*', 'entry', ARGV[5])
         return 'ok'`,
      ),
      exchange: script(
        5,
        `${guard}local session = redis.call('GETDEL', KEYS[2])
         if not session then return nil end
         redis.call('SET', KEYS[3], session, 'EX', '86400')
         redis.call('HINCRBY', KEYS[5], 'moved', #session)
         redis.call('XADD', KEYS[4], 'MAXLEN', '~', '${maxEntries}', '*', 'entry', ARGV[2])
         return session`,
      ),
      verify: script(
        4,
        `${guard}local key = redis.call('GET', KEYS[2])
         if not key then return nil end
         local time = redis.call('TIME')
         redis.call('SET', KEYS[4], time[1])
         redis.call('HINCRBY', KEYS[3], ARGV[2], '1')
         return key`,
      ),
    },
  }).connect();
  const version = '1';
  await client.set(records.version, version);
  const entryOf = (action: string, name: string, after?: object) =>
    JSON.stringify({
      ...{ action, actor: { type: 'root_key', id: 'rkid_2k7OCqYF3vwNTTmFpCvq' }, ip: '127.0.0.1' },
      ...{ requestId: `req_${newSecret()}`, resource: { type: 'session', id: name }, after },
    });
  return responder({
    async 'portal.createSession'(_, body) {
      const sessionId = newSecret();
      const place = `${Date.now()}:${newSecret()}`;
      const session = JSON.stringify(body);
      const lists = [records.list('portal'), records.list(String(body['externalId']))];
      const keys = [records.version, records.session(sessionId), ...lists, records.audit, records.quota];
      const entry = entryOf('session.create', place, body);
      const done = await client.create(keys, [version, session, place, String(session.length), entry]);
      return done === null
        ? null
        : { sessionId, url: `http://localhost/?session=${sessionId}`, expiresAt: Date.now() + 900_000 };
    },
    async 'portal.exchangeSession'(_, { sessionId = '' }) {
      const token = newSecret();
      const names = [records.session(sessionId), records.browserSession(token)];
      const keys = [records.version, ...names, records.audit, records.quota];
      const session = await client.exchange(keys, [version, entryOf('session.exchange', newSecret())]);
      return session === null ? null : { token, expiresAt: Date.now() + 86_400_000 };
    },
    async 'portal.getSession'(bearer) {
      const [seen, session] = await client.mGet([records.version, records.browserSession(bearer)]);
      return seen !== version || session == null ? null : JSON.parse(session);
    },
    async 'keys.verifyKey'(_, { key = '' }) {
      const keys = [records.version, records.apiKey(key), records.usage, records.uses(key)];
      const found = await client.verify(keys, [version, `${Math.floor(Date.now() / 60_000)} V`]);
      return found === null ? null : { valid: true, code: 'VALID', ...JSON.parse(found) };
    },
  });
}

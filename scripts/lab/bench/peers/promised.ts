/**
 * The smallest work in Redis that keeps the promises of each call: a version of the control data that is compared in the same step, the
 * entries in the two lists of sessions, the audit entry in the step of the change, which names the user, the counters of the quota by the
 * hour in which a session ends, the end of a session and the last use of a key by the clock of Redis, whether a key is enabled and not
 * expired, the policy of its user, and usage by the minute. It has no limits, no repeated exchange and no partitions.
 */
import { createClient } from 'redis';
import { newSecret, promisedPortal, type Respond, records, responder, script, sha256 } from './smallest.ts';

const guard = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return nil end\n";
const guardAndRead = `local read = redis.call('MGET', KEYS[1], KEYS[2])
local record = read[2]
if read[1] ~= ARGV[1] or not record then return nil end
`;
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
        4,
        `${guardAndRead}if string.sub(record, 1, 43) ~= ARGV[2] then return nil end
         local portal, who = string.match(record, '^ 0000000000000\\n(%S+)\\n([^\\n]*)\\n', 44)
         if portal ~= ARGV[4] then return nil end
         local pending = redis.call('PEXPIRETIME', KEYS[2])
         redis.call('EXPIRE', KEYS[2], '86400')
         local ending = redis.call('PEXPIRETIME', KEYS[2])
         redis.call('SETRANGE', KEYS[2], '0', ARGV[3] .. string.format(' %d', ending))
         redis.call('HINCRBY', KEYS[4], string.format('%d>%d', pending / 3600000, ending / 3600000), string.format('%d', #record))
         redis.call('XADD', KEYS[3], 'MAXLEN', '~', '${maxEntries}', '*', 'entry', ARGV[5] .. who .. ARGV[6])
         return tostring(ending)`,
      ),
      verify: script(
        3,
        `${guardAndRead}local enabled, expires, id, api, user = string.match(record, '^%d+ (%d) (%d+) (%S+) (%S+) (%S+)\\n')
         if api ~= ARGV[2] then return nil end
         if redis.call('GET', KEYS[3] .. ':policy:' .. user) then return nil end
         local time = redis.call('TIME')
         local at, code = time[1] * 1000 + math.floor(time[2] / 1000), 'V'
         if enabled == '0' then code = 'D' elseif expires ~= '0' and tonumber(expires) <= at then code = 'E' end
         redis.call('SETRANGE', KEYS[2], '0', string.format('%d', at))
         local field = string.format('%d', at / 60000) .. ' ' .. api .. ' ' .. id .. ' ' .. code
         if redis.call('HINCRBY', KEYS[3] .. ':log:' .. user, field, '1') == 1 then
           redis.call('ZADD', KEYS[3] .. ':work', 'LT', string.format('%d', at), user)
         end
         return record`,
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
      const name = records.session(sessionId);
      // The token names the record as well.
      const token = `${name}${newSecret()}`;
      const keys = [records.version, name, records.audit, records.quota];
      const [before = '', after = ''] = entryOf('session.exchange', newSecret(), { user: '' }).split('""');
      const args = [version, sha256(sessionId), sha256(token), promisedPortal, before, after];
      const ending = await client.exchange(keys, args);
      return ending === null ? null : { token, expiresAt: Number(ending) };
    },
    async 'portal.getSession'(bearer) {
      const [seen, session] = await client.mGet([records.version, records.browserSession(bearer)]);
      return seen !== version || session == null ? null : JSON.parse(session);
    },
    async 'keys.verifyKey'(_, { key = '', apiId = '' }) {
      const found = await client.verify([records.version, records.promisedKey(key), records.usage], [version, apiId]);
      return found === null
        ? null
        : { valid: true, code: 'VALID', ...JSON.parse(found.slice(found.indexOf('\n') + 1)) };
    },
  });
}

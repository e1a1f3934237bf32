/** Defects of API keys: owner, validity and usage counts. */
import { randomUUID } from 'node:crypto';
import {
  bearerOf,
  bodyOf,
  envelope,
  failsWith,
  type Mutant,
  onCall,
  onReply,
  succeeds,
  withBody,
  withData,
  withError,
} from './mutant.ts';
import type { Call, Defect, Reply } from './proxy.ts';

const verify = 'keys.verifyKey';
const day = 86_400_000;
const stateful = (name: string, breaks: RegExp, createDefect: () => Defect): Mutant => ({ name, breaks, createDefect });

/** Returns VALID in place of another code. */
const stillValid = (name: string, breaks: RegExp, code: string) =>
  onReply(
    name,
    breaks,
    (reply, call) => succeeds(verify)(reply, call) && envelope(reply).data?.['code'] === code,
    (reply) => withData(reply, { valid: true, code: 'VALID' }),
  );

/** Changes the pagination of lists of a user's keys. */
const listMutant = (
  name: string,
  breaks: RegExp,
  change: (list: { pagination: { counts: Record<string, number> } }) => object,
) =>
  onReply(name, breaks, succeeds('portal.listKeys'), (reply) => {
    const body = envelope(reply) as unknown as { pagination: { counts: Record<string, number> } };
    return { body: { ...body, pagination: { ...body.pagination, ...change(body) } } };
  });

/** Changes each key of lists of a user's keys. */
const keysMutant = (name: string, breaks: RegExp, change: (key: Record<string, unknown>) => object) =>
  onReply(name, breaks, succeeds('portal.listKeys'), (reply) => {
    const keys = envelope(reply).data as unknown as Record<string, unknown>[];
    return { body: { ...envelope(reply), data: keys.map((key) => ({ ...key, ...change(key) })) } };
  });

/** Remembers the token that created each key. */
function createKeyOwners() {
  const tokens = new Map<string, string>();
  return {
    record: (reply: Reply, call: Call) => {
      if (succeeds('portal.createKey')(reply, call))
        tokens.set(String(envelope(reply).data?.['keyId']), bearerOf(call));
    },
    tokenFor: (call: Call) => tokens.get(String(bodyOf(call)['keyId'])),
  };
}

/** Repeats a failed call with the token that created the key. */
const asOwner = (name: string, breaks: RegExp, operation: string, code: string) =>
  stateful(name, breaks, () => {
    const owners = createKeyOwners();
    return {
      async onCall(call, forward) {
        const reply = await forward(call);
        owners.record(reply, call);
        const owner = owners.tokenFor(call);
        if (call.operation !== operation || owner === undefined || !failsWith(code)(reply)) return reply;
        return forward({ ...call, headers: { ...call.headers, authorization: `Bearer ${owner}` } });
      },
    };
  });

/** Ignores the Idempotency-Key of an operation. */
const forgetful = (name: string, breaks: RegExp, operation: string) =>
  onCall(
    name,
    breaks,
    (call) => call.operation === operation && call.headers['idempotency-key'] !== undefined,
    ({ headers }) => ({ headers: { ...headers, 'idempotency-key': undefined } }),
  );

/** Changes the list of results of `keys.verifyKeys`. */
const results = (name: string, breaks: RegExp, change: (verifications: object[]) => object[]) =>
  onReply(name, breaks, succeeds('keys.verifyKeys'), (reply) =>
    withData(reply, { verifications: change(envelope(reply).data?.['verifications'] as object[]) }),
  );

export const keyMutants: Mutant[] = [
  results('results of several keys are in another order', /in its place|in their order/, (all) => all.toReversed()),
  results('the result of a key that does not exist is missing', /in its place|in their order/, (all) =>
    all.filter((one) => (one as { code: string }).code !== 'NOT_FOUND'),
  ),
  onCall(
    'the API of a key among several is ignored',
    /each key has its result in its place/,
    ({ operation }) => operation === 'keys.verifyKeys',
    (call) => withBody(call, { keys: (bodyOf(call)['keys'] as { key: string }[]).map(({ key }) => ({ key })) }),
  ),
  // The header is required, so the defect is a new key for each request.
  onCall(
    'a repeated report counts again',
    /a repeated report counts once/,
    ({ operation }) => operation === 'keys.reportVerifications',
    ({ headers }) => ({ headers: { ...headers, 'idempotency-key': randomUUID() } }),
  ),
  onCall(
    'a report counts one verification of each key',
    /add up with verified ones/,
    ({ operation }) => operation === 'keys.reportVerifications',
    (call) => {
      const reported = bodyOf(call)['verifications'] as { key: string; count: number }[] | undefined;
      return reported === undefined
        ? {}
        : withBody(call, { verifications: reported.map(({ key }) => ({ key, count: 1 })) });
    },
  ),
  onReply(
    'a bad key among several has no place in the error',
    /its place is named in the error/,
    (reply, call) => call.operation === 'keys.verifyKeys' && failsWith('invalid_input')(reply),
    (reply) => withError(reply, { errors: [{ location: 'body.keys', message: 'is not valid' }] }),
  ),
  forgetful('a repeated createKey creates another key', /a repeated request with one/, 'portal.createKey'),
  forgetful('a repeated rerollKey fails', /a repeated reroll with one/, 'portal.rerollKey'),
  stateful('a repeated createKey returns another secret', /a repeated request with one/, () => {
    let repeats = 0;
    return {
      onReply(reply, call) {
        const isRepeatable = succeeds('portal.createKey')(reply, call) && call.headers['idempotency-key'] !== undefined;
        if (!isRepeatable) return reply;
        const key = `${envelope(reply).data?.['key']}${repeats++}`;
        return { ...reply, ...withData(reply, { key }) };
      },
    };
  }),
  stateful('an Idempotency-Key is accepted with another body', /used with another body|a repeated request/, () => {
    let first: Reply | undefined;
    return {
      onReply(reply, call) {
        if (succeeds('portal.createKey')(reply, call)) first = reply;
        return first !== undefined && failsWith('key_reused')(reply) ? first : reply;
      },
    };
  }),
  // The same body again in another session gets the key of the first one.
  stateful('an Idempotency-Key counts for every session of a user', /in two sessions/, () => {
    const made = new Map<string, Reply>();
    return {
      onReply(reply, call) {
        const key = call.headers['idempotency-key'];
        if (key === undefined || !succeeds('portal.createKey')(reply, call)) return reply;
        const before = made.get(String(key));
        made.set(String(key), before ?? reply);
        return before ?? reply;
      },
    };
  }),
  asOwner("another user's key can be deleted", /another user's key/, 'portal.deleteKey', 'key_not_found'),
  asOwner("another user's key can be changed", /another user's key/, 'portal.updateKey', 'key_not_found'),
  asOwner(
    'no permission is needed to delete a key',
    /deleteKey › a session without the permission/,
    'portal.deleteKey',
    'insufficient_permissions',
  ),
  stillValid('a disabled key is still valid', /disabled key (is reported|returns)/, 'DISABLED'),
  stillValid('a rerolled key is still valid', /without an overlap/, 'EXPIRED'),
  stillValid('a deleted key is still valid', /deleted key returns NOT_FOUND/, 'NOT_FOUND'),
  stillValid('the rate limit is not enforced', / over its limit is rate limited|a rate limit allows/, 'RATE_LIMITED'),
  onReply(
    'a search compares in any case, and in no other way',
    /a search ignores/,
    (reply, call) => succeeds('portal.listKeys')(reply, call) && 'search' in bodyOf(call),
    (reply, call) => {
      const keys = envelope(reply).data as unknown as { name: string }[];
      const text = String(bodyOf(call)['search']).toLowerCase();
      return { body: { ...envelope(reply), data: keys.filter(({ name }) => name.toLowerCase().includes(text)) } };
    },
  ),
  stateful('a new rate limit window starts with each update that has a limit', /starts? a new window/, () => {
    const updated = new Set<unknown>();
    return {
      onReply(reply, call) {
        const { data } = envelope(reply);
        if (succeeds('portal.updateKey')(reply, call) && 'ratelimit' in bodyOf(call)) updated.add(data?.['keyId']);
        const isAgain = data?.['code'] === 'RATE_LIMITED' && updated.has(data['keyId']);
        return isAgain ? { ...reply, ...withData(reply, { valid: true, code: 'VALID' }) } : reply;
      },
    };
  }),
  stateful('a rerolled key counts towards the limit', /at the limit every key can be rerolled/, () => {
    const rerolled = new Set<string>();
    return {
      onReply(reply, call) {
        if (!succeeds('portal.rerollKey')(reply, call)) return reply;
        const isSecond = rerolled.has(bearerOf(call));
        rerolled.add(bearerOf(call));
        return isSecond ? { ...reply, status: 409, body: { ...envelope(reply), data: undefined } } : reply;
      },
    };
  }),
  onReply(
    'an expired key becomes active above the limit',
    /an expired key cannot become active/,
    (reply, call) => call.operation === 'portal.updateKey' && failsWith('key_limit_exceeded')(reply),
    (reply) => ({ status: 200, body: { meta: envelope(reply).meta, data: {} } }),
  ),
  stateful('the list contains the secrets of the keys', /appears in no list/, () => {
    const keys = new Map<string, unknown>();
    return {
      onReply(reply, call) {
        const { data } = envelope(reply);
        if (succeeds('portal.createKey')(reply, call)) keys.set(String(data?.['keyId']), data?.['key']);
        if (!succeeds('portal.listKeys')(reply, call) || !Array.isArray(data)) return reply;
        const shown = data.map((key) => ({ ...key, name: keys.get(key.keyId) ?? 'none' }));
        return { ...reply, body: { ...envelope(reply), data: shown } };
      },
    };
  }),
  onReply(
    'days are UTC days in every time zone',
    /days of a time zone begin at its midnight/,
    succeeds('portal.getVerifications'),
    (reply) => {
      const { granularity, series } = envelope(reply).data ?? {};
      if (granularity !== 'day') return reply;
      const inUtc = (series as { time: number }[]).map((bucket) => ({
        ...bucket,
        time: bucket.time - (bucket.time % day),
      }));
      return withData(reply, { series: inUtc });
    },
  ),
  onCall(
    'a window is widened to whole UTC days',
    /days of a time zone begin at its midnight/,
    ({ operation }) => operation === 'portal.getVerifications',
    (call) => {
      const { startTime, endTime, timeZone } = bodyOf(call) as {
        startTime: number;
        endTime: number;
        timeZone?: string;
      };
      const isLong = timeZone !== undefined && endTime - startTime > 8 * day;
      return isLong ? withBody(call, { endTime: Math.ceil(endTime / day) * day }) : {};
    },
  ),
  onCall(
    'the time zone is ignored',
    /hours of a time zone begin|names the time zone of the request/,
    ({ operation }) => operation === 'portal.getVerifications',
    (call) => withBody(call, { timeZone: 'UTC' }),
  ),
  onCall(
    'the order of the list is ignored',
    /each order has every key once/,
    (call) => call.operation === 'portal.listKeys' && 'sort' in bodyOf(call),
    (call) => withBody(call, { sort: undefined }),
  ),
  onCall(
    'the state of the list is ignored',
    /each state has its keys/,
    (call) => call.operation === 'portal.listKeys' && 'state' in bodyOf(call),
    (call) => withBody(call, { state: undefined }),
  ),
  listMutant('the list counts an expiring key as active', /the counts are those of the states/, ({ pagination }) => {
    const { active, expiring, ...rest } = pagination.counts;
    return { counts: { ...rest, active: Number(active) + Number(expiring), expiring: 0 } };
  }),
  onCall(
    'a search finds keys by their names only',
    /by its first characters and by its id/,
    (call) => call.operation === 'portal.listKeys' && String(bodyOf(call)['search']).includes('key_'),
    (call) => withBody(call, { search: 'no such name' }),
  ),
  keysMutant('the list has usage without the permission', /for sessions with read_analytics/, (key) => ({
    usage: key['usage'] ?? { startTime: 0, total: 0, hours: Array.from({ length: 24 }, () => 0) },
  })),
  keysMutant('the usage of a key is that of its valid calls', /the usage of each key/, ({ usage }) =>
    usage === undefined ? {} : { usage: { ...(usage as object), total: 2 } },
  ),
  keysMutant('a new key does not name the one that it replaces', /name each other/, () => ({ replaces: undefined })),
  keysMutant('a replaced key does not name its successor', /name each other/, () => ({ replacedBy: undefined })),
  onReply(
    'the previous totals are those of the window',
    /the previous totals are those/,
    succeeds('portal.getVerifications'),
    (reply) => withData(reply, { previousTotals: envelope(reply).data?.['totals'] }),
  ),
  onReply(
    'the stored usage begins a day later than it does',
    /when the stored usage begins/,
    succeeds('portal.getVerifications'),
    (reply) => withData(reply, { storedSince: Number(envelope(reply).data?.['storedSince']) + 86_400_000 }),
  ),
  onReply('the trend of a key is that of all keys', /counted once/, succeeds('portal.getVerifications'), (reply) => {
    const { series = [], topKeys = [] } = { ...envelope(reply).data } as {
      series?: { total: number }[];
      topKeys?: object[];
    };
    return withData(reply, { topKeys: topKeys.map((key) => ({ ...key, trend: series.map(({ total }) => total) })) });
  }),
  onReply('counts are off by one', /counted once|returns totals/, succeeds('portal.getVerifications'), (reply) => {
    const totals = envelope(reply).data?.['totals'] as { total: number };
    return withData(reply, { totals: { ...totals, total: totals.total + 1 } });
  }),
];

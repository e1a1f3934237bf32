/** Servers that do wrong with API keys: whose they are, whether they are good, and how they are counted. */
import { bearerOf, bodyOf, envelope, failsWith, type Mutant, onReply, succeeds, withData } from './mutant.ts';
import type { Call, Misbehaviour, Reply } from './proxy.ts';

const verify = 'keys.verifyKey';
const stateful = (name: string, breaks: RegExp, misbehave: () => Misbehaviour): Mutant => ({ name, breaks, misbehave });

/** Says VALID where the answer was another code. */
const stillValid = (name: string, breaks: RegExp, code: string) =>
  onReply(
    name,
    breaks,
    (reply, call) => succeeds(verify)(reply, call) && envelope(reply).data?.['code'] === code,
    (reply) => withData(reply, { valid: true, code: 'VALID' }),
  );

/** Remembers who made which key, and with which token. */
function makers() {
  const tokens = new Map<string, string>();
  return {
    note: (reply: Reply, call: Call) => {
      if (succeeds('portal.createKey')(reply, call))
        tokens.set(String(envelope(reply).data?.['keyId']), bearerOf(call));
    },
    of: (call: Call) => tokens.get(String(bodyOf(call)['keyId'])),
  };
}

/** Lets a call through as the maker of the key, where the right answer is this failure. */
const asMaker = (name: string, breaks: RegExp, operation: string, code: string) =>
  stateful(name, breaks, () => {
    const known = makers();
    return {
      async onCall(call, forward) {
        const reply = await forward(call);
        known.note(reply, call);
        const maker = known.of(call);
        if (call.operation !== operation || maker === undefined || !failsWith(code)(reply)) return reply;
        return forward({ ...call, headers: { ...call.headers, authorization: `Bearer ${maker}` } });
      },
    };
  });

export const keyMutants: Mutant[] = [
  asMaker("another user's key can be deleted", /another user's key/, 'portal.deleteKey', 'key_not_found'),
  asMaker("another user's key can be changed", /another user's key/, 'portal.updateKey', 'key_not_found'),
  asMaker(
    'no permission is needed to delete a key',
    /deleteKey › a session without the permission/,
    'portal.deleteKey',
    'insufficient_permissions',
  ),
  stillValid('a disabled key is still valid', /disabled key (is reported|returns)/, 'DISABLED'),
  stillValid('a rerolled key is still valid', /without an overlap/, 'EXPIRED'),
  stillValid('a deleted key is still valid', /deleted key returns NOT_FOUND/, 'NOT_FOUND'),
  stillValid('the rate limit is not enforced', / over its limit is rate limited|a rate limit allows/, 'RATE_LIMITED'),
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
  onReply('counts are off by one', /counted once|returns totals/, succeeds('portal.getVerifications'), (reply) => {
    const totals = envelope(reply).data?.['totals'] as { total: number };
    return withData(reply, { totals: { ...totals, total: totals.total + 1 } });
  }),
];

/** Defects of policies: limits, quotas, scopes and addresses. */
import { bodyOf, envelope, failsWith, type Mutant, onCall, onReply, succeeds, withBody, withData } from './mutant.ts';
import type { Call } from './proxy.ts';

const is = (operation: string) => (call: Call) => call.operation === operation;
const verifies = is('keys.verifyKey');

/** Leaves a field out of a verification. */
const without = (name: string, breaks: RegExp, field: string) =>
  onCall(
    name,
    breaks,
    (call) => verifies(call) && field in bodyOf(call),
    (call) => withBody(call, { [field]: undefined }),
  );

/** Returns VALID in place of another code. */
const stillValid = (name: string, breaks: RegExp, code: string) =>
  onReply(
    name,
    breaks,
    (reply, call) => succeeds('keys.verifyKey')(reply, call) && envelope(reply).data?.['code'] === code,
    (reply) => withData(reply, { valid: true, code: 'VALID' }),
  );

export const policyMutants: Mutant[] = [
  stillValid('the quota is not enforced', /used up the quota|a quota is shared/, 'USAGE_EXCEEDED'),
  stillValid('scopes are not enforced', /without a scope of the request/, 'INSUFFICIENT_PERMISSIONS'),
  stillValid('ranges of addresses are not enforced', /ranges of addresses is FORBIDDEN from/, 'FORBIDDEN'),
  without('the cost is ignored', /consumes its cost|a cost over what is left/, 'cost'),
  without('the scopes of a request are ignored', /without a scope of the request/, 'scopes'),
  without('the address of a request is ignored', /is valid from/, 'ip'),
  onCall(
    'a policy is stored and not enforced',
    /a lowered policy is in force|used up the quota|a quota is shared|the policy is refused/,
    (call) => ['apis.createApi', 'apis.updateApi'].includes(String(call.operation)) && 'policy' in bodyOf(call),
    (call) => withBody(call, { policy: undefined }),
  ),
  onCall(
    'null does not clear a policy',
    /get their own settings back/,
    (call) => is('apis.updateApi')(call) && bodyOf(call)['policy'] === null,
    (call) => withBody(call, { policy: undefined }),
  ),
  onReply(
    'a setting outside the policy is accepted',
    /the policy is refused and named/,
    (reply, call) => is('portal.createKey')(call) && failsWith('invalid_input')(reply) && 'ratelimit' in bodyOf(call),
    (reply) => ({ status: 200, body: { meta: envelope(reply).meta, data: { keyId: 'key_1', key: 'a'.repeat(24) } } }),
  ),
  onReply(
    'nothing is used of the limits',
    /what is left of the rate limit|says that nothing is left|a quota is shared/,
    succeeds('portal.getLimits'),
    (reply) => ({
      body: {
        ...envelope(reply),
        data: [envelope(reply).data].flat().map((limits) => {
          const { quota } = limits as { quota?: { limit: number } };
          return { ...limits, ...(quota !== undefined && { quota: { ...quota, remaining: quota.limit } }) };
        }),
      },
    }),
  ),
];

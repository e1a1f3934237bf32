import type { Flow } from '../engine/check.ts';
import { newId } from '../engine/ids.ts';
import { callWithRootKey } from '../engine/root-key-steps.ts';
import { dataOf, signIn } from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

/** Flows of policies: what an API allows, and what a verification makes of it. */

interface Verified {
  code: string;
  ratelimit?: { limit: number; remaining: number };
  quota?: { limit: number; remaining: number; reset: number };
  scopes?: string[];
}

const permissions = ['create_key', 'update_key', 'read_key', 'read_analytics'].map((action) => `api.*.${action}`);

/** A user of a new API with this policy, in a portal of its own. */
async function userOf(trial: Trial, policy: object) {
  const { apiId } = dataOf<{ apiId: string }>(await callWithRootKey(trial, 'apis.createApi', { name: 'A', policy }));
  const slug = `portal-${newId()}`;
  await callWithRootKey(trial, 'portal.createConfiguration', { slug, apiIds: [apiId] });
  /** Signs in a new user: one of earlier runs could have as many keys as a user can have. */
  const enter = async () => {
    const { token } = await signIn(trial, { slug, permissions, externalId: `user_${newId()}` });
    const call = async <T>(operation: string, body: object) =>
      dataOf<T>(await trial.call(operation, { authorization: `Bearer ${token}`, body }, { status: 200 }));
    const newKey = (settings: object = {}) =>
      call<{ keyId: string; key: string }>('portal.createKey', { apiId, ...settings });
    return { call, newKey };
  };
  const verify = async (key: string, more: object = {}) =>
    dataOf<Verified>(await callWithRootKey(trial, 'keys.verifyKey', { key, ...more }));
  const expectCodes = async (keys: string[], expected: string) => {
    const codes: string[] = [];
    for (const key of keys) codes.push((await verify(key)).code);
    trial.assert(codes.join(' ') === expected, `the codes are ${expected}, not ${codes.join(' ')}`);
  };
  const change = (next: object | null) => callWithRootKey(trial, 'apis.updateApi', { apiId, policy: next });
  return { apiId, enter, verify, expectCodes, change };
}

/** What the flows read of the usage of a user. */
interface Usage {
  totals: Record<string, number>;
  topKeys: { name?: string }[];
}

const quotaOf = (limit: number) => ({ perUser: { quota: { limit, period: 'month' } } });
const perKey = (limit: number) => ({ perKey: { ratelimit: { limit, duration: 3_600_000 } } });

const flows: Flow[] = [
  {
    operation: 'keys.verifyKey',
    name: 'a quota is shared by the keys of a user, and by no other user with a key of the same name',
    async run(trial) {
      const { enter, expectCodes } = await userOf(trial, quotaOf(3));
      const [one, other] = [await enter(), await enter()];
      const [first, second] = [await one.newKey({ name: 'Same' }), await one.newKey()];
      const theirs = await other.newKey({ name: 'Same' });
      await expectCodes([first.key, second.key, first.key, second.key], 'VALID VALID VALID USAGE_EXCEEDED');
      await expectCodes([theirs.key, theirs.key, theirs.key, theirs.key], 'VALID VALID VALID USAGE_EXCEEDED');
      const [left] = await one.call<{ quota?: { remaining: number } }[]>('portal.getLimits', {});
      trial.assert(left?.quota?.remaining === 0, 'portal.getLimits says that nothing is left');
    },
  },
  {
    operation: 'keys.verifyKey',
    name: 'a verification that is refused consumes nothing from the quota',
    async run(trial) {
      const { enter, verify } = await userOf(trial, { ...quotaOf(10), ...perKey(2) });
      const { newKey } = await enter();
      const { key } = await newKey();
      for (const _ of [1, 2, 3, 4]) await verify(key);
      const { code, quota } = await verify(key);
      trial.assert(code === 'RATE_LIMITED', `the key is RATE_LIMITED, not ${code}`);
      trial.assert(quota?.remaining === 8, `8 are left of the quota, not ${quota?.remaining}`);
      const denied = await verify((await newKey()).key, { scopes: ['none'] });
      trial.assert(denied.code === 'INSUFFICIENT_PERMISSIONS' && denied.quota === undefined, 'no limit is looked at');
    },
  },
  {
    operation: 'apis.updateApi',
    name: 'a lowered policy is in force for the next verification, and keys get their own settings back after it',
    async run(trial) {
      const { enter, verify, change } = await userOf(trial, { scopes: ['read', 'write'] });
      const { newKey, call } = await enter();
      const { key, keyId } = await newKey({ scopes: ['read', 'write'], ratelimit: { limit: 50, duration: 3_600_000 } });
      const shows = async (policy: object | null, scopes: string, limit: number) => {
        await change(policy);
        const found = await verify(key);
        const text = found.scopes?.join() ?? '';
        trial.assert(text === scopes, `the scopes are "${scopes}", not "${text}"`);
        trial.assert(found.ratelimit?.limit === limit, `the limit is ${limit}, not ${found.ratelimit?.limit}`);
      };
      await shows({ ...perKey(20), scopes: ['read'] }, 'read', 20);
      await shows({ ...perKey(60), scopes: ['write', 'read'] }, 'read,write', 50);
      await shows(null, '', 50);
      const [listed] = await call<{ keyId: string; scopes?: string[] }[]>('portal.listKeys', {});
      trial.assert(listed?.keyId === keyId && listed.scopes?.join() === 'read,write', 'the key is not rewritten');
    },
  },
  {
    operation: 'apis.updateApi',
    name: 'every one of concurrent updates of different fields is kept',
    async run(trial) {
      const { apiId, change } = await userOf(trial, {});
      const rename = (name: string) => callWithRootKey(trial, 'apis.updateApi', { apiId, name });
      await Promise.all([rename('Renamed'), change(perKey(7)), rename('Renamed')]);
      const api = dataOf<{ name: string; policy?: object }>(await callWithRootKey(trial, 'apis.getApi', { apiId }));
      trial.assert(api.name === 'Renamed' && api.policy !== undefined, 'the API has the new name and the new policy');
    },
  },
  {
    operation: 'portal.getLimits',
    name: 'usage has a count for each outcome of a policy',
    async run(trial) {
      const { enter, verify } = await userOf(trial, quotaOf(1));
      const { newKey, call } = await enter();
      const [plain, bound] = [await newKey({ name: 'Plain' }), await newKey({ ipRanges: ['192.0.2.0/24'] })];
      for (const more of [{}, {}, { scopes: ['none'] }]) await verify(plain.key, more);
      await verify(bound.key, { ip: '198.51.100.1' });
      const window = { startTime: Date.now() - 3_600_000, endTime: Date.now() + 120_000 };
      const { totals, topKeys } = await call<Usage>('portal.getVerifications', window);
      trial.assert(topKeys[0]?.name === 'Plain', 'the key that is used most has its name');
      const counted = ['total', 'valid', 'usageExceeded', 'insufficientPermissions', 'forbidden'].map(
        (name) => totals[name],
      );
      trial.assert(counted.join() === '4,1,1,1,1', `the counts are 4,1,1,1,1, not ${counted.join()}`);
    },
  },
];

export default flows;

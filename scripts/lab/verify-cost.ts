/**
 * The CPU that Redis takes for a verification, without a policy and with each part of one: `npx node scripts/lab/verify-cost.ts`. It calls
 * the store of this process, and reads the CPU time of Redis (INFO cpu). The variants alternate, and each figure is a median.
 */
import { commandLine } from '../../src/server/cli/operator.ts';
import { createKey } from '../../src/server/domain/keys/keys.ts';
import { createApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal } from '../../src/server/domain/portals/portals.ts';
import {
  authenticatePortalSession,
  createSession,
  exchangeSession,
} from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { authenticateRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace } from '../../src/server/domain/workspaces/workspaces.ts';
import { createStore } from '../../src/server/store/index.ts';
import type { Policy } from '../../src/server/store/policies.ts';
import { noRateLimits } from '../../src/server/store/rate-limits.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { noLimits } from './no-limits.ts';

const [rounds, calls, atOnce] = [9, 4000, 50];
const hour = 3_600_000;
const ratelimit = { limit: 1_000_000, duration: hour };
const quota = { limit: 1_000_000, period: 'month', timeZone: 'Europe/Berlin' };
const all: Policy = {
  ...{ perKey: { ratelimit }, perUser: { ratelimit, quota }, maxLifetime: 1000 * hour, scopes: ['a', 'b'] },
  ipRanges: { mode: 'allowed', ranges: ['192.0.2.0/24'] },
};
/** By name: the policy, the settings of the key, and what a verification asks. */
const variants: Record<string, [policy: Policy | undefined, settings: object, request: object]> = {
  'no policy': [undefined, {}, {}],
  'no policy, a key with a rate limit': [undefined, { ratelimit }, {}],
  'a rate limit for each key': [{ perKey: { ratelimit } }, {}, {}],
  'a rate limit for the user': [{ perUser: { ratelimit } }, {}, {}],
  'a quota': [{ perUser: { quota } }, {}, {}],
  'everything, with scopes and an address': [all, { scopes: ['a', 'b'] }, { scopes: ['a'], ip: '192.0.2.7', cost: 2 }],
};

const server = await startRedis();
const redis = connectRedis(server.url);
await redis.ready;
const store = createStore(redis, { maxEntries: 1000, maxAgeDays: 1 }, noRateLimits, noLimits);
const { workspaceId, rootKey: secret } = await createWorkspace(store, { name: 'Lab' }, commandLine);
const rootKey = await authenticateRootKey(store, secret);

/** The CPU time of Redis so far, in µs. */
async function cpu(): Promise<number> {
  const info = await redis.run((client) => client.info('cpu'));
  const read = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(String(info))?.[1]);
  return (read('used_cpu_user') + read('used_cpu_sys')) * 1e6;
}

const work = await Promise.all(
  Object.entries(variants).map(async ([name, [policy, settings, request]], i) => {
    const { apiId } = await createApi(store, workspaceId, { name, ...(policy && { policy }) }, commandLine);
    const slug = `portal-${i}`;
    await createPortal(store, workspaceId, { slug, apiIds: [apiId] }, commandLine);
    const grant = { slug, externalId: `user_${i}`, permissions: ['api.*.create_key'], preview: false };
    const { token } = await exchangeSession(store, (await createSession(store, rootKey, grant, {})).sessionId, {});
    const session = await authenticatePortalSession(store, [token]);
    const { key } = await createKey(store, session, { apiId, ...settings }, 10);
    const verify = () => verifyKey(store, rootKey, { key, apiId, ...request });
    const { code } = await verify();
    if (code !== 'VALID') throw new Error(`${name}: ${code}`);
    return { name, verify, costs: [] as number[] };
  }),
);
for (let round = 0; round < rounds; round++) {
  for (const { verify, costs } of work) {
    const before = await cpu();
    for (let i = 0; i < calls; i += atOnce) await Promise.all(Array.from({ length: atOnce }, verify));
    costs.push(((await cpu()) - before) / calls);
  }
}
console.log('| policy | Redis CPU, µs per verification | range |\n|---|---|---|');
for (const { name, costs } of work) {
  const sorted = costs.toSorted((a, b) => a - b);
  const shown = (cost: number | undefined) => cost?.toFixed(1) ?? '';
  console.log(
    `| ${name} | ${shown(sorted[Math.floor(rounds / 2)])} | ${shown(sorted[0])} to ${shown(sorted.at(-1))} |`,
  );
}
await store.close();
await server.stop();

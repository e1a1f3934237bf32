/** Verifications of two processes under a quota, while its policy changes and while its period ends. */
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { getIdentity, updateIdentity } from '../../src/server/domain/identities/identities.ts';
import { createApi, getApi, updateApi } from '../../src/server/domain/portals/apis.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { keys } from '../../src/server/store/keys.ts';
import type { Policy } from '../../src/server/store/policies.ts';
import { interrupted, newWorkspace, openStore } from '../support/store.ts';

const opened = [await openStore(), await openStore()] as const;
const [{ store, redis, hooks }] = opened;
afterAll(() => Promise.all(opened.map(({ stop }) => stop())));
afterEach(() => {
  hooks.between = undefined;
  for (const each of opened) {
    each.hooks.now = undefined;
    each.hooks.first = undefined;
  }
});

const day = 86_400_000;
const quotaOf = (limit: number, period = 'day'): Policy => ({ perUser: { quota: { limit, period, timeZone: 'UTC' } } });

/** A key under a quota, and verifications that alternate between the processes. */
async function keyUnder(policy: Policy) {
  const { workspaceId, rootKey, ...workspace } = await newWorkspace(store);
  const { apiId } = await createApi(store, workspaceId, { name: 'API', policy }, commandLine);
  const session = await workspace.enter(await workspace.newPortal({ apiIds: [apiId] }), 'user');
  const { key } = await workspace.newKey(session, apiId);
  const verifyIn = ({ store: one }: (typeof opened)[number]) => verifyKey(one, rootKey, { key });
  const verify = async (times: number) =>
    (await Promise.all(Array.from({ length: times }, () => opened.map(verifyIn)).flat())).map(({ code, quota }) => ({
      ...{ code, limit: quota?.limit ?? 0, reset: quota?.reset },
      used: (quota?.limit ?? 0) - (quota?.remaining ?? 0),
    }));
  const change = (next: Policy) => updateApi(store, workspaceId, apiId, { policy: next }, commandLine);
  return { verify, change, apiId, owner: { workspaceId, externalId: 'user' } };
}

type Verified = Awaited<ReturnType<Awaited<ReturnType<typeof keyUnder>>['verify']>>;
const accepted = (all: Verified) => all.filter(({ code }) => code === 'VALID');
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

test('each unit of a quota is given once, while the limit changes', async () => {
  const { verify, change, apiId, owner } = await keyUnder(quotaOf(10));
  const changes = async () => {
    for (const limit of [15, 5, 25, 40]) await change(quotaOf(limit));
  };
  const batches = async () => {
    const all: Verified = [];
    for (let i = 0; i < 6; i++) all.push(...(await verify(5)));
    return all;
  };
  const [during] = await Promise.all([batches(), changes()]);
  const all = [...during, ...(await verify(20))];
  const used = accepted(all)
    .map((one) => one.used)
    .sort((a, b) => a - b);
  expect(used).toEqual(upTo(40));
  expect(await redis.get(keys.quotaUse(owner, apiId))).toBe('40');
});

test('each period of a quota gives its limit, when it ends between verifications of two processes', async () => {
  const { verify } = await keyUnder(quotaOf(10));
  const ends = Date.UTC(2040, 0, 4);
  // The clock of Redis reaches the end of the period after 50 scripts.
  const first = `local server, calls = redis, redis.call('INCR', KEYS[1] .. ':calls')
local redis = {call = function(command, ...)
  if command == 'TIME' then return calls < 50 and {'${ends / 1000 - 1}', '999999'} or {'${ends / 1000}', '0'} end
  return server.call(command, ...)
end}`;
  for (const each of opened) each.hooks.now = ends - 1;
  const before = await verify(1);
  for (const each of opened) {
    each.hooks.now = undefined;
    each.hooks.first = first;
  }
  const all = accepted([...before, ...(await verify(60))]);
  const usedUntil = (reset: number) => all.filter((one) => one.reset === reset).map(({ used }) => used);
  expect(usedUntil(ends).sort((a, b) => a - b)).toEqual(upTo(10));
  expect(usedUntil(ends + day).sort((a, b) => a - b)).toEqual(upTo(10));
  expect(all).toHaveLength(20);
});

test('a verification survives policies of the user that change its period each time', async () => {
  const { verify, owner } = await keyUnder(quotaOf(10));
  const { workspaceId, externalId } = owner;
  const set = (period: 'week' | 'month') =>
    updateIdentity(
      opened[1].store,
      workspaceId,
      externalId,
      { policy: { perUser: { quota: { limit: 10, period } } } },
      commandLine,
    );
  await verify(1);
  await set('week');
  hooks.between = { roundTrips: 1, step: () => set('month') };
  expect((await verify(1)).map(({ code, used }) => [code, used])).toEqual([
    ['VALID', expect.any(Number)],
    ['VALID', expect.any(Number)],
  ]);
});

test('a change that is made of the policy as it is keeps what another process changes meanwhile', async () => {
  const [one, two] = opened.map((each) => each.store) as [typeof store, typeof store];
  const { workspaceId } = await newWorkspace(one);
  const { apiId } = await createApi(one, workspaceId, { name: 'API' }, commandLine);
  const scoped = ({ policy = {} }: { policy?: object } = {}) => ({ policy: { ...policy, scopes: ['a'] } });
  const other = { policy: { maxLifetime: day } };
  const ofApi = interrupted(one, 'apis', 'replace', () => updateApi(two, workspaceId, apiId, other, commandLine));
  await updateApi(ofApi, workspaceId, apiId, scoped, commandLine);
  expect((await getApi(one, workspaceId, apiId)).policy).toEqual({ maxLifetime: day, scopes: ['a'] });
  const ofUser = interrupted(one, 'identities', 'write', () =>
    updateIdentity(two, workspaceId, 'user', other, commandLine),
  );
  await updateIdentity(ofUser, workspaceId, 'user', scoped, commandLine);
  expect((await getIdentity(one, workspaceId, 'user')).policy).toEqual({ maxLifetime: day, scopes: ['a'] });
});

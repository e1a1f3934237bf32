/**
 * Growth that a caller controls: one caller repeats each step that writes, thousands of times, and Redis stays within the limits
 * of docs/operate/limits.md. A script that writes and is in no loop fails the test at the end.
 */

import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { newApiKey, newKeyId, sha256 } from '../../src/server/domain/credentials.ts';
import { deleteIdentity } from '../../src/server/domain/identities/erasure.ts';
import { updateIdentity } from '../../src/server/domain/identities/identities.ts';
import { importKeys } from '../../src/server/domain/keys/imports.ts';
import { updateKey } from '../../src/server/domain/keys/keys.ts';
import { periodsOf } from '../../src/server/domain/policies/periods.ts';
import { createApi, deleteApi, updateApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal, deletePortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { revokeSessions } from '../../src/server/domain/sessions/session-list.ts';
import { type AuthenticatedSession, endSession } from '../../src/server/domain/sessions/sessions.ts';
import { reportVerifications } from '../../src/server/domain/usage/reports.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { changeOf } from '../../src/server/domain/workspaces/audit.ts';
import { removeKeysOfDeletedApis } from '../../src/server/domain/workspaces/removals.ts';
import { createRootKey, revokeRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { setWorkspaceEnabled } from '../../src/server/domain/workspaces/workspaces.ts';
import { Problem } from '../../src/server/problem.ts';
import { partitionCount, partitionOf } from '../../src/server/store/partitions.ts';
import { noRateLimits } from '../../src/server/store/rate-limits.ts';
import { scripts } from '../../src/server/store/scripts.ts';
import {
  bytesIn,
  contentsOf,
  newWorkspace,
  numbers,
  openStore,
  quotaIn,
  recordKeys,
  recordNames,
  type TestWorkspace,
  userBytesIn,
  userTotalsIn,
} from '../support/store.ts';

/** How often a caller creates something, and how often they do what takes several steps. */
const many = 10_000;
const fewer = 200;
const limits = {
  ...{
    apis: 100,
    portals: 100,
    rootKeys: 100,
    sessionsPerUser: 100,
    keysPerUser: 100,
    // 13 MB at home, and 203 kB in each partition.
    workspaceMegabytes: 26,
    userKilobytes: 200,
  },
};
/** How many calls are under way at once, unless they are changes of one record. */
const usuallyAtOnce = 100;
const opened = await openStore({
  audit: { maxEntries: 200, maxAgeDays: 1 },
  // Too many to reach, so that calls are counted and no caller is refused.
  rateLimits: { ...noRateLimits, rootKey: 1e9, session: 1e9 },
  limits,
});
const { store, redis } = opened;
afterAll(opened.stop);

/** Where a caller works: a portal with a user, who is signed in and has a key. */
interface Place extends TestWorkspace {
  apiId: string;
  slug: string;
  session: AuthenticatedSession;
  key: string;
  keyId: string;
}

async function newPlace(): Promise<Place> {
  const workspace = await newWorkspace(store);
  const apiId = await workspace.newApi();
  const slug = await workspace.newPortal({ apiIds: [apiId] });
  const session = await workspace.enter(slug, 'user');
  return { ...workspace, apiId, slug, session, ...(await workspace.newKey(session, apiId)) };
}

/** The record of a new key of the user, without the round trips of the domain. */
function newRecord({ apiId, session }: Place, expires?: number) {
  const { hash, start } = newApiKey(session.ref, undefined, 24);
  const [keyId, now] = [newKeyId(session.ref), Date.now()];
  const own = { keyId, apiId, externalId: 'user', start, byteLength: 24, ...(expires !== undefined && { expires }) };
  return { hash, record: { ...own, enabled: true, rerolled: false, createdAt: now, updatedAt: now } };
}
/** A change by the session of a place. */
const bySession = ({ session }: Place) =>
  changeOf({ proof: session }, 'key.update', { type: 'key', id: 'key' }, undefined, {});
const create = (place: Place, expires?: number, name?: string) => {
  const { record, hash } = newRecord(place, expires);
  const { handle: callerId, expiresAt } = place.session;
  const stored = name === undefined ? undefined : { name, callerId, bodyHash: '', response: name, expiresAt };
  return store.apiKeys.create(bySession(place), record, hash, 50, stored);
};

/** One of the users in a partition; another number is another user. */
function userIn(workspaceId: string, partition: number, number: number): string {
  for (let i = 0; ; i++) {
    const externalId = `user ${number} ${i}`;
    if (partitionOf({ workspaceId, externalId }).partition === partition) return externalId;
  }
}

interface Loop {
  /** The scripts that it runs. */
  runs: (keyof typeof scripts)[];
  times: number;
  atOnce?: number;
  /** What each time does. Several run at once. */
  act: (place: Place, i: number) => Promise<unknown>;
  /** How many records may be added at most. */
  records: number;
  /** How many bytes of memory Redis needs at most. */
  memory?: number;
}

/** How a user is removed from a log. */
const redactions = ['beginRedaction', 'copyEntries', 'swapLogs'] as const;
const keysOf = (keys: number) => keys * 2 + 10;
const loops: Record<string, Loop> = {
  'APIs are created': {
    runs: ['createApi'],
    times: many,
    act: ({ workspaceId }) => createApi(store, workspaceId, { name: 'A' }, commandLine),
    records: 0,
  },
  'APIs are created and deleted': {
    runs: ['createApi', 'deleteApi', 'removeApiKeys'],
    times: 20,
    async act({ workspaceId, newApi, newPortal, enter, newKey }) {
      const apiId = await newApi();
      const slug = await newPortal({ apiIds: [apiId] });
      const session = await enter(slug, 'user of a deleted API');
      await newKey(session, apiId);
      await endSession(store, session, {});
      await deletePortal(store, workspaceId, slug, commandLine);
      await deleteApi(store, workspaceId, apiId, commandLine);
      await removeKeysOfDeletedApis(store, workspaceId);
    },
    // The usage of users stays, and the calls of each session for a minute. The index of each portal goes with it.
    records: 20 + 10,
  },
  'portals are created': {
    runs: ['createPortal'],
    times: many,
    act: ({ workspaceId, apiId }, i) =>
      createPortal(store, workspaceId, { slug: `p-${i}`, apiIds: [apiId] }, commandLine),
    records: 0,
  },
  'portals are changed': {
    runs: ['replacePortal'],
    ...{ times: fewer, atOnce: 1 },
    act: ({ workspaceId, slug }, i) =>
      updatePortal(store, workspaceId, slug, { name: `N${i}`, enabled: i % 2 === 0 }, commandLine),
    records: 1,
  },
  'portals are created and deleted': {
    runs: ['createPortal', 'deletePortal'],
    times: fewer,
    async act({ workspaceId }, i) {
      await createPortal(store, workspaceId, { slug: `p-${i}` }, commandLine);
      await deletePortal(store, workspaceId, `p-${i}`, commandLine);
    },
    records: 0,
  },
  'root keys are created': {
    runs: ['createRootKey'],
    times: 1000,
    act: ({ workspaceId }) => createRootKey(store, { workspaceId }, commandLine),
    records: 0,
  },
  'root keys are created, used and revoked': {
    runs: ['createRootKey', 'leaseCalls', 'revokeRootKey', 'raiseVersion'],
    times: fewer / 10,
    async act({ workspaceId, newRootKey }) {
      const { rootKey } = await newRootKey();
      await revokeRootKey(store, workspaceId, rootKey.rootKeyId, commandLine);
    },
    // The calls of each, for a minute. Each partition has had a version since the workspace was created.
    records: fewer / 10,
  },
  'sessions of a user are created': {
    runs: ['createSession'],
    times: many,
    act: ({ pend, slug }) => pend(slug, 'busy'),
    records: limits.sessionsPerUser + 10,
  },
  'sessions of many users in one partition are created': {
    runs: ['createSession', 'sweepQuota'],
    times: 1000,
    act: ({ workspaceId, pend, slug }, i) => pend(slug, userIn(workspaceId, 0, i)),
    // The quota holds about 160. Each has a user with a list of sessions.
    records: 3 * 180 + 10,
  },
  'sessions are created, used and ended': {
    runs: ['createSession', 'exchangeSession', 'findSession', 'endSession', 'endPortalSessions'],
    times: fewer,
    async act({ enter, slug, workspaceId }, i) {
      await endSession(store, await enter(slug, `user ${i % 3}`), {});
      if (i % 100 === 0) await revokeSessions(store, workspaceId, { slug: 'none' }, commandLine);
    },
    // The calls of each, for a minute; and of three users, with the list of users, the quota and the log of their partitions.
    records: fewer + 3 * 4,
  },
  'keys are created': { runs: ['createApiKey'], times: 1000, act: (place) => create(place), records: keysOf(50) },
  'keys are created that expire at once': {
    runs: ['createApiKey'],
    times: many,
    act: (place) => create(place, Date.now() + 1),
    records: keysOf(limits.keysPerUser),
  },
  'keys are created with an Idempotency-Key': {
    runs: ['createApiKey'],
    times: 2000,
    act: (place, i) => create(place, Date.now() + 1, `${place.session.handle}:${i}`),
    records: keysOf(limits.keysPerUser) + 1001,
  },
  'keys are created, used and deleted': {
    runs: ['createApiKey', 'verifyApiKey', 'deleteApiKey'],
    times: fewer,
    async act(place) {
      const { record, hash } = newRecord(place);
      if ((await store.apiKeys.create(bySession(place), record, hash, 1000)) !== 'ok') return;
      await store.usage.verify(place.rootKey, hash, periodsOf);
      const found = await store.apiKeys.find({ workspaceId: place.workspaceId, externalId: 'user' }, record.keyId);
      if (found !== undefined) await store.apiKeys.delete(bySession(place), found);
    },
    records: 10,
  },
  'a key is rerolled': {
    runs: ['rerollApiKey'],
    times: many,
    async act(place) {
      const owner = { workspaceId: place.workspaceId, externalId: 'user' };
      const old = await store.apiKeys.find(owner, place.keyId);
      const { record, hash } = newRecord(place);
      if (old === undefined || (await store.apiKeys.reroll(bySession(place), old, record, hash, 1)) !== 'ok') return;
      place.keyId = record.keyId;
    },
    records: keysOf(limits.keysPerUser),
  },
  'keys are imported': {
    runs: ['claimForward', 'createApiKey'],
    times: 1000,
    async act({ rootKey, apiId }) {
      const hash = sha256(randomUUID());
      const [imported] = await importKeys(
        store,
        rootKey,
        { apiId, keys: [{ hash, start: 'old_', externalId: 'user' }] },
        50,
      );
      if (imported?.status === 'failed') throw new Problem('unkey/data/key_limit_exceeded');
    },
    // Each can have a forward. One that is refused leaves none.
    records: keysOf(50) + 50,
  },
  'keys with scopes are created that expire at once': {
    runs: ['createApiKey', 'readScopes'],
    times: 1000,
    async act(place, i) {
      const { record, hash } = newRecord(place, Date.now() + 1);
      const scoped = { ...record, scopes: [`scope ${i}`] };
      await store.apiKeys.create(bySession(place), scoped, hash, 50);
      if (i % 100 === 99) await store.scopes.counts(place.workspaceId, place.apiId);
    },
    records: keysOf(limits.keysPerUser),
  },
  'a catalogue of scopes is read': {
    runs: ['keepCatalogue'],
    ...{ times: fewer, atOnce: 1 },
    async act({ workspaceId, apiId }, i) {
      const api = await store.apis.find(workspaceId, apiId);
      if (api === undefined) throw new Error('the API is gone');
      const catalogue = { scopes: [], operations: [], omitted: { scopes: i, operations: 0 } };
      await store.scopes.keep(workspaceId, api, { ...api, catalogue: sha256(`${i}`) }, catalogue);
    },
    records: 1,
  },
  'an API is changed': {
    runs: ['replaceApi'],
    ...{ times: fewer, atOnce: 1 },
    act: async ({ workspaceId, apiId }, i) =>
      updateApi(store, workspaceId, apiId, { name: `N${i}`, policy: { maxLifetime: 60_000 + i } }, commandLine),
    records: 0,
  },
  'a key is changed': {
    runs: ['replaceApiKey'],
    ...{ times: fewer, atOnce: 1 },
    act: ({ session, keyId }, i) =>
      updateKey(store, session, keyId, { name: `N${i}`, expires: Date.now() + 1e9 + i }, 50),
    // The list of the keys of the partition that end.
    records: 1,
  },
  'a key is used': {
    runs: ['verifyApiKey', 'rollUpUsage', 'forgetMinutes'],
    times: fewer,
    async act({ rootKey, key, workspaceId }, i) {
      await verifyKey(store, rootKey, { key });
      if (i % 100 === 0) await store.usage.rollUp(90, { workspaceId });
    },
    records: 4,
  },
  'uses of a key are reported': {
    runs: ['reportApiKey'],
    times: fewer,
    act: ({ rootKey, key }, i) =>
      reportVerifications(
        store,
        rootKey,
        `report ${i}`,
        numbers(100).map(() => ({ key, count: 1 })),
      ),
    // One for each report, for five minutes. The rate limit of the root key bounds them.
    records: fewer + 14,
  },
  'responses of root keys are stored': {
    runs: ['beginRequest', 'settleRequest'],
    times: 4000,
    async act({ rootKey }, i) {
      const response = { bodyHash: '', response: 'r'.repeat(4000) };
      await store.idempotency.begin(rootKey, `n${i}`, 'req_1');
      await store.idempotency.finish(rootKey, `n${i}`, 'req_1', response);
    },
    // The quota holds about 3,000. Those that are under way at once may be more.
    records: 3000 + usuallyAtOnce,
    memory: 26e6,
  },
  'documents are fetched': {
    runs: ['beginDocument', 'keepDocument', 'failDocument'],
    times: fewer,
    async act({ workspaceId }, i) {
      const openapiUrl = `https://acme.example/${i}`;
      const source = { workspaceId, portalId: 'portal_gone', openapiUrl, urlHash: sha256(openapiUrl) };
      const copy = { hash: 'h', origins: [], url: openapiUrl, fetchedAt: i, stale: false };
      await store.openapiDocuments.begin(source, 'a', undefined);
      await store.openapiDocuments.keep(source, 'a', copy, { json: Buffer.from('{}'), scopes: '{}' });
      await store.openapiDocuments.begin(source, 'b', undefined);
      await store.openapiDocuments.fail(source, 'b', 'reason');
    },
    // A failure is stored for half a minute by URL: another URL needs a change of the portal.
    records: fewer,
  },
  'users of one partition are created': {
    runs: ['writeIdentity'],
    times: 1000,
    act: ({ workspaceId, rootKey }, i) =>
      updateIdentity(store, workspaceId, userIn(workspaceId, 0, i), { name: 'Ada' }, { proof: rootKey }),
    // The quota holds about 490.
    records: 500,
  },
  'a user is changed': {
    runs: ['writeIdentity'],
    ...{ times: fewer, atOnce: 1 },
    act: ({ workspaceId, rootKey }, i) =>
      updateIdentity(
        store,
        workspaceId,
        'user',
        { name: `N${i}`, policy: { maxLifetime: 60_000 + i } },
        { proof: rootKey },
      ),
    // The policy.
    records: 1,
  },
  'users are created, used and erased': {
    runs: ['beginErasure', 'markErased', 'eraseSessions', 'eraseKeys', 'eraseUsage', ...redactions],
    times: 20,
    async act({ workspaceId, rootKey, apiId, slug, enter, newKey }, i) {
      const externalId = userIn(workspaceId, 0, i);
      const { key } = await newKey(await enter(slug, externalId), apiId);
      await verifyKey(store, rootKey, { key });
      await store.usage.rollUp(90, { workspaceId });
      await deleteIdentity(store, workspaceId, externalId, { proof: rootKey });
    },
    // The log and the quota of the partition.
    records: 2,
  },
  'a workspace is changed': {
    runs: ['putWorkspace'],
    times: fewer,
    act: ({ workspaceId }) => setWorkspaceEnabled(store, workspaceId, true, commandLine),
    records: 0,
  },
};

/** What a caller who is refused learns. */
const refusals = /limit_exceeded|key_retired|key_not_found|portal_config_not_found|forbidden|stale/;

test.each(Object.entries(loops))(
  '%s: Redis stays within the limits',
  async (_, { times, atOnce = usuallyAtOnce, act, records, memory = 6e6 }) => {
    const place = await newPlace();
    const before = await recordNames(opened, place.workspaceId);
    const unexpected: unknown[] = [];
    let refused = 0;
    for (let i = 0; i < times; i += atOnce) {
      const done = await Promise.allSettled(numbers(Math.min(atOnce, times - i)).map((j) => act(place, i + j)));
      for (const outcome of done) {
        if (outcome.status === 'fulfilled') continue;
        refused += 1;
        if (!refusals.test(String(outcome.reason?.code))) unexpected.push(outcome.reason);
      }
    }
    expect(unexpected.slice(0, 1)).toEqual([]);
    const names = await recordKeys(opened, place.workspaceId);
    expect(names.size - before.length).toBeLessThanOrEqual(records);
    expect(refused).toBeLessThanOrEqual(times);
    const contents = await contentsOf(opened, place.workspaceId);
    const ofUsers = userTotalsIn(contents);
    expect(ofUsers).toEqual(userBytesIn(contents));
    expect(Math.max(0, ...Object.values(ofUsers))).toBeLessThanOrEqual(limits.userKilobytes * 1000);
    const bytes = limits.workspaceMegabytes * 1e6;
    // The quota is exact after all of this, except for what the process has borrowed of the two partitions for sessions.
    const borrowed = quotaIn(contents) - bytesIn(contents);
    expect(borrowed).toBeGreaterThanOrEqual(0);
    expect(borrowed).toBeLessThan((4 * bytes) / 2 / partitionCount / 128);
    // Nothing but the responses under way is above it.
    expect(Number(contents['quota total'] ?? 0)).toBeLessThan(bytes / 2 + usuallyAtOnce * 4400);
    const ofPartitions = Object.entries(contents).filter(([name]) => /^partition-quota:\d+ total$/.test(name));
    expect(Math.max(0, ...ofPartitions.map(([, total]) => Number(total)))).toBeLessThanOrEqual(
      Math.ceil(bytes / 2 / partitionCount),
    );
    const sizes = await Promise.all([...names.values()].map((key) => redis.memoryUsage(key)));
    expect(sizes.reduce<number>((sum, size) => sum + Number(size), 0)).toBeLessThan(memory);
  },
);

test('every script that adds something is in a loop', () => {
  const adding = /'(SET|SETRANGE|HSET|HINCRBY|ZADD|ZINCRBY|XADD|INCR|INCRBY|SADD)'/;
  const writing = Object.entries(scripts).filter(([, { SCRIPT }]) => adding.test(SCRIPT.replaceAll(/--.*$/gm, '')));
  // One counter per network, for a minute; a migration moves what is there; one record for all data has a fixed set of fields; and a claim that is
  // renewed is there already.
  const notInLoops = [
    'countCalls',
    'migrateApiKey',
    'migrateUsage',
    'removeOld',
    'lockOut',
    'beatDataset',
    'renewClaim',
  ];
  const run = [...Object.values(loops).flatMap(({ runs }) => runs), ...notInLoops];
  expect(writing.map(([name]) => name).sort()).toEqual([...new Set(run)].sort());
});

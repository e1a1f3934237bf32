/**
 * What is left in Redis after something is removed. Each case compares everything that Redis has of the workspace before the
 * creation and after the removal, so that a record that a later change adds cannot be forgotten.
 */
import { afterAll, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { sessionRef } from '../../src/server/domain/credentials.ts';
import { deleteIdentity } from '../../src/server/domain/identities/erasure.ts';
import { updateIdentity } from '../../src/server/domain/identities/identities.ts';
import { deleteKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { deleteApi, updateApi } from '../../src/server/domain/portals/apis.ts';
import { deletePortal, getPortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { revokeSessions } from '../../src/server/domain/sessions/session-list.ts';
import { type AuthenticatedSession, endSession } from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { removeKeysOfDeletedApis } from '../../src/server/domain/workspaces/removals.ts';
import { revokeRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { setWorkspaceEnabled } from '../../src/server/domain/workspaces/workspaces.ts';
import { defaultLimits } from '../../src/server/store/limits.ts';
import type { DocumentCopy, DocumentSource } from '../../src/server/store/openapi-documents.ts';
import type { Policy } from '../../src/server/store/policies.ts';
import {
  bytesIn,
  contentsOf,
  newWorkspace,
  openStore,
  quotaIn,
  recordKeys,
  type TestWorkspace,
  userBytesIn,
  userTotalsIn,
} from '../support/store.ts';

// So small a quota lends no bytes in advance: each is of a record.
const opened = await openStore({ limits: { ...defaultLimits, workspaceMegabytes: 12.8 } });
const { store, redis, hooks } = opened;
afterAll(opened.stop);

/** The neighbours: a portal with a user, who has a session and a key. They stay as they are. */
interface Neighbours extends TestWorkspace {
  apiId: string;
  slug: string;
  session: AuthenticatedSession;
}

async function inhabited(): Promise<Neighbours> {
  const workspace = await newWorkspace(store);
  const apiId = await workspace.newApi();
  const slug = await workspace.newPortal({ apiIds: [apiId] });
  const session = await workspace.enter(slug, 'user');
  const { key } = await workspace.newKey(session, apiId, { ratelimit: { limit: 9, duration: 60_000 } });
  await verifyKey(store, workspace.rootKey, { key });
  await workspace.pend(slug, 'user');
  await redis.hSet(`portico:{${workspace.workspaceId}}:portal-epochs`, 'portal_neighbour', '7');
  return { ...workspace, apiId, slug, session };
}

/** A user who is erased. The name of the record has it in base64url. */
const erased = 'erased';

const limited = { ratelimit: { limit: 1, duration: 60_000 }, expires: 4_070_908_800_000 };

/** Every limit that a policy can have. */
const everyLimit: Policy = {
  perKey: { ratelimit: { limit: 9, duration: 60_000 } },
  perUser: { quota: { limit: 9, period: 'month', timeZone: 'UTC' }, ratelimit: { limit: 9, duration: 60_000 } },
};

async function usedKey({ rootKey, session, apiId, newKey }: Neighbours) {
  const created = await newKey(session, apiId, limited);
  // The second is over the limit, which no neighbour is.
  for (const _ of [1, 2]) await verifyKey(store, rootKey, { key: created.key });
  return created;
}

/** A portal of which every record exists: sessions, an epoch, a copy of its document and an attempt to fetch it. */
async function busyPortal({ workspaceId, newPortal, enter, pend, apiId }: Neighbours) {
  const openapiUrl = 'https://acme.example/openapi.json';
  const slug = await newPortal({ apiIds: [apiId], openapiUrl });
  await enter(slug, 'visitor');
  await revokeSessions(store, workspaceId, { slug }, commandLine);
  await pend(slug, 'visitor');
  const { portalId } = await getPortal(store, workspaceId, slug);
  const source: DocumentSource = { workspaceId, portalId, openapiUrl, urlHash: 'hash' };
  const copy: DocumentCopy = { hash: 'hash', origins: [], url: openapiUrl, fetchedAt: 1, stale: false };
  await store.openapiDocuments.begin(source, 'first', undefined);
  await store.openapiDocuments.keep(source, 'first', copy, { json: Buffer.from('{}'), scopes: '{}' });
  await store.openapiDocuments.begin(source, 'second', copy);
  return slug;
}

/** The usage of a user stays until its retention ends: it happened. That of a key goes with the key. */
const usageOf = /^usage:[^:]*:[^:]*:\d+ [VRDE]$/;
/** What a user has used of the limits of a policy stays until its window or its period ends. */
const usedOfUser = [/^user-rate:/, /^quota-use:/];
/** Everything of this workspace, with the usage where it stays. */
async function contents({ workspaceId }: Neighbours) {
  hooks.now = Date.now() + 600_000;
  await store.usage.rollUp(90, { workspaceId });
  hooks.now = undefined;
  const all = await contentsOf(opened, workspaceId);
  // The entries of days, which change nothing after two days but the minutes.
  return Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith('usage-work:')));
}
/** A session that has ended with all others of its portal: its records have the TTL of the session. */
const endedAtOnce = [/^(browser-)?session:/, /^user-sessions:/];

/** What a workspace and each of its partitions have once, for any of its users. */
const isOfPartition = /^(quota|partition-quota:\d+|session-audit:\d+)( |$)/;

/** Each creates something and returns how it is removed; what stays, and why. */
const cases: Record<string, { create: (workspace: Neighbours) => Promise<() => Promise<unknown>>; stays?: RegExp[] }> =
  {
    'deleteApi, of an API without keys': {
      create: async ({ workspaceId, newApi }) => {
        const apiId = await newApi('acme');
        return async () => {
          await deleteApi(store, workspaceId, apiId, commandLine);
          await removeKeysOfDeletedApis(store, workspaceId);
        };
      },
    },
    'deleteApi, with used keys of several users': {
      create: async ({ workspaceId, rootKey, newApi, newPortal, enter, newKey }) => {
        const apiId = await newApi();
        await updateApi(store, workspaceId, apiId, { policy: everyLimit }, commandLine);
        const slug = await newPortal({ apiIds: [apiId] });
        const session = await enter(slug, 'user');
        for (const settings of [{}, limited]) {
          const { key, keyId } = await newKey(session, apiId, settings);
          await verifyKey(store, rootKey, { key });
          await rerollKey(store, session, { keyId, overlap: 60_000 });
        }
        await newKey(await enter(slug, 'other'), apiId);
        return async () => {
          await revokeSessions(store, workspaceId, { slug }, commandLine);
          await deletePortal(store, workspaceId, slug, commandLine);
          await deleteApi(store, workspaceId, apiId, commandLine);
          await removeKeysOfDeletedApis(store, workspaceId);
        };
      },
      stays: [usageOf, ...usedOfUser, ...endedAtOnce],
    },
    deleteKey: {
      create: async (workspace) => {
        const { keyId } = await usedKey(workspace);
        return () => deleteKey(store, workspace.session, keyId);
      },
      stays: [usageOf],
    },
    'deleteKey, under a policy': {
      create: async (workspace) => {
        const { workspaceId, apiId } = workspace;
        await updateApi(store, workspaceId, apiId, { policy: everyLimit }, commandLine);
        const { keyId } = await usedKey(workspace);
        return async () => {
          await deleteKey(store, workspace.session, keyId);
          await updateApi(store, workspaceId, apiId, { policy: null }, commandLine);
        };
      },
      stays: [usageOf, ...usedOfUser],
    },
    'deleteKey, after updateKey': {
      create: async (workspace) => {
        const { keyId } = await usedKey(workspace);
        await updateKey(store, workspace.session, keyId, { expires: null, name: 'Named' }, 1000);
        return () => deleteKey(store, workspace.session, keyId);
      },
      stays: [usageOf],
    },
    'deleteKey, of both keys after rerollKey': {
      create: async (workspace) => {
        const { keyId } = await usedKey(workspace);
        const fresh = await rerollKey(store, workspace.session, { keyId, overlap: 60_000 });
        await verifyKey(store, workspace.rootKey, { key: fresh.key });
        return async () => {
          for (const one of [keyId, fresh.keyId]) await deleteKey(store, workspace.session, one);
        };
      },
      stays: [usageOf],
    },
    deletePortal: {
      create: async (workspace) => {
        const slug = await busyPortal(workspace);
        return () => deletePortal(store, workspace.workspaceId, slug, commandLine);
      },
      // The fetch that is under way.
      stays: [...endedAtOnce, /^openapi-attempt:/],
    },
    'updatePortal that disables it, then deletePortal': {
      create: async (workspace) => {
        const slug = await workspace.newPortal();
        await workspace.enter(slug, 'visitor');
        await updatePortal(store, workspace.workspaceId, slug, { enabled: false }, commandLine);
        return () => deletePortal(store, workspace.workspaceId, slug, commandLine);
      },
      stays: endedAtOnce,
    },
    'endSession, of a browser session': {
      create: async ({ slug, enter }) => {
        const session = await enter(slug, 'user');
        return () => endSession(store, session, {});
      },
    },
    'revokeSessions by handle, of a browser session': {
      create: async ({ workspaceId, slug, enter }) => {
        const { handle } = await enter(slug, 'user');
        return () => revokeSessions(store, workspaceId, { handle }, commandLine);
      },
    },
    'revokeSessions by handle, of a pending session': {
      create: async ({ workspaceId, slug, pend }) => {
        const handle = String(sessionRef('pst', await pend(slug, 'user'))?.handle);
        return () => revokeSessions(store, workspaceId, { handle }, commandLine);
      },
    },
    'revokeSessions by user': {
      create: async ({ workspaceId, slug, enter, pend }) => {
        await Promise.all([enter(slug, 'other'), pend(slug, 'other')]);
        return () => revokeSessions(store, workspaceId, { externalId: 'other' }, commandLine);
      },
    },
    'revokeSessions by slug': {
      create: async ({ workspaceId, newPortal, enter, pend }) => {
        const slug = await newPortal();
        await Promise.all([enter(slug, 'other'), pend(slug, 'other')]);
        return async () => {
          await revokeSessions(store, workspaceId, { slug }, commandLine);
          await deletePortal(store, workspaceId, slug, commandLine);
        };
      },
      stays: endedAtOnce,
    },
    'updateIdentity, to a policy and to none': {
      create: async ({ workspaceId }) => {
        await updateIdentity(store, workspaceId, 'other', { policy: everyLimit }, commandLine);
        return () => updateIdentity(store, workspaceId, 'other', { policy: null }, commandLine);
      },
    },
    deleteIdentity: {
      create: async ({ workspaceId, slug, apiId, rootKey, enter, newKey }) => {
        await updateIdentity(store, workspaceId, erased, { name: 'Name', policy: everyLimit }, commandLine);
        const session = await enter(slug, erased);
        const { key } = await newKey(session, apiId, limited);
        await verifyKey(store, rootKey, { key });
        return () => deleteIdentity(store, workspaceId, erased, commandLine);
      },
    },
    revokeRootKey: {
      create: async ({ workspaceId, newRootKey }) => {
        const { rootKey } = await newRootKey();
        return () => revokeRootKey(store, workspaceId, rootKey.rootKeyId, commandLine);
      },
    },
    'setWorkspaceEnabled, off and on': {
      create: async ({ workspaceId, slug, enter }) => {
        const { handle } = await enter(slug, 'user');
        await setWorkspaceEnabled(store, workspaceId, false, commandLine);
        return async () => {
          await setWorkspaceEnabled(store, workspaceId, true, commandLine);
          await revokeSessions(store, workspaceId, { handle }, commandLine);
        };
      },
    },
  };

test.each(Object.entries(cases))('%s', async (_, { create, stays = [] }) => {
  const workspace = await inhabited();
  const before = await contents(workspace);
  const remove = await create(workspace);
  expect(Object.keys(await contents(workspace)).length).toBeGreaterThan(Object.keys(before).length);
  await remove();
  const after = await contents(workspace);
  const isLeft = (name: string) => stays.some((pattern) => pattern.test(name));
  // Nothing stays for ever.
  const left = Object.keys(after).filter((name) => isLeft(name) && !(name in before));
  for (const pattern of stays) expect([pattern, left.some((name) => pattern.test(name))]).toEqual([pattern, true]);
  const keyOf = await recordKeys(opened, workspace.workspaceId);
  for (const name of left) {
    const key = String(keyOf.get(String(name.split(' ')[0])));
    expect([name, (await redis.pTTL(key)) > 0]).toEqual([name, true]);
  }
  expect(quotaIn(after)).toBe(bytesIn(after));
  expect(userTotalsIn(after)).toEqual(userBytesIn(after));
  // The quota counts what stays, too. A user stays until they are erased.
  const isUser = (name: string) =>
    /^(identit(y|ies)|usage-apis):/.test(name) &&
    !name.includes(Buffer.from(erased).toString('base64url')) &&
    !name.endsWith(` ${erased}`);
  const others = (contents: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(contents).filter(([name]) => !isLeft(name) && !isUser(name) && !isOfPartition.test(name)),
    );
  expect(others(after)).toEqual(others(before));
});

/** Every change writes exactly one audit entry: who did what to what, and the fields that changed. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { knownValues } from '../../generated/known-values.ts';
import { commandLine } from '../../src/server/cli/operator.ts';
import { sessionRef } from '../../src/server/domain/credentials.ts';
import { deleteIdentity } from '../../src/server/domain/identities/erasure.ts';
import { updateIdentity } from '../../src/server/domain/identities/identities.ts';
import { importKeys } from '../../src/server/domain/keys/imports.ts';
import { createKey, deleteKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { createApi, deleteApi, updateApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal, deletePortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { endOtherSessions } from '../../src/server/domain/sessions/account.ts';
import { revokeSessions } from '../../src/server/domain/sessions/session-list.ts';
import {
  type AuthenticatedSession,
  authenticatePortalSession,
  createSession,
  endSession,
  exchangeSession,
} from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { createRootKey, revokeRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace, setWorkspaceEnabled } from '../../src/server/domain/workspaces/workspaces.ts';
import { keys } from '../../src/server/store/keys.ts';
import { newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const { store, redis, stop } = await openStore();
afterAll(stop);

/** Everything that an entry can have of a request. Each entry repeats it. */
const from = { ip: '192.0.2.1', userAgent: 'agent', requestId: 'req_1' };
const by = { ...commandLine, ...from };
/** What the entries of the command line have. */
const said = { ...from, actor: { type: 'cli' } };

/** A key that was made elsewhere. */
const toImport = { hash: '00'.repeat(32), start: 'sk_live_', externalId: 'imported' };

const seen = new Set<string>();

let workspace: TestWorkspace;
let workspaceId: string;
let apiId: string;
let slug: string;
/** A portal that is disabled. */
let disabled: string;
let session: AuthenticatedSession;
/** A session id that was exchanged. */
let spent: string;
beforeAll(async () => {
  workspace = await newWorkspace(store);
  workspaceId = workspace.workspaceId;
  apiId = await workspace.newApi();
  slug = await workspace.newPortal({ apiIds: [apiId] });
  disabled = await workspace.newPortal({ enabled: false });
  session = await workspace.enter(slug, 'user');
  spent = await workspace.pend(slug, 'user');
  await exchangeSession(store, spent, from);
});

/** The entries that the work writes in the workspace, or in the one that it creates and returns, oldest first. */
async function entriesOf(work: () => Promise<unknown>, created?: () => string): Promise<unknown[]> {
  const more = store.audit.follow(workspaceId, 1000);
  await more();
  await work();
  const written = await (created === undefined ? more() : store.audit.follow(created(), 1000)());
  for (const { action } of written) seen.add(action);
  return written.map(({ auditId: _, time: __, ...entry }) => entry);
}
const handleOf = (sessionId: string) => String(sessionRef('pst', sessionId)?.handle);
const time = expect.any(Number);
const blank = {
  enabled: true,
  allowedReturnOrigins: [],
  embeddingOrigins: [],
  allowedOrigins: [],
  branding: { primaryColor: expect.any(String) },
};

describe('the entry of', () => {
  test('createWorkspace, with its first root key', async () => {
    let created = { workspaceId: '', rootKeyId: '' };
    const entries = await entriesOf(
      async () => {
        created = await createWorkspace(store, { name: 'New' }, by);
      },
      () => created.workspaceId,
    );
    const { workspaceId: id, rootKeyId } = created;
    const after = { workspaceId: id, name: 'New', enabled: true, partitions: 64, createdAt: time };
    const rootKey = { rootKeyId, workspaceId: id, permissions: ['*.*.*'], createdAt: time };
    expect(entries).toEqual([
      { ...said, action: 'workspace.create', resource: { type: 'workspace', id }, after },
      { ...said, action: 'root_key.create', resource: { type: 'root_key', id: rootKeyId }, after: rootKey },
    ]);
  });

  test('setWorkspaceEnabled', async () => {
    const disabled = await entriesOf(() => setWorkspaceEnabled(store, workspaceId, false, by));
    const enabled = await entriesOf(() => setWorkspaceEnabled(store, workspaceId, true, by));
    const entry = { ...said, action: 'workspace.update', resource: { type: 'workspace', id: workspaceId } };
    expect(disabled).toEqual([{ ...entry, before: { enabled: true }, after: { enabled: false } }]);
    expect(enabled).toEqual([{ ...entry, before: { enabled: false }, after: { enabled: true } }]);
  });

  test('createRootKey and revokeRootKey', async () => {
    let rootKeyId = '';
    const [created, revoked, ...more] = await entriesOf(async () => {
      const permissions = ['api.*.read_key'];
      ({ rootKeyId } = await createRootKey(store, { workspaceId, name: 'CI', permissions }, by));
      await revokeRootKey(store, workspaceId, rootKeyId, by);
    });
    const resource = { type: 'root_key', id: rootKeyId };
    const after = { rootKeyId, workspaceId, name: 'CI', permissions: ['api.*.read_key'], createdAt: time };
    expect(created).toEqual({ ...said, action: 'root_key.create', resource, after });
    expect(revoked).toEqual({ ...said, action: 'root_key.revoke', resource });
    expect(more).toEqual([]);
  });

  test('createApi and deleteApi', async () => {
    let id = '';
    const entries = await entriesOf(async () => {
      ({ apiId: id } = await createApi(store, workspaceId, { name: 'Payments', prefix: 'pay' }, by));
      await deleteApi(store, workspaceId, id, by);
    });
    const resource = { type: 'api', id };
    const api = { apiId: id, name: 'Payments', prefix: 'pay', createdAt: time };
    expect(entries).toEqual([
      { ...said, action: 'api.create', resource, after: api },
      { ...said, action: 'api.delete', resource, before: api },
    ]);
  });

  test('createPortal, updatePortal and deletePortal', async () => {
    let portalId = '';
    const entries = await entriesOf(async () => {
      const created = await createPortal(store, workspaceId, { slug: 'entered', name: 'One', apiIds: [apiId] }, by);
      portalId = created.portalId;
      await updatePortal(store, workspaceId, 'entered', { name: null, returnUrl: 'https://a.example' }, by);
      await deletePortal(store, workspaceId, 'entered', by);
    });
    const resource = { type: 'portal', id: portalId };
    const portal = { ...blank, portalId, slug: 'entered', apiIds: [apiId], createdAt: time, updatedAt: time };
    const [created, updated, deleted] = entries;
    expect(entries).toHaveLength(3);
    expect(created).toEqual({
      ...said,
      action: 'portal.create',
      resource,
      after: { ...portal, name: 'One', version: 1 },
    });
    expect(updated).toMatchObject({ ...said, action: 'portal.update', resource });
    expect(updated).toHaveProperty('before', expect.objectContaining({ name: 'One', version: 1 }));
    expect(updated).toHaveProperty('after', expect.objectContaining({ returnUrl: 'https://a.example', version: 2 }));
    expect(updated).not.toHaveProperty('after.name');
    expect(updated).not.toHaveProperty('after.slug');
    expect(updated).not.toHaveProperty('before.slug');
    const removed = { ...portal, returnUrl: 'https://a.example', version: 2 };
    expect(deleted).toEqual({ ...said, action: 'portal.delete', resource, before: removed });
  });

  test('createSession, exchangeSession and endSession', async () => {
    const person = { id: 'person_7', name: ' Ada ' };
    const request = { slug, externalId: 'entered', actor: person, permissions: ['api.*.read_key'], preview: true };
    let id = '';
    const entries = await entriesOf(async () => {
      const { sessionId } = await createSession(store, workspace.rootKey, request, from);
      id = handleOf(sessionId);
      const { token } = await exchangeSession(store, sessionId, from, 'secret');
      // A repeated exchange changes nothing.
      await exchangeSession(store, sessionId, from, 'secret');
      await endSession(store, await authenticatePortalSession(store, [token]), from);
    });
    const resource = { type: 'session', id };
    const { portalId } = session;
    const subject = { externalId: 'entered', portalId };
    const actor = { type: 'user', id, ...subject, person: { id: 'person_7', name: 'Ada' } };
    const after = { ...request, actor: actor.person };
    expect(entries).toEqual([
      { ...from, actor: workspace.rootKey.actor, action: 'session.create', resource, subject, after },
      { ...from, actor, action: 'session.exchange', resource },
      { ...from, actor, action: 'session.end', resource },
    ]);
  });

  test.each(['handle', 'externalId'] as const)('revokeSessions by %s', async (field) => {
    const externalId = `revoked by ${field}`;
    const id = handleOf(await workspace.pend(slug, externalId));
    const filter = field === 'handle' ? { handle: id } : { externalId };
    const resource = { type: 'session', id };
    expect(await entriesOf(() => revokeSessions(store, workspaceId, filter, by))).toEqual([
      {
        ...{ ...said, action: 'session.revoke', resource, before: { slug, externalId } },
        subject: { externalId, portalId: session.portalId },
      },
    ]);
  });

  test('endOtherSessions', async () => {
    const externalId = `tidy ${randomUUID()}`;
    const own = await workspace.enter(slug, externalId, ['portal.*.read_account']);
    const id = handleOf(await workspace.pend(slug, externalId));
    const entries = await entriesOf(() => endOtherSessions(store, own, {}, from));
    const resource = { type: 'session', id };
    expect(entries).toEqual([{ ...from, actor: own.actor, action: 'session.end', resource }]);
  });

  test('revokeSessions by slug, of all sessions together', async () => {
    const own = await workspace.newPortal();
    await workspace.pend(own, 'one');
    await workspace.pend(own, 'two');
    const resource = { type: 'portal', id: own };
    expect(await entriesOf(() => revokeSessions(store, workspaceId, { slug: own }, by))).toEqual([
      { ...said, action: 'session.revoke', resource },
    ]);
  });
});

test('updateApi', async () => {
  const id = await workspace.newApi();
  expect(await entriesOf(() => updateApi(store, workspaceId, id, { name: 'Renamed' }, by))).toEqual([
    {
      ...said,
      action: 'api.update',
      resource: { type: 'api', id },
      before: { name: 'API' },
      after: { name: 'Renamed' },
    },
  ]);
});

test('updateIdentity, which creates and changes a user, and deleteIdentity', async () => {
  const externalId = 'known';
  let id = '';
  const update = (changes: object) => entriesOf(() => updateIdentity(store, workspaceId, externalId, changes, by));
  const created = await update({ name: 'One' });
  const updated = await update({ name: null, policy: { maxLifetime: 60_000 } });
  // It changes nothing.
  expect(await update({ policy: { maxLifetime: 60_000 } })).toEqual([]);
  const deleted = await entriesOf(async () => {
    ({ identityId: id } = await deleteIdentity(store, workspaceId, externalId, by));
  });
  const resource = { type: 'identity', id };
  const subject = { externalId };
  const after = { identityId: id, name: 'One', createdAt: time, updatedAt: time };
  expect(created).toEqual([{ ...said, action: 'identity.create', resource, subject, after }]);
  expect(updated).toEqual([
    {
      ...{ ...said, action: 'identity.update', resource, subject },
      before: { name: 'One', updatedAt: time },
      after: { policy: { maxLifetime: 60_000 }, updatedAt: time },
    },
  ]);
  // It does not name the user.
  expect(deleted).toEqual([
    { ...said, action: 'identity.delete', resource, subject: { identityId: id, erased: true } },
  ]);
});

describe('no entry', () => {
  const refusals: Record<string, () => Promise<unknown>> = {
    'createPortal of a slug that is taken': () => createPortal(store, workspaceId, { slug }, by),
    'createPortal with an unknown API': () =>
      createPortal(store, workspaceId, { slug: 'unseen', apiIds: ['api_1'] }, by),
    'updatePortal of an old version': () => updatePortal(store, workspaceId, slug, { version: 9, name: 'X' }, by),
    'updatePortal of an unknown portal': () => updatePortal(store, workspaceId, 'never-was', { name: 'X' }, by),
    'updatePortal with an unknown API': () => updatePortal(store, workspaceId, slug, { apiIds: ['api_1'] }, by),
    'deletePortal of an unknown portal': () => deletePortal(store, workspaceId, 'never-was', by),
    'deleteApi of an unknown API': () => deleteApi(store, workspaceId, 'api_1', by),
    'revokeRootKey of an unknown id': () => revokeRootKey(store, workspaceId, 'rkid_none', by),
    'createSession of an unknown portal': () => workspace.pend('never-was', 'user'),
    'createSession of a disabled portal': () => workspace.pend(disabled, 'user'),
    'exchangeSession of an id that was exchanged': () => exchangeSession(store, spent, from),
  };

  test.each(Object.entries(refusals))('after %s, which is refused', async (_, refused) => {
    expect(await entriesOf(() => expect(refused()).rejects.toThrow())).toEqual([]);
  });

  test('after a revocation that finds nothing, and a change of a workspace that does not exist', async () => {
    for (const filter of [
      { slug: 'never-was' },
      { slug: await workspace.newPortal() },
      { externalId: 'nobody' },
      { handle: 'sess_none' },
    ]) {
      expect(await entriesOf(() => revokeSessions(store, workspaceId, filter, by))).toEqual([]);
    }
    await expect(setWorkspaceEnabled(store, 'ws_neverWas', true, by)).rejects.toThrow('Workspace not found.');
    expect(await redis.exists(keys.audit('ws_neverWas'))).toBe(0);
  });

  test('of a verification', async () => {
    const { key } = await createKey(store, session, { apiId }, 10);
    expect(await entriesOf(() => verifyKey(store, workspace.rootKey, { key }))).toEqual([]);
  });

  test('of a change of a key that is refused, or of an import of a key that exists', async () => {
    const { keyId } = await createKey(store, session, { apiId }, 10);
    const importIt = () => importKeys(store, workspace.rootKey, { apiId, keys: [{ ...toImport, name: 'Twice' }] }, 10);
    await importIt();
    const entries = await entriesOf(async () => {
      await expect(createKey(store, session, { apiId }, 1)).rejects.toThrow('at most');
      await expect(updateKey(store, session, keyId, { name: '' }, 10)).rejects.toThrow('invalid');
      await expect(rerollKey(store, session, { keyId: 'key_none', overlap: 0 })).rejects.toThrow('not found');
      await expect(deleteKey(store, workspace.rootKey, 'key_none')).rejects.toThrow('not found');
      await importIt();
    });
    expect(entries).toEqual([]);
  });
});

describe('of keys', () => {
  const callers = {
    'a user': () => ({ caller: session, actor: session.actor, subject: {} }),
    'a backend': () => ({
      caller: workspace.rootKey,
      actor: workspace.rootKey.actor,
      subject: { subject: { externalId: 'user', apiId } },
    }),
  };

  test.each(['a user', 'a backend'] as const)('by %s: all changes, before and after', async (who) => {
    const { caller, actor, subject } = callers[who]();
    let [keyId, nextId] = ['', ''];
    const settings = { apiId, externalId: 'user', name: 'First', ratelimit: { limit: 5, duration: 1000 } };
    const entries = await entriesOf(async () => {
      ({ keyId } = await createKey(store, caller, settings, 100, undefined, from));
      await updateKey(store, caller, keyId, { name: 'Second', ratelimit: null, enabled: false }, 100, from);
      ({ keyId: nextId } = await rerollKey(store, caller, { keyId, overlap: 60_000 }, undefined, from));
      await deleteKey(store, caller, nextId, from);
    });
    const said = { ...from, actor, ...subject };
    const resource = { type: 'key', id: keyId };
    const start = expect.stringMatching(/^.{4}$/);
    const { name, ratelimit } = settings;
    expect(entries).toEqual([
      { ...said, action: 'key.create', resource, after: { apiId, start, enabled: true, name, ratelimit } },
      {
        ...said,
        action: 'key.update',
        resource,
        before: { name, ratelimit, enabled: true },
        after: { name: 'Second', enabled: false },
      },
      {
        ...said,
        action: 'key.reroll',
        resource,
        before: { start },
        after: { start, successor: nextId, expiration: 60_000 },
      },
      {
        ...said,
        action: 'key.delete',
        resource: { type: 'key', id: nextId },
        before: { apiId, start, enabled: false, name: 'Second' },
      },
    ]);
  });

  test('importKeys: one for each key, with its user', async () => {
    const hash = randomBytes(32).toString('hex');
    const entries = await entriesOf(() =>
      importKeys(store, workspace.rootKey, { apiId, keys: [{ ...toImport, hash, managed: true }] }, 10, from),
    );
    expect(entries).toEqual([
      {
        ...from,
        actor: workspace.rootKey.actor,
        action: 'key.import',
        resource: { type: 'key', id: expect.stringMatching(/^key_/) },
        subject: { externalId: 'imported', apiId },
        after: { apiId, start: 'sk_live_', enabled: true, managed: true },
      },
    ]);
    expect(JSON.stringify(entries)).not.toContain(hash);
  });
});

test('the entries above are all kinds that the contract has', () => {
  expect(seen).toEqual(new Set(knownValues.AuditAction));
});

/** What ends a session, what does not, and what an exchange that is repeated gets. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { sessionRef } from '../../src/server/domain/credentials.ts';
import { createPortal, deletePortal, getPortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { listSessions, revokeSessions } from '../../src/server/domain/sessions/session-list.ts';
import {
  authenticatePortalSession,
  createSession,
  endSession,
  exchangeSession,
  SeveralSessions,
} from '../../src/server/domain/sessions/sessions.ts';
import { setWorkspaceEnabled } from '../../src/server/domain/workspaces/workspaces.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import type { SessionRef } from '../../src/server/store/proof.ts';
import { StoreUnavailable } from '../../src/server/store/redis.ts';
import { publishControl } from '../support/control.ts';
import { contentsOf, interrupted, newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, redis, hooks } = opened;
afterAll(opened.stop);

const gone = { code: 'unkey/authentication/portal_session_not_found' };
const forbidden = { code: 'unkey/authorization/forbidden' };
const disabled = { code: 'unkey/authorization/workspace_disabled' };
const notFound = { code: 'unkey/data/portal_config_not_found' };

let workspace: TestWorkspace;
let slug: string;
beforeAll(async () => {
  workspace = await newWorkspace(store);
  slug = await workspace.newPortal();
});
const refOf = (sessionId: string) => sessionRef('pst', sessionId) as SessionRef;
const recordOf = (sessionId: string) => keys.session(refOf(sessionId), refOf(sessionId).handle);
const list = async (filter: Parameters<typeof listSessions>[2], in_ = workspace) =>
  (await listSessions(store, in_.workspaceId, filter, { limit: 100 })).items;
const exchange = (sessionId: string, repeatKey?: string) => exchangeSession(store, sessionId, {}, repeatKey);
const authenticate = (token: string) => authenticatePortalSession(store, [token]);

describe('an exchange', () => {
  test('can be repeated with the same secret only, while the browser session has 86,100 s left', async () => {
    const sessionId = await workspace.pend(slug, 'user');
    const first = await exchange(sessionId, 'secret');
    expect(await exchange(sessionId, 'secret')).toEqual(first);
    await expect(exchange(sessionId, 'other')).rejects.toMatchObject(gone);
    await expect(exchange(sessionId)).rejects.toMatchObject(gone);
    const name = recordOf(sessionId);
    /** Repeats the exchange when the browser session has exactly this many ms left. Redis rounds them to seconds. */
    const repeatWith = async (left: number) => {
      hooks.first = `redis.call('PEXPIRE', '${name}', ${left})`;
      try {
        return await exchange(sessionId, 'secret');
      } finally {
        hooks.first = undefined;
      }
    };
    expect(await repeatWith(86_099_500)).toMatchObject({ token: first.token });
    await expect(repeatWith(86_099_499)).rejects.toMatchObject(gone);
    expect(await authenticate(first.token)).toMatchObject({ grant: { externalId: 'user' } });
  });

  test('is not repeated once the session has ended', async () => {
    const sessionId = await workspace.pend(slug, 'user');
    const { token } = await exchange(sessionId, 'secret');
    await endSession(store, await authenticate(token), {});
    await expect(exchange(sessionId, 'secret')).rejects.toMatchObject(gone);
    await expect(authenticate(token)).rejects.toMatchObject(gone);
  });

  test('returns when the session expires, and the session starts with what was granted', async () => {
    const grant = { slug, externalId: 'user 😀', permissions: ['api.*.read_key'], preview: false };
    const { sessionId, expiresAt: pendingUntil } = await createSession(store, workspace.rootKey, grant, {});
    expect(pendingUntil).toBe(await redis.pExpireTime(recordOf(sessionId)));
    expect(pendingUntil).toBeGreaterThan(Date.now());
    const { token, expiresAt } = await exchange(sessionId);
    const session = await authenticate(token);
    expect(session).toMatchObject({
      handle: refOf(sessionId).handle,
      expiresAt,
      grant,
      portal: { slug, workspaceId: workspace.workspaceId },
    });
    expect(expiresAt).toBe(await redis.pExpireTime(recordOf(sessionId)));
  });

  test('in a disabled workspace does not spend the id', async () => {
    const other = await newWorkspace(store);
    const own = await other.newPortal();
    const sessionId = await other.pend(own, 'user');
    const token = await exchange(await other.pend(own, 'user'), 'secret');
    await setWorkspaceEnabled(store, other.workspaceId, false, commandLine);
    await expect(exchange(sessionId)).rejects.toMatchObject(disabled);
    await expect(authenticate(token.token)).rejects.toMatchObject(disabled);
    await setWorkspaceEnabled(store, other.workspaceId, true, commandLine);
    expect(await authenticate(token.token)).toMatchObject({ grant: { slug: own } });
    await exchange(sessionId);
  });

  test('of a damaged record does not spend the id', async () => {
    const sessionId = await workspace.pend(slug, 'user');
    const name = recordOf(sessionId);
    const value = String(await redis.get(name));
    // Its first line alone.
    await redis.set(name, value.slice(0, 64), { expiration: 'KEEPTTL' });
    await expect(exchange(sessionId)).rejects.toThrow();
    await redis.set(name, value, { expiration: 'KEEPTTL', condition: 'XX' });
    await exchange(sessionId);
  });

  test('whose workspace or portal is gone is refused', async () => {
    const other = await newWorkspace(store);
    const own = await other.newPortal();
    const [pending, { token }] = [await other.pend(own, 'user'), await exchange(await other.pend(own, 'user'))];
    const name = keys.workspace(other.workspaceId);
    const record = String(await redis.get(name));
    await redis.del(name);
    await publishControl(redis, other.workspaceId);
    await expect(exchange(pending)).rejects.toMatchObject(gone);
    await expect(authenticate(token)).rejects.toMatchObject(gone);
    await redis.set(name, record);
    await publishControl(redis, other.workspaceId);
    await deletePortal(store, other.workspaceId, own, commandLine);
    await expect(exchange(pending)).rejects.toMatchObject(gone);
    await expect(authenticate(token)).rejects.toMatchObject(gone);
    expect(await list({ externalId: 'user' }, other)).toEqual([]);
  });
});

describe('all sessions of a portal end', () => {
  /** A pending session, and an active one that can still be repeated. */
  async function twoSessions() {
    const own = await workspace.newPortal();
    const pending = await workspace.pend(own, 'two');
    const used = await workspace.pend(own, 'two');
    const { token } = await exchange(used, 'secret');
    return { own, pending, used, token };
  }
  const update = (own: string, enabled: boolean) =>
    updatePortal(store, workspace.workspaceId, own, { enabled }, commandLine);

  test('when it is disabled, and stay ended when it is enabled', async () => {
    const { own, pending, used, token } = await twoSessions();
    const { portalId } = await getPortal(store, workspace.workspaceId, own);
    const place = partitionOf({ workspaceId: workspace.workspaceId, externalId: 'two' });
    const index = keys.portalSessions(place, portalId, '0');
    expect(await redis.exists(index)).toBe(1);
    await update(own, false);
    expect(await redis.exists(index)).toBe(0);
    for (const attempt of [exchange(pending), exchange(used, 'secret'), authenticate(token)])
      await expect(attempt).rejects.toMatchObject(forbidden);
    await update(own, true);
    for (const attempt of [exchange(pending), exchange(used, 'secret'), authenticate(token)])
      await expect(attempt).rejects.toMatchObject(gone);
    expect(await list({ slug: own })).toEqual([]);
    expect(await list({ externalId: 'two', slug: own })).toEqual([]);
    expect(await authenticate((await exchange(await workspace.pend(own, 'two'))).token)).toHaveProperty('handle');
  });

  test('when they are revoked together, and how many is returned; those of another portal do not', async () => {
    const { own, pending, used, token } = await twoSessions();
    const elsewhere = await twoSessions();
    const revoke = () => revokeSessions(store, workspace.workspaceId, { slug: own }, commandLine);
    expect(await revoke()).toBe(2);
    for (const attempt of [exchange(pending), exchange(used, 'secret'), authenticate(token)])
      await expect(attempt).rejects.toMatchObject(gone);
    expect(await revoke()).toBe(0);
    expect(await list({ slug: elsewhere.own })).toHaveLength(2);
    expect(await authenticate(elsewhere.token)).toHaveProperty('handle');
    await exchange(elsewhere.pending);
    // The portal of those that ended takes new ones.
    await exchange(await workspace.pend(own, 'two'));
  });

  test('but not when another setting changes', async () => {
    const { own, pending, token } = await twoSessions();
    await updatePortal(store, workspace.workspaceId, own, { name: 'Named', enabled: true }, commandLine);
    expect(await list({ slug: own })).toHaveLength(2);
    expect(await authenticate(token)).toHaveProperty('handle');
    await exchange(pending);
    await update(own, false);
    const epochs = keys.portalEpochs(workspace.workspaceId);
    const { portalId } = await getPortal(store, workspace.workspaceId, own);
    expect(await redis.hGet(epochs, portalId)).toBe('1');
    // It is disabled already: there is nothing to end.
    await updatePortal(store, workspace.workspaceId, own, { name: 'Renamed' }, commandLine);
    expect(await redis.hGet(epochs, portalId)).toBe('1');
  });

  test('also if there is only one', async () => {
    const own = await workspace.newPortal();
    const sessionId = await workspace.pend(own, 'single');
    expect(await revokeSessions(store, workspace.workspaceId, { slug: own }, commandLine)).toBe(1);
    await expect(exchange(sessionId)).rejects.toMatchObject(gone);
  });

  test('of an unknown slug: there are none', async () => {
    expect(await revokeSessions(store, workspace.workspaceId, { slug: 'never-was' }, commandLine)).toBe(0);
  });
});

describe('revokeSessions', () => {
  const revoke = (filter: Parameters<typeof revokeSessions>[2]) =>
    revokeSessions(store, workspace.workspaceId, filter, commandLine);

  test.each([
    ['by handle', (handle: string) => ({ handle }), 1],
    ['by handle and user', (handle: string, externalId: string) => ({ handle, externalId }), 1],
    ['by handle and another user', (handle: string) => ({ handle, externalId: 'other' }), 0],
    ['by handle and another portal', (handle: string) => ({ handle, slug: 'other' }), 0],
    ['by user', (_: string, externalId: string) => ({ externalId }), 2],
    ['by user and portal', (_: string, externalId: string) => ({ externalId, slug }), 1],
    ['by another user', () => ({ externalId: 'nobody' }), 0],
  ])('%s', async (name, filter, count) => {
    const externalId = `user of "${name}" ${randomUUID()}`;
    const elsewhere = await workspace.newPortal();
    const session = await workspace.enter(slug, externalId);
    await workspace.enter(elsewhere, externalId);
    const wanted = filter(session.handle, externalId);
    expect(await list(wanted)).toHaveLength(count);
    expect(await revoke(wanted)).toBe(count);
    expect(await list(wanted)).toEqual([]);
    expect(await list({ externalId })).toHaveLength(2 - count);
    expect(await revoke(wanted)).toBe(0);
  });

  test('needs a filter', async () => {
    for (const call of [revoke({}), list({})]) {
      await expect(call).rejects.toMatchObject({ failures: [{ location: 'body' }] });
    }
  });
});

test('createSession is refused where the portal is unknown or disabled, and then writes nothing', async () => {
  const own = await workspace.newPortal({ enabled: false });
  const before = await contentsOf(opened, workspace.workspaceId);
  await expect(workspace.pend('never-was', 'user')).rejects.toMatchObject(notFound);
  await expect(workspace.pend(own, 'user')).rejects.toMatchObject(forbidden);
  expect(await contentsOf(opened, workspace.workspaceId)).toEqual(before);
});

test('a portal that takes the slug of a deleted one has none of its sessions', async () => {
  const own = await workspace.newPortal();
  const sessionId = await workspace.pend(own, 'heir');
  await deletePortal(store, workspace.workspaceId, own, commandLine);
  await createPortal(store, workspace.workspaceId, { slug: own }, commandLine);
  await expect(exchange(sessionId)).rejects.toMatchObject(gone);
  expect(await list({ slug: own })).toEqual([]);
  expect(await list({ externalId: 'heir' })).toEqual([]);
});

describe('the tokens of several cookies', () => {
  const tokenOf = async (externalId: string, in_ = workspace, of = slug) =>
    (await exchange(await in_.pend(of, externalId))).token;
  const userOf = async (...tokens: string[]) => (await authenticatePortalSession(store, tokens)).grant.externalId;
  const unknown = (i: number) => `ps_${workspace.workspaceId.slice('ws_'.length)}${String(i).padStart(54, '0')}`;

  test('are those of the only active session among them', async () => {
    const token = await tokenOf('victim');
    expect(await userOf('nonsense', unknown(1), token, unknown(2), unknown(3), 'rk_')).toBe('victim');
  });

  test('are nobody’s if several are active, also of one user and of another workspace', async () => {
    const token = await tokenOf('victim');
    const elsewhere = await newWorkspace(store);
    const others = [
      await tokenOf('attacker'),
      await tokenOf('victim'),
      await tokenOf('attacker', elsewhere, await elsewhere.newPortal()),
    ];
    for (const other of others) {
      await expect(userOf(token, other)).rejects.toBeInstanceOf(SeveralSessions);
      await expect(userOf(unknown(1), other, token)).rejects.toBeInstanceOf(SeveralSessions);
    }
    expect(others).toHaveLength(3);
  });

  test('are nobody’s if there are too many to look up', async () => {
    const token = await tokenOf('victim');
    const others = [1, 2, 3, 4].map(unknown);
    await expect(userOf(...others, token)).rejects.toBeInstanceOf(SeveralSessions);
    await expect(userOf(token, ...others)).rejects.toBeInstanceOf(SeveralSessions);
  });

  test('do not count for another user because the first session is refused', async () => {
    const attacker = await tokenOf('attacker');
    // The portal of the user refuses the page, and that of the attacker allows it.
    const evil = `https://${randomUUID()}.example`;
    const lax = await workspace.newPortal({ allowedOrigins: [evil] });
    const allowed = await tokenOf('attacker', workspace, lax);
    const victim = await tokenOf('victim');
    const from = authenticatePortalSession(store, [victim, allowed], evil);
    await expect(from).rejects.toBeInstanceOf(SeveralSessions);
    const failing = interrupted(store, 'sessions', 'verify', () => Promise.reject(new StoreUnavailable('test')));
    await expect(authenticatePortalSession(failing, [victim, attacker])).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test('of several users are those of another user for a link', async () => {
    const tokens = [await tokenOf('one'), await tokenOf('two')];
    const sessionId = await workspace.pend(slug, 'one');
    const exchangeWith = (...cookies: string[]) => exchangeSession(store, sessionId, {}, undefined, undefined, cookies);
    const otherUser = { code: 'unkey/authentication/other_user_signed_in' };
    await expect(exchangeWith(...tokens)).rejects.toMatchObject(otherUser);
    await expect(exchangeWith(tokens[1] ?? '')).rejects.toMatchObject(otherUser);
    expect(await exchangeWith(tokens[0] ?? '', unknown(1))).toMatchObject({ token: expect.any(String) });
  });

  test('of a session that has ended, or of a disabled workspace, are no reason to ask', async () => {
    const elsewhere = await newWorkspace(store);
    const disabledToken = await tokenOf('one', elsewhere, await elsewhere.newPortal());
    await setWorkspaceEnabled(store, elsewhere.workspaceId, false, commandLine);
    const ended = await tokenOf('one');
    await endSession(store, await authenticate(ended), {});
    for (const token of [disabledToken, ended]) {
      const sessionId = await workspace.pend(slug, 'two');
      const { token: entered } = await exchangeSession(store, sessionId, {}, undefined, undefined, [token]);
      expect(await userOf(entered)).toBe('two');
    }
    expect(ended).not.toBe(disabledToken);
  });
});

/** Two things that happen to one session or portal at the same time. Each test holds the window between two steps open. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { sessionRef } from '../../src/server/domain/credentials.ts';
import { updatePortal } from '../../src/server/domain/portals/portals.ts';
import { listSessions, revokeSessions } from '../../src/server/domain/sessions/session-list.ts';
import {
  type AuthenticatedSession,
  authenticatePortalSession,
  createSession,
  endSession,
  exchangeSession,
} from '../../src/server/domain/sessions/sessions.ts';
import { keys } from '../../src/server/store/keys.ts';
import { interrupted, newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, redis, hooks } = opened;
afterAll(opened.stop);

const gone = { code: 'unkey/authentication/portal_session_not_found' };
const page = { limit: 100 };

let workspace: TestWorkspace;
let slug: string;
beforeAll(async () => {
  workspace = await newWorkspace(store);
  slug = await workspace.newPortal();
});

let users = 0;
/** A pending session of a new user. */
async function pending() {
  const externalId = `racer-${++users}`;
  const sessionId = await workspace.pend(slug, externalId);
  const { items } = await listSessions(store, workspace.workspaceId, { externalId }, page);
  return { externalId, sessionId, handle: String(items[0]?.handle) };
}
const exchange = (sessionId: string) => exchangeSession(store, sessionId, {});
const isOver = async (token: string) => {
  await expect(authenticatePortalSession(store, [token])).rejects.toMatchObject(gone);
};

describe('an exchange during a revocation', () => {
  test.each([
    ['of the handle', ({ handle }: Awaited<ReturnType<typeof pending>>) => ({ handle })],
    ['of the user', ({ externalId }: Awaited<ReturnType<typeof pending>>) => ({ externalId })],
  ])('%s, after the session was read: the browser session ends', async (_, filter) => {
    const session = await pending();
    let token = '';
    const racing = interrupted(store, 'sessions', 'end', async () => {
      ({ token } = await exchange(session.sessionId));
    });
    expect(await revokeSessions(racing, workspace.workspaceId, filter(session), commandLine)).toBe(1);
    await isOver(token);
    expect(await listSessions(store, workspace.workspaceId, filter(session), page)).toEqual({ items: [] });
  });

  test('that comes after it gets nothing', async () => {
    const { sessionId, handle } = await pending();
    const racing = interrupted(store, 'sessions', 'exchange', async () => {
      expect(await revokeSessions(store, workspace.workspaceId, { handle }, commandLine)).toBe(1);
    });
    await expect(exchangeSession(racing, sessionId, {})).rejects.toMatchObject(gone);
  });

  test('of all sessions of the portal: nothing stays active, in either order', async () => {
    const own = await workspace.newPortal();
    const revoke = () => revokeSessions(store, workspace.workspaceId, { slug: own }, commandLine);
    const [first, second] = [await workspace.pend(own, 'a'), await workspace.pend(own, 'b')];
    let token = '';
    const revoking = interrupted(store, 'sessions', 'endAll', async () => {
      ({ token } = await exchange(first));
    });
    const exchanging = interrupted(store, 'sessions', 'exchange', () =>
      revokeSessions(revoking, workspace.workspaceId, { slug: own }, commandLine),
    );
    await expect(exchangeSession(exchanging, second, {})).rejects.toMatchObject(gone);
    await isOver(token);
    expect(await revoke()).toBe(0);
  });

  test('that ends the session first: the second revocation ends nothing', async () => {
    const { handle } = await pending();
    const filter = { handle };
    const racing = interrupted(store, 'sessions', 'end', () =>
      revokeSessions(store, workspace.workspaceId, filter, commandLine),
    );
    expect(await revokeSessions(racing, workspace.workspaceId, filter, commandLine)).toBe(0);
  });

  test('that is exchanged and then ended by its user: the revocation ends nothing', async () => {
    const { handle, sessionId } = await pending();
    const racing = interrupted(store, 'sessions', 'end', async () => {
      const { token } = await exchange(sessionId);
      await endSession(store, await authenticatePortalSession(store, [token]), {});
    });
    expect(await revokeSessions(racing, workspace.workspaceId, { handle }, commandLine)).toBe(0);
  });
});

test('of two exchanges one gets a session, and of two with one secret both get the same, exchanged once', async () => {
  const race = async (repeatKey?: string) => {
    const { sessionId, handle } = await pending();
    const attempt = (on = store) => exchangeSession(on, sessionId, {}, repeatKey);
    let first = {};
    const racing = interrupted(store, 'sessions', 'exchange', async () => {
      first = await attempt();
    });
    const [second] = await Promise.allSettled([attempt(racing)]);
    const filter = { action: 'session.exchange', resourceId: handle } as const;
    const entries = (await store.audit.list(workspace.workspaceId, filter, page)).items;
    return { first, second, entries };
  };
  const alone = await race();
  expect(alone).toMatchObject({ second: { reason: gone }, entries: [{}] });
  const repeated = await race('secret');
  expect(repeated).toMatchObject({ second: { value: repeated.first }, entries: [{}] });
});

test('of two log outs one ends the session, and the other gets 401', async () => {
  const { token } = await exchange((await pending()).sessionId);
  const session: AuthenticatedSession = await authenticatePortalSession(store, [token]);
  const racing = interrupted(store, 'sessions', 'end', () => endSession(store, session, {}));
  await expect(endSession(racing, session, {})).rejects.toMatchObject(gone);
});

describe('between the two reads of a list', () => {
  /** By handle, the sessions are the first round trip; in an index, its places come before them, and the portal of a slug. */
  test.each([
    ['by handle', 0, 'active'],
    ['by handle', 1, 'pending'],
    ['by user', 1, 'active'],
    ['by user', 2, 'pending'],
    // The portal, its list in each of 64 partitions, and the sessions.
    ['by portal', 65, 'active'],
    ['by portal', 66, 'pending'],
  ])('an exchange is before or after it: %s, after %s round trips', async (name, roundTrips, state) => {
    const { sessionId, externalId, handle } = await pending();
    const filters: Record<string, object> = {
      'by handle': { handle },
      'by user': { externalId },
      'by portal': { slug },
    };
    hooks.between = { roundTrips, step: () => exchange(sessionId) };
    const { items } = await listSessions(store, workspace.workspaceId, filters[name] ?? {}, page);
    expect(hooks.between).toBeUndefined();
    expect(items.find((one) => one.handle === handle)).toMatchObject({ state, externalId });
  });

  test('a session that ends is left out, and the others are found', async () => {
    const externalId = `reader ${randomUUID()}`;
    const enter = async () => {
      const sessionId = await workspace.pend(slug, externalId);
      return { sessionId, handle: String(sessionRef('pst', sessionId)?.handle) };
    };
    const [ended, exchanged, untouched] = [await enter(), await enter(), await enter()];
    const step = async () => {
      const { token } = await exchange(ended.sessionId);
      await endSession(store, await authenticatePortalSession(store, [token]), {});
      await exchange(exchanged.sessionId);
    };
    hooks.between = { roundTrips: 1, step };
    const { items } = await listSessions(store, workspace.workspaceId, { externalId }, page);
    const found = Object.fromEntries(items.map(({ handle, state }) => [handle, state]));
    expect(found).toEqual({ [exchanged.handle]: 'active', [untouched.handle]: 'pending' });
    const places = await redis.zCard(keys.userSessions({ workspaceId: workspace.workspaceId, externalId }));
    expect(places).toBe(2);
  });

  test('a list removes from its index the sessions that have ended, and no other', async () => {
    const { externalId, sessionId } = await pending();
    const { token } = await exchange(sessionId);
    const other = String(sessionRef('pst', await workspace.pend(slug, externalId))?.handle);
    const index = keys.userSessions({ workspaceId: workspace.workspaceId, externalId });
    const { ref, handle } = await authenticatePortalSession(store, [token]);
    const read = async () =>
      (await listSessions(store, workspace.workspaceId, { externalId }, page)).items.map((one) => one.handle);
    expect([await read(), await redis.zCard(index)]).toEqual([[other, handle], 2]);
    await redis.del(keys.session(ref, handle));
    expect([await read(), await redis.zCard(index)]).toEqual([[other], 1]);
  });
});

describe('a portal that is disabled', () => {
  const update = (own: string, enabled: boolean) =>
    updatePortal(store, workspace.workspaceId, own, { enabled }, commandLine);
  const request = (own: string) => ({ slug: own, externalId: 'late', permissions: [], preview: false });

  test('before createSession writes: there is no session', async () => {
    const own = await workspace.newPortal();
    const racing = interrupted(store, 'sessions', 'create', () => update(own, false));
    const created = createSession(racing, workspace.rootKey, request(own), commandLine);
    await expect(created).rejects.toMatchObject({ code: 'unkey/authorization/forbidden' });
    await update(own, true);
    expect((await listSessions(store, workspace.workspaceId, { slug: own }, page)).items).toEqual([]);
  });

  test('after createSession wrote: the session has ended, also once the portal is enabled', async () => {
    const own = await workspace.newPortal();
    let sessionId = '';
    const racing = interrupted(store, 'portals', 'replace', async () => {
      ({ sessionId } = await createSession(store, workspace.rootKey, request(own), {}));
    });
    await updatePortal(racing, workspace.workspaceId, own, { enabled: false }, commandLine);
    await update(own, true);
    await expect(exchange(sessionId)).rejects.toMatchObject(gone);
  });
});

import { afterAll, expect, test } from '@jest/globals';
import { createPortal, deletePortal } from '../../src/server/domain/portals/portals.ts';
import { createSession, exchangeSession, portalOfLink } from '../../src/server/domain/sessions/sessions.ts';
import { commandLine } from '../../src/server/domain/workspaces/audit.ts';
import { authenticateRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace } from '../../src/server/domain/workspaces/workspaces.ts';
import { createStore } from '../../src/server/store/index.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { startRedis } from '../support/redis.ts';

const local = await startRedis();
const redis = connectRedis(local.url);
await redis.ready;
const store = createStore(redis, { maxEntries: 100, maxAgeDays: 1 });
afterAll(async () => {
  await store.close();
  await local.stop();
});

async function newWorkspace() {
  const { workspaceId, rootKey } = await createWorkspace(store, { name: 'Acme' }, commandLine);
  return { workspaceId, rootKey: await authenticateRootKey(store, rootKey) };
}

test('portalOfLink finds the portal before and after exchangeSession, and does not use up the id', async () => {
  const { workspaceId, rootKey } = await newWorkspace();
  const embeddingOrigins = ['https://app.acme.example'];
  const portal = await createPortal(store, workspaceId, { slug: 'linked', embeddingOrigins }, commandLine);
  const request = { slug: 'linked', externalId: 'user_123', permissions: ['api.*.read_key'], preview: false };
  const { sessionId } = await createSession(store, rootKey, request, commandLine);

  for (const _ of [1, 2, 3]) expect(await portalOfLink(store, sessionId)).toEqual(portal);
  await exchangeSession(store, sessionId, { actor: { type: 'user' } });
  expect(await portalOfLink(store, sessionId)).toEqual(portal);

  for (const unknown of ['', 'pst_', sessionId.slice(0, -1), `${sessionId.slice(0, -1)}!`, `ps_${sessionId.slice(4)}`])
    expect(await portalOfLink(store, unknown)).toBeUndefined();
  const other = `${sessionId.slice(0, -4)}0000`;
  expect(await portalOfLink(store, other)).toBeUndefined();
  await deletePortal(store, workspaceId, 'linked', commandLine);
  expect(await portalOfLink(store, sessionId)).toBeUndefined();
});

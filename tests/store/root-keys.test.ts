/** Root keys: what one can be created with, when a process may use what it has cached, and what a session may be granted. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { createSession } from '../../src/server/domain/sessions/sessions.ts';
import {
  authenticateRootKey,
  cachedRootKey,
  createRootKey,
  requirePermission,
  revokeRootKey,
} from '../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace, setWorkspaceEnabled } from '../../src/server/domain/workspaces/workspaces.ts';
import { newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const { store, stop } = await openStore();
afterAll(stop);

const unknown = { code: 'unkey/authentication/key_not_found' };
const notFound = { code: 'unkey/data/key_not_found' };

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await newWorkspace(store);
});
const create = (settings: { name?: string; permissions?: string[] } = {}, workspaceId = workspace.workspaceId) =>
  createRootKey(store, { workspaceId, ...settings }, commandLine);
const forbidden = (permission: string) => ({
  code: 'unkey/authorization/insufficient_permissions',
  message: expect.stringContaining(permission),
});

describe('a root key', () => {
  test('has its name and permissions, or every permission', async () => {
    const settings = { name: 'CI', permissions: ['api.*.read_key', 'portal.p-1.create_session'] };
    const { rootKey, rootKeyId } = await create(settings);
    const { workspaceId } = workspace;
    expect(await authenticateRootKey(store, rootKey)).toMatchObject({ ...settings, rootKeyId, workspaceId });
    expect(await authenticateRootKey(store, (await create()).rootKey)).toMatchObject({ permissions: ['*.*.*'] });
  });

  test('is refused with a permission of another form, and each is a failure', async () => {
    const failures = [{ location: 'permission' }, { location: 'permission' }];
    await expect(create({ permissions: ['api.*', 'api.*.read_key', 'a.b.c.d'] })).rejects.toMatchObject({ failures });
  });

  test('is in an existing workspace', async () => {
    await expect(create({}, 'ws_neverWas')).rejects.toMatchObject({ code: 'unkey/data/workspace_not_found' });
  });

  test('is unknown with another secret, workspace or form', async () => {
    const { secret } = workspace;
    const { secret: foreign } = await newWorkspace(store);
    const swapped = `${foreign.slice(0, 'rk_'.length + 12)}${secret.slice(-32)}`;
    for (const text of [`${secret.slice(0, -1)}!`, `${secret}0`, secret.slice(3), '', swapped, `pst${secret.slice(2)}`])
      await expect(authenticateRootKey(store, text)).rejects.toMatchObject(unknown);
  });

  test('is refused from its revocation on, and is revoked once, in its workspace only', async () => {
    const { rootKey, rootKeyId } = await create();
    const { workspaceId } = workspace;
    const elsewhere = (await newWorkspace(store)).workspaceId;
    await expect(revokeRootKey(store, elsewhere, rootKeyId, commandLine)).rejects.toMatchObject(notFound);
    expect(await authenticateRootKey(store, rootKey)).toHaveProperty('rootKeyId', rootKeyId);
    await revokeRootKey(store, workspaceId, rootKeyId, commandLine);
    await expect(authenticateRootKey(store, rootKey)).rejects.toMatchObject(unknown);
    await expect(revokeRootKey(store, workspaceId, rootKeyId, commandLine)).rejects.toMatchObject(notFound);
    expect(await authenticateRootKey(store, workspace.secret)).toHaveProperty('workspaceId', workspaceId);
  });

  test('of a disabled workspace is refused until it is enabled', async () => {
    const { workspaceId, rootKey } = await createWorkspace(store, { name: 'Acme' }, commandLine);
    expect(await setWorkspaceEnabled(store, workspaceId, false, commandLine)).toMatchObject({ enabled: false });
    const disabled = { code: 'unkey/authorization/workspace_disabled' };
    await expect(authenticateRootKey(store, rootKey)).rejects.toMatchObject(disabled);
    expect(await setWorkspaceEnabled(store, workspaceId, true, commandLine)).toMatchObject({ enabled: true });
    expect(await authenticateRootKey(store, rootKey)).toHaveProperty('workspaceId', workspaceId);
  });

  test('is cached after its first verification, and only as a key that a script must verify', async () => {
    const { rootKey } = await create();
    expect(cachedRootKey(store, rootKey)).toBeUndefined();
    const { hash } = await authenticateRootKey(store, rootKey);
    expect(cachedRootKey(store, rootKey)).toMatchObject({ verification: 'cached', hash });
    expect(cachedRootKey(store, rootKey)).not.toHaveProperty('permissions');
    expect(cachedRootKey(store, `${rootKey}0`)).toBeUndefined();
  });
});

describe('permissions', () => {
  test('the first that is missing is named', () => {
    const granted = ['api.*.read_key', 'portal.p-1.*'];
    requirePermission(granted);
    requirePermission(granted, 'api.api_1.read_key', 'portal.p-1.create_session');
    expect(() => requirePermission(granted, 'api.a.read_key', 'api.a.create_key', 'portal.p-2.x')).toThrow(
      expect.objectContaining(forbidden('api.a.create_key')),
    );
  });

  test('a session has none that its root key does not have', async () => {
    const slug = await workspace.newPortal();
    const { rootKey } = await create({ permissions: ['api.*.read_key', 'portal.*.create_session'] });
    const verified = await authenticateRootKey(store, rootKey);
    const grant = (...permissions: string[]) =>
      createSession(store, verified, { slug, externalId: 'user', permissions, preview: false }, {});
    expect(await grant('api.api_1.read_key')).toHaveProperty('sessionId');
    await expect(grant('api.api_1.read_key', 'api.api_1.create_key')).rejects.toMatchObject(
      forbidden('api.api_1.create_key'),
    );
    await expect(grant('api.*.*')).rejects.toMatchObject(forbidden('api.*.*'));
  });
});

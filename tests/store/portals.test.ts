/** Portals and APIs: what a portal can name, how it is found, and which changes are refused as a whole. */
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { createApi, deleteApi, getApi } from '../../src/server/domain/portals/apis.ts';
import {
  configurationOf,
  createPortal,
  deletePortal,
  findPortalForUsers,
  getPortal,
  portalForUsers,
  updatePortal,
} from '../../src/server/domain/portals/portals.ts';
import { contentsOf, interrupted, newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store } = opened;
afterAll(opened.stop);

const notFound = { code: 'unkey/data/portal_config_not_found' };
const taken = { code: 'unkey/data/portal_config_already_exists' };
const noApi = { code: 'unkey/data/api_not_found' };
const noWorkspace = { code: 'unkey/data/workspace_not_found' };
const failuresAt = (...locations: string[]) => ({ failures: locations.map((location) => ({ location })) });

let workspace: TestWorkspace;
let workspaceId: string;
let other: TestWorkspace;
beforeEach(async () => {
  [workspace, other] = [await newWorkspace(store), await newWorkspace(store)];
  workspaceId = workspace.workspaceId;
});
const create = (settings: Parameters<typeof createPortal>[2], id = workspaceId) =>
  createPortal(store, id, settings, commandLine);
const update = (portal: string, settings: Parameters<typeof updatePortal>[3], on = store) =>
  updatePortal(on, workspaceId, portal, settings, commandLine);

describe('a slug', () => {
  test('is taken until its portal is deleted, in its workspace only', async () => {
    const first = await create({ slug: 'taken' });
    const before = await contentsOf(opened, workspaceId);
    await expect(create({ slug: 'taken', name: 'Second' })).rejects.toMatchObject(taken);
    expect(await contentsOf(opened, workspaceId)).toEqual(before);
    await create({ slug: 'taken' }, other.workspaceId);
    await deletePortal(store, workspaceId, first.portalId, commandLine);
    const second = await create({ slug: 'taken' });
    expect(second.portalId).not.toBe(first.portalId);
    expect(await getPortal(store, workspaceId, 'taken')).toEqual(second);
  });
});

describe('a portal', () => {
  test('is found by its id and its slug, in its workspace only', async () => {
    const portal = await create({ slug: 'found', name: 'Found', branding: { primaryColor: '#112233' } });
    for (const name of [portal.portalId, 'found']) {
      expect(await getPortal(store, workspaceId, name)).toEqual(portal);
      await expect(getPortal(store, other.workspaceId, name)).rejects.toMatchObject(notFound);
    }
    expect(portal).toMatchObject({
      version: 1,
      enabled: true,
      apiIds: [],
      allowedReturnOrigins: [],
      embeddingOrigins: [],
    });
    expect(portal.createdAt).toBe(portal.updatedAt);
    const changed = await update(portal.portalId, { name: 'Changed' });
    expect(changed).toEqual({ ...portal, name: 'Changed', version: 2, updatedAt: expect.any(Number) });
    expect(await getPortal(store, workspaceId, 'found')).toEqual(changed);
    expect(await deletePortal(store, workspaceId, 'found', commandLine)).toBe(portal.portalId);
    for (const name of [portal.portalId, 'found']) {
      await expect(getPortal(store, workspaceId, name)).rejects.toMatchObject(notFound);
      await expect(update(name, { name: 'Late' })).rejects.toMatchObject(notFound);
      await expect(deletePortal(store, workspaceId, name, commandLine)).rejects.toMatchObject(notFound);
    }
  });

  test('is in an existing workspace', async () => {
    await expect(create({ slug: 'nowhere' }, 'ws_neverWas')).rejects.toMatchObject(noWorkspace);
    await expect(createApi(store, 'ws_neverWas', { name: 'API' }, commandLine)).rejects.toMatchObject(noWorkspace);
  });
});

describe('the APIs of a portal', () => {
  test('must exist in its workspace, and the failures name the positions of those that do not', async () => {
    const [own, foreign] = [await workspace.newApi(), await other.newApi()];
    const apiIds = [own, foreign, await workspace.newApi(), 'api_neverWas'];
    const before = await contentsOf(opened, workspaceId);
    const unknown = failuresAt('body.apiIds[1]', 'body.apiIds[3]');
    await expect(create({ slug: 'with-apis', apiIds })).rejects.toMatchObject(unknown);
    expect(await contentsOf(opened, workspaceId)).toEqual(before);
    await create({ slug: 'with-apis', apiIds: [own] });
    await expect(update('with-apis', { apiIds })).rejects.toMatchObject(unknown);
    await expect(update('with-apis', { apiIds: [foreign, own] })).rejects.toMatchObject(failuresAt('body.apiIds[0]'));
    expect(await getPortal(store, workspaceId, 'with-apis')).toMatchObject({ version: 1, apiIds: [own] });
  });

  test('may be deleted: the portal stays, can be changed, and does not take them a second time', async () => {
    const [gone, added] = [await workspace.newApi(), await workspace.newApi()];
    await create({ slug: 'outlives', apiIds: [gone] });
    await deleteApi(store, workspaceId, gone, commandLine);
    expect(await update('outlives', { apiIds: [gone, added] })).toMatchObject({ apiIds: [gone, added] });
    await update('outlives', { apiIds: [added] });
    await expect(update('outlives', { apiIds: [added, gone] })).rejects.toMatchObject(failuresAt('body.apiIds[1]'));
  });

  test('are found in their workspace only, and deleted once', async () => {
    const api = await createApi(store, workspaceId, { name: 'API', prefix: 'acme' }, commandLine);
    expect(await getApi(store, workspaceId, api.apiId)).toEqual(api);
    await expect(getApi(store, other.workspaceId, api.apiId)).rejects.toMatchObject(noApi);
    await expect(deleteApi(store, other.workspaceId, api.apiId, commandLine)).rejects.toMatchObject(noApi);
    const drop = (on = store) => deleteApi(on, workspaceId, api.apiId, commandLine);
    await expect(drop(interrupted(store, 'apis', 'delete', () => drop()))).rejects.toMatchObject(noApi);
    await expect(drop()).rejects.toMatchObject(noApi);
  });

  test.each([
    [{ name: 'n'.repeat(128), prefix: 'p'.repeat(16) }, []],
    [{ name: 'n'.repeat(129), prefix: 'p'.repeat(17) }, ['body.name', 'body.prefix']],
    [{ name: '', prefix: '' }, ['body.name', 'body.prefix']],
    [{ name: 'n', prefix: 'a__b' }, ['body.prefix']],
    [{ name: 'n', prefix: 'a_1' }, []],
  ])('%j', async (settings, locations) => {
    const [created] = await Promise.allSettled([createApi(store, workspaceId, settings, commandLine)]);
    expect(created).toMatchObject(locations.length === 0 ? { value: settings } : { reason: failuresAt(...locations) });
  });
});

describe('what users see of a portal', () => {
  const returnUrl = 'https://a.example/home';

  test('leaves out what operators alone may know', async () => {
    const portal = await create({ slug: 'seen', name: 'Seen', openapiUrl: 'https://a.example/openapi.json' });
    expect(portalForUsers(portal)).toEqual({ slug: 'seen', name: 'Seen', branding: portal.branding });
    expect(configurationOf(portal)).not.toHaveProperty('workspaceId');
    const { embeddingOrigins: _, ...old } = portal;
    expect(configurationOf(old)).toMatchObject({ embeddingOrigins: [] });
    expect(portalForUsers(old)).not.toHaveProperty('embeddingOrigins');
    const embeddingOrigins = ['https://app.example'];
    const more = { supportUrl: 'https://help.example', embeddingOrigins };
    expect(portalForUsers(await update('seen', more))).toMatchObject(more);
  });

  test.each([
    [undefined, returnUrl],
    ['https://a.example/other', 'https://a.example/other'],
    ['https://b.example/x', 'https://b.example/x'],
    ['https://c.example', returnUrl],
    ['not a URL', returnUrl],
  ])('has the return URL %s of a session while the portal allows it', async (own, expected) => {
    const slug = await workspace.newPortal({ returnUrl, allowedReturnOrigins: ['https://b.example'] });
    const { portalId } = await getPortal(store, workspaceId, slug);
    expect(await findPortalForUsers(store, workspaceId, portalId, own)).toMatchObject({ returnUrl: expected });
    expect(await findPortalForUsers(store, other.workspaceId, portalId, own)).toBeUndefined();
  });

  test('has no return URL if the portal has none and does not allow that of the session', async () => {
    const portal = await create({ slug: 'stays' });
    expect(portalForUsers(portal, 'https://a.example')).not.toHaveProperty('returnUrl');
  });
});

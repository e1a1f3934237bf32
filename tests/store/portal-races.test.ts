/** Two changes of one portal at the same time. Each test holds the window between the read and the write open. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { deletePortal, getPortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { interrupted, newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const { store, stop } = await openStore();
afterAll(stop);

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await newWorkspace(store);
});

const rename = (own: string, name: string, on = store, version?: number) =>
  updatePortal(on, workspace.workspaceId, own, { name, ...(version !== undefined && { version }) }, commandLine);

test('two changes without a version are both stored', async () => {
  const own = await workspace.newPortal();
  const racing = interrupted(store, 'portals', 'replace', () =>
    updatePortal(store, workspace.workspaceId, own, { supportUrl: 'https://help.example' }, commandLine),
  );
  expect(await rename(own, 'Named', racing)).toMatchObject({ version: 3, supportUrl: 'https://help.example' });
  expect(await getPortal(store, workspace.workspaceId, own)).toMatchObject({ version: 3, name: 'Named' });
});

test('with a version, the second of two changes fails', async () => {
  const own = await workspace.newPortal();
  const conflict = { code: 'unkey/data/portal_config_version_conflict' };
  const racing = interrupted(store, 'portals', 'replace', () => rename(own, 'First'));
  await expect(rename(own, 'Second', racing, 1)).rejects.toMatchObject(conflict);
  await expect(rename(own, 'Second', store, 1)).rejects.toMatchObject(conflict);
  expect(await rename(own, 'Second', store, 2)).toMatchObject({ version: 3 });
});

test('neither a change nor a second deletion finds a portal that is deleted in between', async () => {
  const notFound = { code: 'unkey/data/portal_config_not_found' };
  for (const method of ['replace', 'delete'] as const) {
    const own = await workspace.newPortal();
    const drop = (on = store) => deletePortal(on, workspace.workspaceId, own, commandLine);
    const racing = interrupted(store, 'portals', method, () => drop());
    const attempt = method === 'replace' ? rename(own, 'Named', racing) : drop(racing);
    await expect(attempt).rejects.toMatchObject(notFound);
  }
});

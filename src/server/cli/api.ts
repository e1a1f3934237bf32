import type { Command } from 'commander';
import { createApi, deleteApi, getApi, updateApi } from '../domain/portals/apis.ts';
import { removeKeysOfDeletedApis } from '../domain/workspaces/removals.ts';
import { actInWorkspace, addNoun, addWorkspaceCommand, allPages } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { commandLine } from './operator.ts';
import { printList, printRecord } from './output.ts';

export function addApiCommands(program: Command): void {
  const noun = addNoun(program, 'api', 'APIs: a key belongs to one API.');
  const apiId = ['--api-id <id>', 'the API, as shown by create or list'] as const;

  actInWorkspace<{ name: string; prefix?: string }>(
    addWorkspaceCommand(noun, 'create', 'Creates an API.', ['--workspace ws_… --name Payments --prefix pay'])
      .requiredOption('--name <name>', 'name of the API')
      .option('--prefix <prefix>', 'prefix of its keys'),
    async ({ store, workspaceId }, { name, prefix, json }) =>
      printRecord(await createApi(store, workspaceId, { name, prefix }, commandLine), { json }),
  );

  actInWorkspace(
    addWorkspaceCommand(noun, 'list', 'Lists the APIs of a workspace.', ['--workspace ws_…']),
    async ({ store, workspaceId }, { json }) =>
      printList(
        await allPages((page) => store.apis.list(workspaceId, page)),
        ['apiId', 'name', 'prefix', 'createdAt'],
        { json },
      ),
  );

  actInWorkspace<{ apiId: string }>(
    addWorkspaceCommand(noun, 'get', 'Shows one API.', ['--workspace ws_… --api-id api_…']).requiredOption(...apiId),
    async ({ store, workspaceId }, options) => printRecord(await getApi(store, workspaceId, options.apiId), options),
  );

  actInWorkspace<{ apiId: string; name: string }>(
    addWorkspaceCommand(noun, 'update', 'Renames an API. For its policy, see `policy set`.', [
      '--workspace ws_… --api-id api_… --name Billing',
    ])
      .requiredOption(...apiId)
      .requiredOption('--name <name>', 'new name of the API'),
    async ({ store, workspaceId }, { apiId: id, name, json }) =>
      printRecord(await updateApi(store, workspaceId, id, { name }, commandLine), {
        json,
      }),
  );

  actInWorkspace<{ apiId: string }>(
    addYes(
      addWorkspaceCommand(noun, 'delete', 'Deletes an API.', ['--workspace ws_… --api-id api_…']).requiredOption(
        ...apiId,
      ),
    ),
    async ({ store, workspaceId }, options) => {
      const { apiId: id, name } = await getApi(store, workspaceId, options.apiId);
      await confirm(`Delete the API "${name}" (${id})? Its keys and their usage are deleted too.`, options);
      await deleteApi(store, workspaceId, id, commandLine);
      await removeKeysOfDeletedApis(store, workspaceId);
      printRecord({ apiId: id, deleted: true }, options);
    },
  );
}

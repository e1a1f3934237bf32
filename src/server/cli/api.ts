import type { Command } from 'commander';
import { createApi, deleteApi, getApi } from '../domain/portals/apis.ts';
import { commandLine } from '../domain/workspaces/audit.ts';
import { addCommand, addNoun, allPages, print, withStore } from './command.ts';

export function addApiCommands(program: Command): void {
  const noun = addNoun(program, 'api', 'APIs: a key belongs to one API.');
  const workspace = ['--workspace <id>', 'the workspace'] as const;
  const apiId = ['--api-id <id>', 'the API, as shown by create or list'] as const;

  addCommand(noun, 'create', 'Creates an API.', ['--workspace ws_… --name Payments --prefix pay'])
    .requiredOption(...workspace)
    .requiredOption('--name <name>', 'name of the API')
    .option('--prefix <prefix>', 'prefix of its keys')
    .action(async ({ workspace: id, name, prefix, json }) =>
      print(await withStore((store) => createApi(store, id, { name, prefix }, commandLine)), { json }),
    );

  addCommand(noun, 'list', 'Lists the APIs of a workspace.', ['--workspace ws_…'])
    .requiredOption(...workspace)
    .action(async ({ workspace: id, json }) =>
      print(await withStore((store) => allPages((page) => store.apis.list(id, page))), { json }),
    );

  addCommand(noun, 'get', 'Shows one API.', ['--workspace ws_… --api-id api_…'])
    .requiredOption(...workspace)
    .requiredOption(...apiId)
    .action(async ({ workspace: id, apiId, json }) =>
      print(await withStore((store) => getApi(store, id, apiId)), { json }),
    );

  addCommand(noun, 'delete', 'Deletes an API.', ['--workspace ws_… --api-id api_…'])
    .requiredOption(...workspace)
    .requiredOption(...apiId)
    .action(async ({ workspace: id, apiId, json }) => {
      await withStore((store) => deleteApi(store, id, apiId, commandLine));
      print({ apiId, deleted: true }, { json });
    });
}

import type { Command } from 'commander';
import { createWorkspace, setWorkspaceEnabled } from '../domain/workspaces/workspaces.ts';
import { actInWorkspace, addCommand, addNoun, addWorkspaceCommand, withStore } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { commandLine } from './operator.ts';
import { printList, printRecord } from './output.ts';

export function addWorkspaceCommands(program: Command): void {
  const noun = addNoun(
    program,
    'workspace',
    'Workspaces: companies that run portals. Everything else belongs to a workspace.',
  );

  addCommand(noun, 'create', 'Creates a workspace and its first root key, and shows the key once.', ['--name Acme'])
    .requiredOption('--name <name>', 'name of the workspace')
    .action(async ({ name, json }) =>
      printRecord(await withStore((store) => createWorkspace(store, { name }, commandLine)), { json }),
    );

  addCommand(noun, 'list', 'Lists the workspaces.', ['', '--json']).action(async ({ json }) =>
    printList(await withStore((store) => store.workspaces.list()), ['workspaceId', 'name', 'enabled', 'createdAt'], {
      json,
    }),
  );

  actInWorkspace(
    addWorkspaceCommand(noun, 'enable', 'Enables a workspace and all its portals.', ['--workspace ws_…']),
    async ({ store, workspaceId }, options) =>
      printRecord(await setWorkspaceEnabled(store, workspaceId, true, commandLine), options),
  );

  actInWorkspace(
    addYes(addWorkspaceCommand(noun, 'disable', 'Disables a workspace and all its portals.', ['--workspace ws_…'])),
    async ({ store, workspace }, options) => {
      const { name, workspaceId } = workspace;
      await confirm(
        `Disable the workspace "${name}" (${workspaceId})? Its root keys and portals stop working.`,
        options,
      );
      printRecord(await setWorkspaceEnabled(store, workspaceId, false, commandLine), options);
    },
  );
}

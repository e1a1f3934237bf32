import type { Command } from 'commander';
import { commandLine } from '../domain/workspaces/audit.ts';
import { createWorkspace, setWorkspaceEnabled } from '../domain/workspaces/workspaces.ts';
import { Problem } from '../problem.ts';
import { addCommand, addNoun, print, withStore } from './command.ts';

export function addWorkspaceCommands(program: Command): void {
  const noun = addNoun(
    program,
    'workspace',
    'Workspaces: companies that run portals. Everything else belongs to a workspace.',
  );

  addCommand(noun, 'create', 'Creates a workspace and its first root key, and shows the key once.', ['--name Acme'])
    .requiredOption('--name <name>', 'name of the workspace')
    .action(async ({ name, json }) =>
      print(await withStore((store) => createWorkspace(store, { name }, commandLine)), { json }),
    );

  addCommand(noun, 'list', 'Lists the workspaces.', ['', '--json']).action(async ({ json }) =>
    print(await withStore((store) => store.workspaces.list()), { json }),
  );

  for (const [verb, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    addCommand(noun, verb, `${enabled ? 'Enables' : 'Disables'} a workspace and all its portals.`, ['--workspace ws_…'])
      .requiredOption('--workspace <id>', 'the workspace')
      .action(async ({ workspace, json }) => {
        const changed = await withStore((store) => setWorkspaceEnabled(store, workspace, enabled, commandLine));
        if (changed === undefined) throw new Problem('unkey/data/workspace_not_found');
        print(changed, { json });
      });
  }
}

import type { Command } from 'commander';
import { commandLine } from '../domain/workspaces/audit.ts';
import { createRootKey, revokeRootKey } from '../domain/workspaces/root-keys.ts';
import { addCommand, addNoun, collect, print, withStore } from './command.ts';

export function addRootKeyCommands(program: Command): void {
  const noun = addNoun(program, 'root-key', 'Credentials of your backend.');

  addCommand(noun, 'create', 'Makes a root key, which is shown this once.', [
    '--workspace ws_… --name backend',
    "--workspace ws_… --permission 'api.*.read_key' --permission 'portal.*.create_session'",
  ])
    .requiredOption('--workspace <id>', 'the workspace it belongs to')
    .option('--name <name>', 'what to call it')
    .option('--permission <tuple>', 'what it may do, and hand out; again for more (default: *.*.*)', collect)
    .action(async ({ workspace: workspaceId, name, permission: permissions, json }) =>
      print(await withStore((store) => createRootKey(store, { workspaceId, name, permissions }, commandLine)), {
        json,
      }),
    );

  addCommand(noun, 'list', 'Lists the root keys of a workspace, never the keys themselves.', ['--workspace ws_…'])
    .requiredOption('--workspace <id>', 'the workspace')
    .action(async ({ workspace, json }) => print(await withStore((store) => store.rootKeys.list(workspace)), { json }));

  addCommand(noun, 'revoke', 'Revokes a root key: its next call is refused, on every process.', [
    '--workspace ws_… --root-key-id rkid_…',
  ])
    .requiredOption('--workspace <id>', 'the workspace')
    .requiredOption('--root-key-id <id>', 'its id, from create or list')
    .action(async ({ workspace, rootKeyId, json }) => {
      await withStore((store) => revokeRootKey(store, workspace, rootKeyId, commandLine));
      print({ rootKeyId, revoked: true }, { json });
    });
}

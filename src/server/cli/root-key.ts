import type { Command } from 'commander';
import { commandLine } from '../domain/workspaces/audit.ts';
import { createRootKey, revokeRootKey } from '../domain/workspaces/root-keys.ts';
import { addCommand, addNoun, collect, print, withStore } from './command.ts';

export function addRootKeyCommands(program: Command): void {
  const noun = addNoun(program, 'root-key', 'Credentials of your backend.');

  addCommand(noun, 'create', 'Creates a root key and shows it once.', [
    '--workspace ws_… --name backend',
    "--workspace ws_… --permission 'api.*.read_key' --permission 'portal.*.create_session'",
  ])
    .requiredOption('--workspace <id>', 'the workspace')
    .option('--name <name>', 'name of the root key')
    .option(
      '--permission <tuple>',
      'permission that the root key has and can grant to sessions; repeatable (default: *.*.*)',
      collect,
    )
    .action(async ({ workspace: workspaceId, name, permission: permissions, json }) =>
      print(await withStore((store) => createRootKey(store, { workspaceId, name, permissions }, commandLine)), {
        json,
      }),
    );

  addCommand(noun, 'list', 'Lists the root keys of a workspace, without their secrets.', ['--workspace ws_…'])
    .requiredOption('--workspace <id>', 'the workspace')
    .action(async ({ workspace, json }) => print(await withStore((store) => store.rootKeys.list(workspace)), { json }));

  addCommand(noun, 'revoke', 'Revokes a root key. Every server refuses its next call.', [
    '--workspace ws_… --root-key-id rkid_…',
  ])
    .requiredOption('--workspace <id>', 'the workspace')
    .requiredOption('--root-key-id <id>', 'the root key, as shown by create or list')
    .action(async ({ workspace, rootKeyId, json }) => {
      await withStore((store) => revokeRootKey(store, workspace, rootKeyId, commandLine));
      print({ rootKeyId, revoked: true }, { json });
    });
}

import type { Command } from 'commander';
import { createRootKey, revokeRootKey } from '../domain/workspaces/root-keys.ts';
import { actInWorkspace, addNoun, addWorkspaceCommand } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { CommandFailure } from './failure.ts';
import { commandLine } from './operator.ts';
import { printList, printRecord } from './output.ts';
import { addPermissions, type PermissionOptions, permissionsOf } from './permission.ts';

export function addRootKeyCommands(program: Command): void {
  const noun = addNoun(program, 'root-key', 'Credentials of your backend.');

  actInWorkspace<PermissionOptions & { name?: string }>(
    addPermissions(
      addWorkspaceCommand(noun, 'create', 'Creates a root key and shows it once.', [
        '--workspace ws_… --name backend',
        "--workspace ws_… --permission 'api.*.read_key' --permission 'portal.*.create_session'",
      ]).option('--name <name>', 'name of the root key'),
      'permission that the root key has and can grant to sessions; repeatable (default: *.*.*)',
    ),
    async ({ store, workspaceId }, { name, json, ...options }) => {
      const permissions = permissionsOf(options);
      const settings = {
        workspaceId,
        ...(name !== undefined && { name }),
        ...(permissions.length > 0 && { permissions }),
      };
      printRecord(await createRootKey(store, settings, commandLine), { json });
    },
  );

  actInWorkspace(
    addWorkspaceCommand(noun, 'list', 'Lists the root keys of a workspace, without their secrets.', [
      '--workspace ws_…',
    ]),
    async ({ store, workspaceId }, options) =>
      printList(await store.rootKeys.list(workspaceId), ['rootKeyId', 'name', 'permissions', 'createdAt'], options),
  );

  actInWorkspace<{ rootKeyId: string }>(
    addYes(
      addWorkspaceCommand(noun, 'revoke', 'Revokes a root key. Every server refuses its next call.', [
        '--workspace ws_… --root-key-id rkid_…',
      ]).requiredOption('--root-key-id <id>', 'the root key, as shown by create or list'),
    ),
    async ({ store, workspaceId }, options) => {
      const rootKey = (await store.rootKeys.list(workspaceId)).find(({ rootKeyId }) => rootKeyId === options.rootKeyId);
      if (rootKey === undefined) throw new CommandFailure('root_key_not_found', 'Root key not found.');
      const { rootKeyId, name } = rootKey;
      const called = name === undefined ? rootKeyId : `"${name}" (${rootKeyId})`;
      await confirm(`Revoke the root key ${called}? Every call with it fails from then on.`, options);
      await revokeRootKey(store, workspaceId, rootKeyId, commandLine);
      printRecord({ rootKeyId, revoked: true }, options);
    },
  );
}

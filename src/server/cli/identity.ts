import type { Command } from 'commander';
import type { Identity, KeyMeta } from '../../../generated/client/types.gen.ts';
import { deleteIdentity } from '../domain/identities/erasure.ts';
import { getIdentity, listIdentities, updateIdentity } from '../domain/identities/identities.ts';
import { actInWorkspace, addNoun, addWorkspaceCommand } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { UsageError } from './failure.ts';
import { nullForNone, orNone, readMeta } from './key-options.ts';
import { given } from './lists.ts';
import { readWhole } from './numbers.ts';
import { commandLine } from './operator.ts';
import { printError, printList, printRecord } from './output.ts';

const externalId = ['--external-id <id>', 'your identifier of the user'] as const;
/** How many users one read returns. */
const pageSize = 100;

export function addIdentityCommands(program: Command): void {
  const noun = addNoun(program, 'identity', 'Users: their names, your data about them, and their erasure.');

  actInWorkspace<{ search?: string; limit: number }>(
    addWorkspaceCommand(noun, 'list', 'Lists the users of a workspace, in the order of their identifiers.', [
      '--workspace ws_…',
      '--workspace ws_… --search acme --json',
    ])
      .option('--search <text>', 'only users whose identifier or name contains this')
      .option(
        '--limit <n>',
        'maximum number of users',
        (text) => readWhole(text, { minimum: 1, maximum: 1_000_000 }),
        100,
      ),
    async ({ store, workspaceId }, { search, limit, json }) => {
      const found: Identity[] = [];
      for (let after: string | undefined; ; ) {
        const page = { limit: Math.min(limit - found.length, pageSize), ...(after !== undefined && { after }) };
        const { items, next } = await listIdentities(store, workspaceId, search, page);
        found.push(...items);
        after = next;
        if (next === undefined || found.length >= limit) break;
      }
      printList(found, ['externalId', 'name', 'identityId', 'createdAt', 'updatedAt'], { json });
      if (found.length === limit && !json)
        printError(`There may be more than ${limit} users: see --search and --limit.\n`);
    },
  );

  actInWorkspace<{ externalId: string }>(
    addWorkspaceCommand(noun, 'get', 'Shows one user.', ['--workspace ws_… --external-id user_123']).requiredOption(
      ...externalId,
    ),
    async ({ store, workspaceId }, options) =>
      printRecord(await getIdentity(store, workspaceId, options.externalId), options),
  );

  actInWorkspace<{ externalId: string; name?: string; meta?: KeyMeta | 'none' }>(
    addWorkspaceCommand(
      noun,
      'update',
      'Changes the name or the data of a user, whom it creates if needed. For the policy of a user, see `policy set`.',
      [
        "--workspace ws_… --external-id user_123 --name 'Acme Ltd'",
        '--workspace ws_… --external-id user_123 --meta none',
      ],
    )
      .requiredOption(...externalId)
      .option('--name <name>', 'name of the user; "none" clears it')
      .option('--meta <json>', 'your own data about the user, a JSON object; "none" clears it', orNone(readMeta)),
    async ({ store, workspaceId }, { externalId: id, name, meta, json }) => {
      const changes = given({ name: nullForNone(name), meta: nullForNone(meta) });
      if (Object.keys(changes).length === 0) throw new UsageError('There is nothing to change. Add --name or --meta.');
      printRecord(await updateIdentity(store, workspaceId, id, changes, commandLine), { json });
    },
  );

  actInWorkspace<{ externalId: string }>(
    addYes(
      addWorkspaceCommand(
        noun,
        'delete',
        'Deletes a user: the sessions, keys and usage, and what the audit log knows of them. This cannot be undone.',
        ['--workspace ws_… --external-id user_123'],
      ).requiredOption(...externalId),
    ),
    async ({ store, workspaceId }, options) => {
      const { identityId, name } = await getIdentity(store, workspaceId, options.externalId);
      const called = name === undefined ? `"${options.externalId}"` : `"${options.externalId}" (${name})`;
      await confirm(`Delete the user ${called} with all sessions, keys and usage? This cannot be undone.`, options);
      await deleteIdentity(store, workspaceId, options.externalId, commandLine);
      printRecord({ identityId, deleted: true }, options);
    },
  );
}

import { type Command, Option } from 'commander';
import type { FirstTab } from '../../../generated/client/types.gen.ts';
import { knownValues } from '../../../generated/known-values.ts';
import { getPortal } from '../domain/portals/portals.ts';
import { listSessions, revokeSessions, type SessionFilter } from '../domain/sessions/session-list.ts';
import { actInWorkspace, addNoun, addWorkspaceCommand, allPages, type InWorkspace } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { CommandFailure, UsageError } from './failure.ts';
import { actThroughApi, addApiCommand } from './http-api.ts';
import { commandLine } from './operator.ts';
import { printError, printList, printRecord } from './output.ts';
import { addPermissions, type PermissionOptions, permissionsOf } from './permission.ts';

interface CreateOptions extends PermissionOptions {
  slug: string;
  externalId: string;
  preview?: true;
  returnUrl?: string;
  locale?: string;
  tab?: FirstTab;
}

/** Adds the options that say which sessions. */
const addFilter = (command: Command): Command =>
  command
    .option('--slug <slug>', 'sessions of this portal')
    .option('--external-id <id>', 'sessions of this user')
    .option('--handle <handle>', 'this session, sess_…');

/**
 * The filter of the options. A portal and a session must exist. Portico stores no users, so a user id may be any text.
 *
 * @throws UsageError; Problem portal_config_not_found; CommandFailure session_not_found
 */
async function filterOf(
  { store, workspaceId }: InWorkspace,
  { slug, externalId, handle }: SessionFilter,
): Promise<SessionFilter> {
  if (slug === undefined && externalId === undefined && handle === undefined) {
    throw new UsageError('Add --external-id, --slug or --handle.');
  }
  const filter: SessionFilter = { externalId, handle, slug };
  // Also the id of a portal names it.
  if (slug !== undefined) filter.slug = (await getPortal(store, workspaceId, slug)).slug;
  if (handle !== undefined && (await listSessions(store, workspaceId, filter, { limit: 1 })).items.length === 0) {
    throw new CommandFailure('session_not_found', 'Session not found. It may have ended.');
  }
  return filter;
}

/** `the session sess_…`, `all sessions of the user user_123 in the portal my-portal` */
function described({ slug, externalId, handle }: SessionFilter): string {
  if (handle !== undefined) return `the session ${handle}`;
  const user = externalId === undefined ? '' : ` of the user "${externalId}"`;
  return `all sessions${user}${slug === undefined ? '' : ` ${user === '' ? 'of' : 'in'} the portal "${slug}"`}`;
}

export function addSessionCommands(program: Command): void {
  const noun = addNoun(program, 'session', 'Sessions of your users.');

  actThroughApi<CreateOptions>(
    addPermissions(
      addApiCommand(noun, 'create', 'Creates a session through the HTTP API, as your backend does.', [
        "--root-key rk_… --slug my-portal --external-id user_123 --permission 'api.*.read_key'",
        "--root-key rk_… --slug my-portal --external-id user_123 --permission 'api.*.read_key' --preview --json",
      ])
        .requiredOption('--slug <slug>', 'the portal')
        .requiredOption('--external-id <id>', 'your identifier of the user'),
      'permission of the user; repeatable, at least one',
    )
      .option('--return-url <url>', 'where this user returns to instead of the return URL of the portal')
      .option('--locale <tag>', 'the language of the user, such as de or pt-BR')
      .addOption(new Option('--tab <tab>', 'the tab that the link opens').choices(knownValues.Tab))
      .option('--preview', 'show a "Preview mode" banner'),
    async ({ portal }, { slug, externalId, preview = false, returnUrl, locale, tab, json, ...options }) => {
      const permissions = permissionsOf(options);
      if (permissions.length === 0) throw new UsageError('Add a --permission.');
      const link = {
        ...(returnUrl !== undefined && { returnUrl }),
        ...(locale !== undefined && { locale }),
        ...(tab && { tab }),
      };
      printRecord(await portal.createSession({ slug, externalId, permissions, preview, ...link }), { json });
    },
  );

  actInWorkspace<SessionFilter>(
    addFilter(
      addWorkspaceCommand(noun, 'list', 'Lists the active sessions of a portal, a user or both.', [
        '--workspace ws_… --slug my-portal',
        '--workspace ws_… --external-id user_123 --json',
      ]),
    ),
    async (where, options) => {
      const filter = await filterOf(where, options);
      printList(
        await allPages((page) => listSessions(where.store, where.workspaceId, filter, page)),
        ['handle', 'state', 'slug', 'externalId', 'permissions', 'preview', 'expiresAt'],
        options,
      );
    },
  );

  actInWorkspace<SessionFilter>(
    addYes(
      addFilter(
        addWorkspaceCommand(noun, 'revoke', 'Revokes sessions. The server refuses their next call.', [
          '--workspace ws_… --external-id user_123',
          '--workspace ws_… --handle sess_…',
        ]),
      ),
    ),
    async (where, options) => {
      const filter = await filterOf(where, options);
      await confirm(`End ${described(filter)}?`, options);
      const revoked = await revokeSessions(where.store, where.workspaceId, filter, commandLine);
      printRecord({ revoked }, options);
      if (revoked === 0 && !options.json) printError('No such session is active. Check the user id.\n');
    },
  );
}

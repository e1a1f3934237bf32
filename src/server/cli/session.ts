import { type Command, Option } from 'commander';
import { Portico, PorticoError, PorticoUnreachable } from '../../../clients/typescript/src/index.ts';
import { getPortal } from '../domain/portals/portals.ts';
import { listSessions, revokeSessions, type SessionFilter } from '../domain/sessions/session-list.ts';
import { actInWorkspace, addCommand, addNoun, addWorkspaceCommand, allPages, type InWorkspace } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { CommandFailure, UsageError } from './failure.ts';
import { commandLine } from './operator.ts';
import { printError, printList, printRecord } from './output.ts';
import { addPermissions, type PermissionOptions, permissionsOf } from './permission.ts';

/** What the command line reports about a failed call; other errors as they are. */
function apiFailureOf(error: unknown, api: string): unknown {
  if (error instanceof PorticoUnreachable) {
    return new CommandFailure('api_unreachable', `${api} is unreachable. Check --api.`, 3);
  }
  // The client refuses an --api that is not an origin, and a root key that is no header text.
  if (error instanceof TypeError) return new UsageError(error.message);
  if (!(error instanceof PorticoError)) return error;
  const { title, detail, errors, code, status } = error;
  const failures = errors.map(({ location, message, fix }) => ({ message: `${location} ${message}. ${fix ?? ''}` }));
  const exitCode = status === 400 ? 2 : status === 429 || status >= 500 ? 3 : 1;
  return new CommandFailure(code ?? `http_${status}`, `${title}: ${detail}`, exitCode, failures);
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

  addPermissions(
    addCommand(noun, 'create', 'Creates a session through the HTTP API, as your backend does.', [
      "--root-key rk_… --slug my-portal --external-id user_123 --permission 'api.*.read_key'",
      "--root-key rk_… --slug my-portal --external-id user_123 --permission 'api.*.read_key' --preview --json",
    ])
      .addOption(
        new Option(
          '--root-key <key>',
          'a root key of the workspace; every user of the machine can see an argument, but not the variable',
        )
          .env('ROOT_KEY')
          .makeOptionMandatory(),
      )
      .requiredOption('--slug <slug>', 'the portal')
      .requiredOption('--external-id <id>', 'your identifier of the user'),
    'permission of the user; repeatable, at least one',
  )
    .option('--return-url <url>', 'where this user returns to instead of the return URL of the portal')
    .option('--preview', 'show a "Preview mode" banner')
    .option('--api <url>', 'base URL of the server', 'http://localhost:3000')
    .action(async ({ rootKey, slug, externalId, preview = false, returnUrl, api, json, ...options }) => {
      const permissions = permissionsOf(options as PermissionOptions);
      if (permissions.length === 0) throw new UsageError('Add a --permission.');
      try {
        const { portal } = new Portico({ baseUrl: api, rootKey });
        const body = { slug, externalId, permissions, preview, ...(returnUrl !== undefined && { returnUrl }) };
        printRecord(await portal.createSession(body), { json });
      } catch (error) {
        throw apiFailureOf(error, api);
      }
    });

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

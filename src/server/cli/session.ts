import type { Command } from 'commander';
import { Portico, PorticoError, PorticoUnreachable } from '../../../clients/typescript/src/index.ts';
import { listSessions, revokeSessions } from '../domain/sessions/session-list.ts';
import { commandLine } from '../domain/workspaces/audit.ts';
import { addCommand, addNoun, allPages, collect, print, withStore } from './command.ts';

/** The API has returned an error or is unreachable. */
export class ApiRefusal extends Error {}

/** The sentence that the command line prints about a failed call; other errors as they are. */
function apiRefusalOf(error: unknown, api: string): unknown {
  if (error instanceof PorticoUnreachable) return new ApiRefusal(`${api} is unreachable. Check --api.`);
  // The client refuses an --api that is not an origin, and a root key that is no header text.
  if (error instanceof TypeError) return new ApiRefusal(error.message);
  if (!(error instanceof PorticoError)) return error;
  const { title, detail, errors } = error;
  const failures = errors.map(({ location, message, fix }) => `\n  ${location} ${message}. ${fix ?? ''}`);
  return new ApiRefusal(`${title}: ${detail}${failures.join('')}`);
}

export function addSessionCommands(program: Command): void {
  const noun = addNoun(program, 'session', 'Sessions of your users.');

  addCommand(noun, 'create', 'Creates a session through the HTTP API, as your backend does.', [
    "--root-key rk_… --slug my-portal --external-id user_123 --permission 'api.*.read_key'",
    "--root-key rk_… --slug my-portal --external-id user_123 --permission 'api.*.read_key' --preview --json",
  ])
    .requiredOption('--root-key <key>', 'a root key of the workspace')
    .requiredOption('--slug <slug>', 'the portal')
    .requiredOption('--external-id <id>', 'your identifier of the user')
    .requiredOption('--permission <tuple>', 'permission of the user; repeatable', collect)
    .option('--return-url <url>', 'where this user returns to instead of the return URL of the portal')
    .option('--preview', 'show a "Preview mode" banner')
    .option('--api <url>', 'base URL of the server', 'http://localhost:3000')
    .action(async ({ rootKey, slug, externalId, permission: permissions, preview = false, returnUrl, api, json }) => {
      try {
        const { portal } = new Portico({ baseUrl: api, rootKey });
        const body = { slug, externalId, permissions, preview, ...(returnUrl !== undefined && { returnUrl }) };
        print(await portal.createSession(body), { json });
      } catch (error) {
        throw apiRefusalOf(error, api);
      }
    });

  const whose = (command: Command) =>
    command
      .requiredOption('--workspace <id>', 'the workspace')
      .option('--slug <slug>', 'sessions of this portal')
      .option('--external-id <id>', 'sessions of this user')
      .option('--handle <handle>', 'this session, sess_…');

  whose(
    addCommand(noun, 'list', 'Lists the active sessions of a portal, a user or both.', [
      '--workspace ws_… --slug my-portal',
      '--workspace ws_… --external-id user_123 --json',
    ]),
  ).action(async ({ workspace, slug, externalId, handle, json }) =>
    print(
      await withStore((store) =>
        allPages((page) => listSessions(store, workspace, { slug, externalId, handle }, page)),
      ),
      { json },
    ),
  );

  whose(
    addCommand(noun, 'revoke', 'Revokes sessions. The server refuses their next call.', [
      '--workspace ws_… --external-id user_123',
      '--workspace ws_… --handle sess_…',
    ]),
  ).action(async ({ workspace, slug, externalId, handle, json }) => {
    const filter = { slug, externalId, handle };
    print({ revoked: await withStore((store) => revokeSessions(store, workspace, filter, commandLine)) }, { json });
  });
}

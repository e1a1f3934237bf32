import type { Command } from 'commander';
import { createClient, createConfig } from '../../../generated/client/client/index.ts';
import { Portico } from '../../../generated/client/sdk.gen.ts';
import { listSessions, revokeSessions } from '../domain/sessions/session-list.ts';
import { commandLine } from '../domain/workspaces/audit.ts';
import { addCommand, addNoun, allPages, collect, print, withStore } from './command.ts';

/** The API has returned an error or is unreachable. */
export class ApiRefusal extends Error {}

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
      const { portal } = new Portico({ client: createClient(createConfig({ baseUrl: api, auth: rootKey })) });
      const { data, error, response } = await portal.createSession({
        body: { slug, externalId, permissions, preview, ...(returnUrl !== undefined && { returnUrl }) },
      });
      if (data !== undefined) print(data.data, { json });
      else if (response === undefined) throw new ApiRefusal(`${api} is unreachable. Check --api.`);
      else {
        const { title, detail } = error.error;
        const errors = 'errors' in error.error ? error.error.errors : [];
        const failures = errors.map(({ location, message, fix }) => `\n  ${location} ${message}. ${fix ?? ''}`);
        throw new ApiRefusal(`${title}: ${detail}${failures.join('')}`);
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

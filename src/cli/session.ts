import type { Command } from 'commander';
import { createClient, createConfig } from '../../generated/client/client/index.ts';
import { Portico } from '../../generated/client/sdk.gen.ts';
import { addCommand, addNoun, collect, print } from './command.ts';

/** The API has answered, with a failure, or could not be reached. */
export class ApiRefusal extends Error {}

export function addSessionCommands(program: Command): void {
  const noun = addNoun(program, 'session', 'Sessions of your users.');

  addCommand(noun, 'create', 'Mints a session through the HTTP API, as your backend would.', [
    "--root-key rk_… --slug my-portal --external-id user_123 --permission 'api.*.read_key'",
    "--root-key rk_… --slug my-portal --external-id user_123 --permission 'api.*.read_key' --preview --json",
  ])
    .requiredOption('--root-key <key>', 'a root key of the workspace')
    .requiredOption('--slug <slug>', 'the portal')
    .requiredOption('--external-id <id>', 'your identifier of the user')
    .requiredOption('--permission <tuple>', 'what the user may do; again for more', collect)
    .option('--preview', 'show a "Preview mode" banner')
    .option('--api <url>', 'where the server is', 'http://localhost:3000')
    .action(async ({ rootKey, slug, externalId, permission: permissions, preview = false, api, json }) => {
      const { portal } = new Portico({ client: createClient(createConfig({ baseUrl: api, auth: rootKey })) });
      const { data, error, response } = await portal.createSession({
        body: { slug, externalId, permissions, preview },
      });
      if (data !== undefined) print(data.data, { json });
      else if (response === undefined) throw new ApiRefusal(`There is no answer from ${api}. Check --api.`);
      else {
        const { title, detail } = error.error;
        const errors = 'errors' in error.error ? error.error.errors : [];
        const failures = errors.map(({ location, message, fix }) => `\n  ${location} ${message}. ${fix ?? ''}`);
        throw new ApiRefusal(`${title}: ${detail}${failures.join('')}`);
      }
    });
}

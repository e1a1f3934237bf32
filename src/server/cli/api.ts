import { type Command, InvalidArgumentError } from 'commander';
import type { ScopeSourceSettings } from '../../../generated/client/types.gen.ts';
import { knownValues } from '../../../generated/known-values.ts';
import { createApi, deleteApi, getApi, updateApi } from '../domain/portals/apis.ts';
import { removeKeysOfDeletedApis } from '../domain/workspaces/removals.ts';
import { actInWorkspace, addNoun, addWorkspaceCommand, allPages } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { UsageError } from './failure.ts';
import { given } from './lists.ts';
import { readPair } from './numbers.ts';
import { commandLine } from './operator.ts';
import { printList, printRecord } from './output.ts';

/** `my-portal/oauth,tags`: a portal, and the kinds of names in its OpenAPI document. @throws InvalidArgumentError */
function readScopeSource(text: string): ScopeSourceSettings {
  const [portal, list] = readPair(text, 'my-portal/oauth,tags: a portal, and which names of its document are scopes');
  const known = knownValues.DocumentScopeKind;
  const kinds = list.split(',').map((name) => known.find((kind) => kind === name));
  if (portal === '' || kinds.includes(undefined))
    throw new InvalidArgumentError(`Name a portal, and after the slash some of ${known.join(', ')}.`);
  return { portal, kinds: [...new Set(kinds.filter((kind) => kind !== undefined))] };
}

const scopesFrom = [
  '--scopes-from <portal/kinds>',
  'take the scopes from the OpenAPI document of a portal: my-portal/oauth,tags,operations',
] as const;

export function addApiCommands(program: Command): void {
  const noun = addNoun(program, 'api', 'APIs: a key belongs to one API.');
  const apiId = ['--api-id <id>', 'the API, as shown by create or list'] as const;

  actInWorkspace<{ name: string; prefix?: string; scopesFrom?: ScopeSourceSettings }>(
    addWorkspaceCommand(noun, 'create', 'Creates an API.', [
      '--workspace ws_… --name Payments --prefix pay',
      '--workspace ws_… --name Payments --scopes-from my-portal/oauth',
    ])
      .requiredOption('--name <name>', 'name of the API')
      .option('--prefix <prefix>', 'prefix of its keys')
      .option(...scopesFrom, readScopeSource),
    async ({ store, workspaceId }, { name, prefix, scopesFrom: scopeSource, json }) => {
      const settings = { name, prefix, ...(scopeSource !== undefined && { scopeSource }) };
      printRecord(await createApi(store, workspaceId, settings, commandLine), { json });
    },
  );

  actInWorkspace(
    addWorkspaceCommand(noun, 'list', 'Lists the APIs of a workspace.', ['--workspace ws_…']),
    async ({ store, workspaceId }, { json }) =>
      printList(
        await allPages((page) => store.apis.list(workspaceId, page)),
        ['apiId', 'name', 'prefix', 'createdAt'],
        { json },
      ),
  );

  actInWorkspace<{ apiId: string }>(
    addWorkspaceCommand(noun, 'get', 'Shows one API.', ['--workspace ws_… --api-id api_…']).requiredOption(...apiId),
    async ({ store, workspaceId }, options) => printRecord(await getApi(store, workspaceId, options.apiId), options),
  );

  actInWorkspace<{ apiId: string; name?: string; scopesFrom?: ScopeSourceSettings | null }>(
    addWorkspaceCommand(
      noun,
      'update',
      'Changes the name of an API, and where its scopes come from. For its policy, see `policy set`.',
      [
        '--workspace ws_… --api-id api_… --name Billing',
        '--workspace ws_… --api-id api_… --scopes-from my-portal/oauth,tags',
        '--workspace ws_… --api-id api_… --scopes-from none',
      ],
    )
      .requiredOption(...apiId)
      .option('--name <name>', 'new name of the API')
      .option(scopesFrom[0], `${scopesFrom[1]}; "none" leaves those of the policy`, (text: string) =>
        text === 'none' ? null : readScopeSource(text),
      ),
    async ({ store, workspaceId }, { apiId: id, name, scopesFrom: scopeSource, json }) => {
      const changes = given({ name, scopeSource });
      if (Object.keys(changes).length === 0)
        throw new UsageError('There is nothing to change. Add --name or --scopes-from.');
      printRecord(await updateApi(store, workspaceId, id, changes, commandLine), { json });
    },
  );

  actInWorkspace<{ apiId: string }>(
    addYes(
      addWorkspaceCommand(noun, 'delete', 'Deletes an API.', ['--workspace ws_… --api-id api_…']).requiredOption(
        ...apiId,
      ),
    ),
    async ({ store, workspaceId }, options) => {
      const { apiId: id, name } = await getApi(store, workspaceId, options.apiId);
      await confirm(`Delete the API "${name}" (${id})? Its keys and their usage are deleted too.`, options);
      await deleteApi(store, workspaceId, id, commandLine);
      await removeKeysOfDeletedApis(store, workspaceId);
      printRecord({ apiId: id, deleted: true }, options);
    },
  );
}

import { type Command, Option } from 'commander';
import type { PolicySettings, UserPolicy } from '../../../generated/client/types.gen.ts';
import { getIdentity, type Identity, updateIdentity } from '../domain/identities/identities.ts';
import { getApi, updateApi } from '../domain/portals/apis.ts';
import { actInWorkspace, addNoun, addWorkspaceCommand, type InWorkspace } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { UsageError } from './failure.ts';
import { given } from './lists.ts';
import { commandLine } from './operator.ts';
import { printJson, printRecord, printText } from './output.ts';
import { addPolicyParts, type PolicyParts, shownPolicy, withoutNulls, withParts } from './policy-options.ts';

/** Whose policy it is: that of an API or of a user. */
interface Holder {
  apiId?: string;
  externalId?: string;
}

const addHolder = (command: Command): Command =>
  command
    .addOption(new Option('--api-id <id>', 'the policy of this API').conflicts('externalId'))
    .option('--external-id <id>', 'the policy of this user, whose parts replace those of all APIs');

const noHolder = 'Add --api-id or --external-id.';

/** @throws UsageError; Problem api_not_found, identity_not_found */
async function read({ store, workspaceId }: InWorkspace, { apiId, externalId }: Holder): Promise<UserPolicy> {
  if (apiId !== undefined) return (await getApi(store, workspaceId, apiId)).policy ?? {};
  if (externalId === undefined) throw new UsageError(noHolder);
  return (await getIdentity(store, workspaceId, externalId)).policy ?? {};
}

/**
 * Changes a policy, by what it is in that very step: a part that somebody else sets meanwhile stays.
 *
 * @throws UsageError; Problem api_not_found, invalid_input
 */
async function change(
  { store, workspaceId }: InWorkspace,
  { apiId, externalId }: Holder,
  changed: (before: UserPolicy) => UserPolicy | null,
): Promise<UserPolicy> {
  if (apiId === undefined) {
    if (externalId === undefined) throw new UsageError(noHolder);
    // A user whom nobody knows yet has no policy.
    const changes = (before: Identity | undefined) => ({ policy: changed(before?.policy ?? {}) });
    return (await updateIdentity(store, workspaceId, externalId, changes, commandLine)).policy ?? {};
  }
  const changes = (before: { policy?: UserPolicy }) => {
    const after = changed(before.policy ?? {});
    // Without a bound, an API has no such part.
    return { policy: after && (withoutNulls(after) as PolicySettings) };
  };
  return (await updateApi(store, workspaceId, apiId, changes, commandLine)).policy ?? {};
}

/** Prints a policy as JSON, or one line per part in the form that the options take. */
function print(policy: UserPolicy, { json }: { json?: true | undefined }): void {
  if (json) printJson(policy);
  else if (Object.keys(shownPolicy(policy)).length === 0) printText('none\n');
  else printRecord(shownPolicy(policy), {});
}

export function addPolicyCommands(program: Command): void {
  const noun = addNoun(program, 'policy', 'Policies: what the keys of an API can do, and what users can choose.');

  actInWorkspace<Holder>(
    addHolder(
      addWorkspaceCommand(noun, 'get', 'Shows a policy.', [
        '--workspace ws_… --api-id api_…',
        '--workspace ws_… --external-id user_123',
      ]),
    ),
    async (where, options) => print(await read(where, options), options),
  );

  actInWorkspace<Holder & PolicyParts>(
    addPolicyParts(
      addHolder(
        addWorkspaceCommand(
          noun,
          'set',
          'Changes the given parts of a policy. It holds from the next verification on. The value "none" lifts a bound; "inherit" leaves it to the APIs of a user.',
          [
            '--workspace ws_… --api-id api_… --key-ratelimit 100/1m --max-lifetime 90d',
            '--workspace ws_… --api-id api_… --quota 10000/month --time-zone Europe/Berlin',
            '--workspace ws_… --api-id api_… --scope invoices:read --scope invoices:write --quota none',
            '--workspace ws_… --external-id user_123 --quota 1000000/month --max-lifetime inherit',
          ],
        ),
      ),
    ),
    async (where, { apiId, externalId, json, ...parts }) => {
      const holder = given({ apiId, externalId });
      print(await change(where, holder, (before) => withParts(before, parts)), { json });
    },
  );

  actInWorkspace<Holder>(
    addYes(
      addHolder(
        addWorkspaceCommand(noun, 'clear', 'Lifts every bound of a policy.', ['--workspace ws_… --api-id api_…']),
      ),
    ),
    async (where, options) => {
      await read(where, options);
      const of = options.apiId ?? `the user "${options.externalId}"`;
      await confirm(`Clear the policy of ${of}? Its bounds no longer hold.`, options);
      print(await change(where, options, () => null), options);
    },
  );
}

import type { Command } from 'commander';
import type { PolicySettings, UserPolicy } from '../../../generated/client/types.gen.ts';
import { getApi, updateApi } from '../domain/portals/apis.ts';
import { actInWorkspace, addNoun, addWorkspaceCommand, type InWorkspace } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { commandLine } from './operator.ts';
import { printJson, printRecord, printText } from './output.ts';
import { addPolicyParts, type PolicyParts, shownPolicy, withoutNulls, withParts } from './policy-options.ts';

/** Whose policy it is. */
interface Holder {
  apiId?: string;
}

const addHolder = (command: Command): Command => command.requiredOption('--api-id <id>', 'the policy of this API');

async function read({ store, workspaceId }: InWorkspace, { apiId = '' }: Holder): Promise<UserPolicy> {
  return (await getApi(store, workspaceId, apiId)).policy ?? {};
}

async function write({ store, workspaceId }: InWorkspace, { apiId = '' }: Holder, policy: UserPolicy | null) {
  const own = policy && (withoutNulls(policy) as PolicySettings);
  return (await updateApi(store, workspaceId, apiId, { policy: own }, commandLine)).policy ?? {};
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
    addHolder(addWorkspaceCommand(noun, 'get', 'Shows a policy.', ['--workspace ws_… --api-id api_…'])),
    async (where, options) => print(await read(where, options), options),
  );

  actInWorkspace<Holder & PolicyParts>(
    addPolicyParts(
      addHolder(
        addWorkspaceCommand(
          noun,
          'set',
          'Changes the given parts of a policy. It holds from the next verification on. The value "none" lifts a bound.',
          [
            '--workspace ws_… --api-id api_… --key-ratelimit 100/1m --max-lifetime 90d',
            '--workspace ws_… --api-id api_… --quota 10000/month --time-zone Europe/Berlin',
            '--workspace ws_… --api-id api_… --scope invoices:read --scope invoices:write --quota none',
          ],
        ),
      ),
    ),
    async (where, { apiId, json, ...parts }) => {
      const holder = { ...(apiId !== undefined && { apiId }) };
      print(await write(where, holder, withParts(await read(where, holder), parts)), { json });
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
      await confirm(`Clear the policy of ${options.apiId}? Its bounds no longer hold.`, options);
      print(await write(where, options, null), options);
    },
  );
}

/** The commands as a table. tests/cli runs them. */

import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { examplesOf } from './command.ts';
import { createProgram } from './program.ts';

/** Every command that does something, with its full name. */
function commandsBelow(command: Command, name = ''): [name: string, command: Command][] {
  if (command.commands.length === 0) return [[name, command]];
  return command.commands.flatMap((below) => commandsBelow(below, `${name} ${below.name()}`.trim()));
}
const commands = commandsBelow(createProgram());

/** The flags of a command. One that is required has `!`. */
const flagsOf = ({ options }: Command) =>
  options.map(({ long, mandatory }) => `${long}${mandatory ? '!' : ''}`).join(' ');

const settings =
  '--name --hostname --return-url --primary-color --primary-color-dark --logo-url --logo-dark-url --favicon-url --title --font-url ' +
  '--language --color-scheme --font --radius --density --neutral --header --logo-shows-name --logo-hides-name ' +
  '--show-powered-by --hide-powered-by --tab --link --variable ' +
  '--support-url --openapi-url --allowed-return-origin --embedding-origin --allowed-origin --api-id';

const policyParts = '--key-ratelimit --user-ratelimit --quota --time-zone --max-lifetime --scope --ip-mode --ip-range';

const http = '--json --root-key! --api';
const keySettings = '--name --enabled --disabled --managed --unmanaged --expires --ratelimit --scope --ip-range --meta';

test('the commands, with their flags', () => {
  expect(Object.fromEntries(commands.map(([name, command]) => [name, flagsOf(command)]))).toEqual({
    'workspace create': '--json --name!',
    'workspace list': '--json',
    'workspace enable': '--json --workspace!',
    'workspace disable': '--json --workspace! --yes',
    'api create': '--json --workspace! --name! --prefix --scopes-from',
    'api list': '--json --workspace!',
    'api get': '--json --workspace! --api-id!',
    'api update': '--json --workspace! --api-id! --name --scopes-from',
    'api delete': '--json --workspace! --api-id! --yes',
    'policy get': '--json --workspace! --api-id --external-id',
    'policy set': `--json --workspace! --api-id --external-id ${policyParts}`,
    'policy clear': '--json --workspace! --api-id --external-id --yes',
    'key create': `${http} --api-id! --external-id! ${keySettings} --byte-length --prefix`,
    'key list': `${http} --api-id! --external-id --search --state --limit`,
    'key get': `${http} --key-id!`,
    'key update': `${http} --key-id! ${keySettings}`,
    'key delete': `${http} --key-id! --yes`,
    'key reroll': `${http} --key-id! --overlap`,
    'key import': `${http} --api-id! --file!`,
    'identity list': '--json --workspace! --search --limit',
    'identity get': '--json --workspace! --external-id!',
    'identity update': '--json --workspace! --external-id! --name --meta',
    'identity delete': '--json --workspace! --external-id! --yes',
    'restore fence': '--json --workspace --audit --without-audit --backup-time --dry-run --yes',
    'restore list': '--json --workspace!',
    'restore dismiss': '--json',
    'root-key create': '--json --workspace! --name --permission --allow-unknown-permissions',
    'root-key list': '--json --workspace!',
    'root-key revoke': '--json --workspace! --root-key-id! --yes',
    'portal create': `--json --workspace! --slug! ${settings} --disabled`,
    'portal list': '--json --workspace!',
    'portal get': '--json --workspace! --slug!',
    'portal update': `--json --workspace! --slug! ${settings} --enabled --disabled --yes`,
    'portal delete': '--json --workspace! --slug! --yes',
    'session create':
      '--json --root-key! --api --slug! --external-id! --permission --allow-unknown-permissions --return-url --locale --tab --preview',
    'session list': '--json --workspace! --slug --external-id --handle',
    'session revoke': '--json --workspace! --slug --external-id --handle --yes',
    'audit list': '--json --workspace! --limit --action --actor-id --resource-id',
    'audit tail': '--json --workspace! --limit',
    doctor: '--json',
    migrate: '--workspace --dry-run --json',
    'usage export': '--json --workspace!',
    'completion bash': '',
    'completion zsh': '',
    'completion fish': '',
  });
});

test('every command that deletes something or ends sessions can be confirmed', () => {
  const destructive = /\b(delete|disable|revoke|clear|fence)$/;
  const confirmed = commands.filter(([, { options }]) => options.some(({ long }) => long === '--yes'));
  const names = commands.map(([name]) => name).filter((name) => destructive.test(name));
  expect(names).toHaveLength(9);
  expect(confirmed.map(([name]) => name).sort()).toEqual([...names, 'portal update'].sort());
});

test.each(commands)('%s has examples, each with every required flag', (name, command) => {
  const examples = examplesOf(command);
  expect(examples).not.toEqual([]);
  const required = command.options.filter(({ mandatory }) => mandatory).map(({ long }) => `${long} `);
  for (const example of examples) {
    expect(example).toContain(`npx portico ${name}`);
    for (const flag of required) expect(example).toContain(flag);
  }
});

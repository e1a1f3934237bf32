/** The completion of bash, in a real one. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { Command, Option } from 'commander';
import { createProgram } from './program.ts';
import { placesOf, shells } from './shells.ts';

const scriptOf = (shell: string, program: Command) => shells[shell]?.(program.name(), placesOf(program)) ?? '';

/** What bash offers for the last of these words, for each command line. */
function offered(program: Command, ...lines: string[][]): string[][] {
  const asked = lines
    .map((words) => `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`)
    .map((setUp) => `${setUp}; _${program.name()}; echo "\${COMPREPLY[*]}"`);
  const script = [scriptOf('bash', program), ...asked].join('\n');
  const output = execFileSync('bash', ['--norc', '-u', '-c', script], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
  });
  return output
    .slice(0, -1)
    .split('\n')
    .map((line) => line.split(' ').filter((word) => word !== ''));
}

const small = () => {
  const program = new Command('tool').option('--version');
  const noun = program.command('key').description("A user's keys: all of them.");
  noun
    .command('list')
    .description('Lists keys. It may take a while.')
    .option('--json')
    .addOption(new Option('--state <state>').choices(['enabled', 'disabled']))
    .option('--user <id>');
  noun.command('import').requiredOption('--file <file>');
  return program;
};

describe('bash', () => {
  test('offers commands, options and the values of an option, and nothing where any text can be', () => {
    const cases: [words: string, offers: string][] = [
      ['tool ', 'key --version --help'],
      ['tool k', 'key'],
      ['tool key ', 'list import --help'],
      ['tool key l', 'list'],
      ['tool key list ', '--json --state --user --help'],
      ['tool key list --j', '--json'],
      ['tool key list --state ', 'enabled disabled'],
      ['tool key list --json --state e', 'enabled'],
      ['tool key list --state =', 'enabled disabled'],
      ['tool key list --state = d', 'disabled'],
      ['tool key list --user ', ''],
      ['tool key list --user key --', '--json --state --user --help'],
      ['tool key import --file ', ''],
      ['tool nothing ', ''],
      ['tool key list text --', ''],
    ];
    const found = offered(small(), ...cases.map(([words]) => words.split(' ')));
    expect(found.map((words) => words.join(' '))).toEqual(cases.map(([, offers]) => offers));
  });

  test('knows every command and option of the program', () => {
    const places = placesOf(createProgram());
    const lines = places.map(({ path }) => [...`portico${path}`.split(' '), '']);
    expect(offered(createProgram(), ...lines)).toEqual(
      places.map(({ commands, flags }) => [...commands, ...flags].map(({ word }) => word)),
    );
  });
});

test('zsh and fish get the same words, with their descriptions', () => {
  const [zsh, fish] = [scriptOf('zsh', small()), scriptOf('fish', small())];
  expect(zsh).toContain(String.raw`'key:A user'\''s keys' '--version:' '--help:show help'`);
  expect(zsh).toContain("' key list --state') found=('enabled' 'disabled') ;;");
  expect(zsh).toContain("' key import --file') _files; return ;;");
  expect(fish).toContain(String.raw`complete -c tool -n "__tool_at ''" -a key -d 'A user\'s keys'`);
  expect(fish).toContain(`complete -c tool -n "__tool_at ' key list'" -l state -xa 'enabled disabled' -d ''`);
  expect(fish).toContain(`complete -c tool -n "__tool_at ' key import'" -l file -rF -d ''`);
});

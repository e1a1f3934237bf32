import { afterEach, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import { addCommand, addNoun, allPages, collect, examplesOf } from './command.ts';
import { createProgram } from './program.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

test('all pages of a list are read, oldest first', async () => {
  const pages: Record<string, { items: number[]; next?: string }> = {
    first: { items: [6, 5], next: 'second' },
    second: { items: [4, 3], next: 'third' },
    third: { items: [2, 1] },
  };
  const requests: object[] = [];
  const items = await allPages(async (request) => {
    requests.push(request);
    return pages[request.after ?? 'first'] as never;
  });
  expect(items).toEqual([1, 2, 3, 4, 5, 6]);
  expect(requests).toEqual([{ limit: 100 }, { limit: 100, after: 'second' }, { limit: 100, after: 'third' }]);
});

test('a repeated option is a list', () => {
  expect(collect('a')).toEqual(['a']);
  expect(collect('b', ['a'])).toEqual(['a', 'b']);
});

test('a command has --json, and its examples in full', () => {
  const command = addCommand(addNoun(new Command(), 'noun', 'Nouns.'), 'verb', 'Does it.', ['--name a', '']);
  expect(command.options.map(({ long }) => long)).toEqual(['--json']);
  expect(examplesOf(command)).toEqual(['npx portico noun verb --name a', 'npx portico noun verb']);
  expect(examplesOf(new Command())).toEqual([]);
});

const commands = createProgram().commands.flatMap((noun) =>
  noun.commands.map((verb) => [
    `${noun.name()} ${verb.name()}`,
    verb.options.filter(({ mandatory }) => mandatory).map(({ long }) => String(long)),
  ]),
) as [string, string[]][];

test.each(commands.flatMap(([name, required]) => required.map((flag) => ({ name, required, flag }))))(
  '$name refuses to run without $flag',
  async ({ name, required, flag }) => {
    let stderr = '';
    jest.replaceProperty(process, 'env', {});
    jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      stderr += chunk;
      return true;
    });
    const others = required.filter((other) => other !== flag).flatMap((other) => [other, 'value']);
    const run = createProgram().parseAsync([...name.split(' '), ...others], { from: 'user' });
    await expect(run).rejects.toMatchObject({ exitCode: 1, code: 'commander.missingMandatoryOptionValue' });
    expect(stderr).toContain(`required option '${flag} <`);
    expect(stderr).toContain('(add --help for usage and examples)');
  },
);

test('the commands and what each requires', () => {
  const workspace = '--workspace';
  const http = ['--root-key'];
  expect(Object.fromEntries(commands)).toEqual({
    'workspace create': ['--name'],
    'workspace list': [],
    'workspace enable': [workspace],
    'workspace disable': [workspace],
    'api create': [workspace, '--name'],
    'api list': [workspace],
    'api get': [workspace, '--api-id'],
    'api update': [workspace, '--api-id'],
    'api delete': [workspace, '--api-id'],
    'policy get': [workspace],
    'policy set': [workspace],
    'policy clear': [workspace],
    'key create': [...http, '--api-id', '--external-id'],
    'key list': [...http, '--api-id'],
    'key get': [...http, '--key-id'],
    'key update': [...http, '--key-id'],
    'key delete': [...http, '--key-id'],
    'key reroll': [...http, '--key-id'],
    'key import': [...http, '--api-id', '--file'],
    'identity list': [workspace],
    'identity get': [workspace, '--external-id'],
    'identity update': [workspace, '--external-id'],
    'identity delete': [workspace, '--external-id'],
    'restore fence': [],
    'restore list': [workspace],
    'restore dismiss': [],
    'root-key create': [workspace],
    'root-key list': [workspace],
    'root-key revoke': [workspace, '--root-key-id'],
    'portal create': [workspace, '--slug'],
    'portal list': [workspace],
    'portal get': [workspace, '--slug'],
    'portal update': [workspace, '--slug'],
    'portal delete': [workspace, '--slug'],
    'session create': ['--root-key', '--slug', '--external-id'],
    'session list': [workspace],
    'session revoke': [workspace],
    'audit list': [workspace],
    'audit tail': [workspace],
    'usage export': [workspace],
    'completion bash': [],
    'completion zsh': [],
    'completion fish': [],
  });
});

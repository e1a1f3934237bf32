import { afterEach, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import { addCommand, addNoun, allPages, collect, examplesOf, print } from './command.ts';
import { createProgram } from './program.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

/** What a function writes to stdout. */
function outputOf(act: () => void): string {
  let output = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    output += chunk;
    return true;
  });
  act();
  write.mockRestore();
  return output;
}

test('a result for people has a line per field, and a blank line between records', () => {
  expect(outputOf(() => print({ name: 'Acme', branding: { a: 1 }, enabled: true }, {}))).toBe(
    'name           Acme\nbranding       {"a":1}\nenabled        true\n',
  );
  expect(outputOf(() => print([{ name: 'a' }, { name: 'b' }], {}))).toBe('name           a\n\nname           b\n');
  expect(outputOf(() => print([], {}))).toBe('none\n');
});

test('a result in JSON is one line', () => {
  expect(outputOf(() => print([{ name: 'a' }, { name: 'b' }], { json: true }))).toBe('[{"name":"a"},{"name":"b"}]\n');
  expect(outputOf(() => print([], { json: true }))).toBe('[]\n');
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
  expect(examplesOf(command)).toEqual(['npm run -s portico -- noun verb --name a', 'npm run -s portico -- noun verb']);
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
  expect(Object.fromEntries(commands)).toEqual({
    'workspace create': ['--name'],
    'workspace list': [],
    'workspace enable': [workspace],
    'workspace disable': [workspace],
    'api create': [workspace, '--name'],
    'api list': [workspace],
    'api get': [workspace, '--api-id'],
    'api delete': [workspace, '--api-id'],
    'root-key create': [workspace],
    'root-key list': [workspace],
    'root-key revoke': [workspace, '--root-key-id'],
    'portal create': [workspace, '--slug'],
    'portal list': [workspace],
    'portal get': [workspace, '--slug'],
    'portal update': [workspace, '--slug'],
    'portal delete': [workspace, '--slug'],
    'session create': ['--root-key', '--slug', '--external-id', '--permission'],
    'session list': [workspace],
    'session revoke': [workspace],
    'audit list': [workspace],
    'audit tail': [workspace],
    'usage export': [workspace],
  });
});

import type { Command } from 'commander';
import { readStoreConfig } from '../config/index.ts';
import { createStore, type Store } from '../store/index.ts';
import type { Page, PageRequest } from '../store/page.ts';
import { connectRedis } from '../store/redis.ts';

/** The examples of each command, for those who document them. */
const examplesOfCommand = new WeakMap<Command, string[]>();

/** Whole lines to type, as a command's help has them. */
export const examplesOf = (command: Command): string[] => examplesOfCommand.get(command) ?? [];

/** Puts examples below a command's help, after what else there is to say. */
export function addExamples(command: Command, lines: string[], before = ''): Command {
  examplesOfCommand.set(command, lines);
  return command.addHelpText('after', `${before}\nExamples:${lines.map((line) => `\n  $ ${line}`).join('')}`);
}

/** One command: `portico <noun> <verb>`, with `--json`, and examples in its help. */
export function addCommand(noun: Command, verb: string, description: string, examples: string[]): Command {
  const command = noun
    .command(verb)
    .description(description)
    .option('--json', 'print one line of JSON')
    .exitOverride()
    .showHelpAfterError('(add --help for usage and examples)');
  const lines = examples.map((example) => `npm run -s portico -- ${noun.name()} ${verb} ${example}`.trimEnd());
  return addExamples(command, lines);
}

/** A noun of the command line, which holds its verbs. */
export const addNoun = (program: Command, name: string, description: string): Command =>
  program.command(name).description(description).exitOverride();

/** Does something on the store, and disconnects whatever comes of it. */
export async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  // A connection error comes out of the command that fails for it.
  const { redis: settings, audit } = readStoreConfig();
  const redis = connectRedis(settings);
  await redis.ready;
  const store = createStore(redis, audit);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** A whole list, oldest first: a person at a terminal wants all of it, with the newest at the prompt. */
export async function allPages<Item>(read: (page: PageRequest) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  for (let after: string | undefined; ; ) {
    const page = await read({ limit: 100, ...(after !== undefined && { after }) });
    items.unshift(...page.items.toReversed());
    if (page.next === undefined) return items;
    after = page.next;
  }
}

/** A flag that may be given many times. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** Prints a result: one line of JSON, or a line for each field, with a blank line between records. */
export function print(result: object | object[], { json }: { json?: true }): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const records = Array.isArray(result) ? result : [result];
  const shown = records.map((record) =>
    Object.entries(record)
      .map(([name, value]) => `${name.padEnd(14)} ${typeof value === 'object' ? JSON.stringify(value) : value}\n`)
      .join(''),
  );
  process.stdout.write(shown.length > 0 ? shown.join('\n') : 'none\n');
}

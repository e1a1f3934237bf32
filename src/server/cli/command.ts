import type { Command } from 'commander';
import { readStoreConfig } from '../config/index.ts';
import { createStore, type Store } from '../store/index.ts';
import type { Page, PageRequest } from '../store/page.ts';
import { connectRedis } from '../store/redis.ts';

/** The examples of each command, for its help and the documentation. */
const examplesOfCommand = new WeakMap<Command, string[]>();

/** The examples of a command: complete command lines, as in its help. */
export const examplesOf = (command: Command): string[] => examplesOfCommand.get(command) ?? [];

/**
 * Adds examples to the end of a command's help.
 *
 * @param before text in front of the examples
 */
export function addExamples(command: Command, lines: string[], before = ''): Command {
  examplesOfCommand.set(command, lines);
  return command.addHelpText('after', `${before}\nExamples:${lines.map((line) => `\n  $ ${line}`).join('')}`);
}

/** Adds a command `portico <noun> <verb>` with the option `--json` and examples. */
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

/** Adds a noun, to which verbs are added. */
export const addNoun = (program: Command, name: string, description: string): Command =>
  program.command(name).description(description).exitOverride();

/**
 * Connects to the store, runs the work, and disconnects.
 *
 * @throws ConfigError if a setting is invalid
 */
export async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  // There is no error listener: the command that fails because of a connection error throws it.
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

/** Reads all pages of a list. The order is oldest first, so that the newest item is next to the prompt. */
export async function allPages<Item>(read: (page: PageRequest) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  for (let after: string | undefined; ; ) {
    const page = await read({ limit: 100, ...(after !== undefined && { after }) });
    items.unshift(...page.items.toReversed());
    if (page.next === undefined) return items;
    after = page.next;
  }
}

/** Collects the values of a repeatable option. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** Prints a result as one line of JSON, or as one line per field with a blank line between records. */
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

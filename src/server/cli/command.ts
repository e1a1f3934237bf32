import type { Command } from 'commander';
import { readStoreConfig } from '../config/index.ts';
import { requireWorkspace } from '../domain/workspaces/workspaces.ts';
import { requireFormat } from '../store/dataset.ts';
import { createStore, type Store } from '../store/index.ts';
import type { Page, PageRequest } from '../store/page.ts';
import { noRateLimits } from '../store/rate-limits.ts';
import { connectRedis } from '../store/redis.ts';
import type { Workspace } from '../store/workspaces.ts';

/** The examples of each command, for its help and the documentation. */
const examplesOfCommand = new WeakMap<Command, string[]>();

/** The examples of a command: complete command lines, as in its help. */
export const examplesOf = (command: Command): string[] => examplesOfCommand.get(command) ?? [];

/** How examples call the program. It works after `npm ci`, and in the image without `npx`. */
export const invocation = 'npx portico';

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
    .option('--json', 'print one line of JSON, also for an error')
    .exitOverride()
    .showHelpAfterError('(add --help for usage and examples)');
  const lines = examples.map((example) => `${invocation} ${noun.name()} ${verb} ${example}`.trimEnd());
  return addExamples(command, lines);
}

/** Adds a noun, to which verbs are added. */
export const addNoun = (parent: Command, name: string, description: string): Command =>
  parent.command(name).description(description).exitOverride();

/** The options of every command. */
interface CommonOptions {
  json?: true;
  yes?: true;
}

/** Where a command works: a workspace that exists, and the store. */
export interface InWorkspace {
  store: Store;
  workspace: Workspace;
  workspaceId: string;
}

/**
 * Adds a command with `--workspace`. Only `actInWorkspace` reads that option, so no command can use an id that was not
 * looked up.
 */
export const addWorkspaceCommand = (noun: Command, verb: string, description: string, examples: string[]): Command =>
  addCommand(noun, verb, description, examples).requiredOption('--workspace <id>', 'the workspace');

/**
 * Sets what a command of `addWorkspaceCommand` does. The work gets the store only together with a workspace that exists; if
 * it does not, the command fails with workspace_not_found.
 */
export const actInWorkspace = <Options extends object = object>(
  command: Command,
  work: (where: InWorkspace, options: Options & CommonOptions) => Promise<void>,
): Command =>
  command.action(({ workspace: id, ...options }) =>
    withStore(async (store) => {
      const workspace = await requireWorkspace(store, id);
      await work({ store, workspace, workspaceId: workspace.workspaceId }, options);
    }),
  );

/**
 * Connects to the store, runs the work, and disconnects. For commands without a workspace; the others use `actInWorkspace`.
 *
 * @param admit refuses data that the work must not touch: by default, data of another version
 * @throws ConfigError if a setting is invalid; DataRefused
 */
export async function withStore<T>(
  work: (store: Store) => Promise<T>,
  admit: Parameters<typeof connectRedis>[2] = requireFormat,
): Promise<T> {
  // There is no error listener: the command that fails because of a connection error throws it.
  const { redis: settings, audit, limits } = readStoreConfig();
  const redis = connectRedis(settings, {}, admit);
  await redis.ready;
  const store = createStore(redis, audit, noRateLimits, limits);
  try {
    const refusal = redis.refusal();
    if (refusal !== undefined) throw refusal;
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

/** For a command that works with data of any version. */
export const anyFormat = async (): Promise<void> => {};

/** Collects the values of a repeatable option. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

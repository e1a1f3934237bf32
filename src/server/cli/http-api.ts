/** Commands that call the HTTP API with a root key, as a backend does. */
import { type Command, Option } from 'commander';
import { Portico, PorticoError, PorticoUnreachable } from '../../../clients/typescript/src/index.ts';
import { addCommand } from './command.ts';
import { CommandFailure, UsageError } from './failure.ts';

/** What the command line reports about a failed call; other errors as they are. */
function apiFailureOf(error: unknown, api: string): unknown {
  if (error instanceof PorticoUnreachable) {
    return new CommandFailure('api_unreachable', `${api} is unreachable. Check --api.`, 3);
  }
  // The client refuses an --api that is not an origin, and a root key that is no header text.
  if (error instanceof TypeError) return new UsageError(error.message);
  if (!(error instanceof PorticoError)) return error;
  const { title, detail, errors, code, status } = error;
  const failures = errors.map(({ location, message, fix }) => ({ message: `${location} ${message}. ${fix ?? ''}` }));
  const exitCode = status === 400 ? 2 : status === 429 || status >= 500 ? 3 : 1;
  return new CommandFailure(code ?? `http_${status}`, `${title}: ${detail}`, exitCode, failures);
}

/** Adds a command with `--root-key` and `--api`, for `actThroughApi`. */
export const addApiCommand = (noun: Command, verb: string, description: string, examples: string[]): Command =>
  addCommand(noun, verb, description, examples)
    .addOption(
      new Option(
        '--root-key <key>',
        'a root key of the workspace; every user of the machine can see an argument, but not the variable',
      )
        .env('ROOT_KEY')
        .makeOptionMandatory(),
    )
    .option('--api <url>', 'base URL of the server', 'http://localhost:3000');

/** The options of every command of `addApiCommand`, except those that `actThroughApi` reads. */
interface CommonOptions {
  json?: true;
  yes?: true;
}

/**
 * Sets what a command of `addApiCommand` does. The work gets the client with the root key.
 *
 * @throws CommandFailure for every failure of a call
 */
export const actThroughApi = <Options extends object = object>(
  command: Command,
  work: (client: Portico, options: Options & CommonOptions) => Promise<void>,
): Command =>
  command.action(async ({ rootKey, api, ...options }) => {
    try {
      await work(new Portico({ baseUrl: api, rootKey }), options);
    } catch (error) {
      throw apiFailureOf(error, api);
    }
  });

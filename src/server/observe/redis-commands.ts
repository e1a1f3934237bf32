/**
 * The commands that node-redis publishes to its tracing channel. A channel without a subscriber costs nothing, and the store
 * does not depend on this file.
 */
import { tracingChannel } from 'node:diagnostics_channel';
import { scripts } from '../store/scripts.ts';

/** A command in progress. node-redis passes the same object to each event. */
interface CommandContext {
  command: string;
  args: readonly string[];
  serverAddress: string;
  serverPort: number | undefined;
  error?: unknown;
}

/** A command or a script. */
export interface RedisCommand {
  /** `GET`, or the name of a script such as `verifyApiKey`. Never an argument. */
  name: string;
  serverAddress: string;
  serverPort: number | undefined;
}

/** Called when a command has ended; `failure` is the kind of failure. */
export type CommandEnd = (failure: string | undefined) => void;

const scriptNames = new Map(
  Object.entries(scripts).flatMap(([name, { SHA1, SCRIPT }]) => [
    [SHA1, name],
    [SCRIPT, name],
  ]),
);

const nameOf = ({ command, args: [, what = ''] }: CommandContext): string =>
  command === 'EVALSHA' || command === 'EVAL' ? (scriptNames.get(what) ?? command) : command;

/** The error codes of Redis that are counted separately. */
const replies =
  /^(OOM|READONLY|LOADING|MISCONF|NOREPLICAS|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|MOVED|ASK|NOAUTH|WRONGPASS|NOPERM|BUSY|NOSCRIPT|WRONGTYPE)\b/;

/** The kind of a failure: one of a fixed set of words, never a message. */
function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return 'other';
  const reply = replies.exec(error.message)?.[1];
  if (reply !== undefined) return reply;
  if (/Timeout/.test(error.constructor.name)) return 'timeout';
  if ('code' in error || /Socket|Closed|Offline|Connection|Disconnects/.test(error.constructor.name)) {
    return 'connection';
  }
  return 'other';
}

/**
 * Calls `begin` when a command is sent, and the function that `begin` returns when the command has ended. A script that Redis
 * does not have yet is sent twice; the first attempt is not reported as a failure.
 *
 * @returns a function that unsubscribes
 */
export function onRedisCommand(begin: (command: RedisCommand) => CommandEnd): () => void {
  const channel = tracingChannel<CommandContext>('node-redis:command');
  const ends = new WeakMap<object, CommandEnd>();
  const subscriber = {
    start(context: CommandContext) {
      const { serverAddress, serverPort } = context;
      ends.set(context, begin({ name: nameOf(context), serverAddress, serverPort }));
    },
    asyncEnd(context: CommandContext) {
      const { error } = context;
      const failure = error === undefined ? undefined : failureOf(error);
      ends.get(context)?.(failure === 'NOSCRIPT' ? undefined : failure);
    },
    end() {},
    asyncStart() {},
    error() {},
  };
  channel.subscribe(subscriber);
  return () => void channel.unsubscribe(subscriber);
}

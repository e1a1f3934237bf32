/**
 * What the Redis client tells of its commands, over the tracing channel that node-redis publishes to. With no subscriber it
 * costs nothing, and the store knows nothing of it.
 */
import { tracingChannel } from 'node:diagnostics_channel';
import { scripts } from '../store/scripts.ts';

/** A command on its way, as node-redis describes it. The same object comes with each of its events. */
interface CommandContext {
  command: string;
  args: readonly string[];
  serverAddress: string;
  serverPort: number | undefined;
  error?: unknown;
}

/** A command, or a script by its name. */
export interface RedisCommand {
  /** `GET`, or a script's own name such as `verifyApiKey`. Never an argument. */
  name: string;
  serverAddress: string;
  serverPort: number | undefined;
}

/** A command is over; `failure` says of which kind its failure is. */
export type CommandEnd = (failure: string | undefined) => void;

const scriptNames = new Map(
  Object.entries(scripts).flatMap(([name, { SHA1, SCRIPT }]) => [
    [SHA1, name],
    [SCRIPT, name],
  ]),
);

const nameOf = ({ command, args: [, what = ''] }: CommandContext): string =>
  command === 'EVALSHA' || command === 'EVAL' ? (scriptNames.get(what) ?? command) : command;

/** The first word of what Redis replies to a command that it refuses, of those that are worth telling apart. */
const replies =
  /^(OOM|READONLY|LOADING|MISCONF|NOREPLICAS|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|MOVED|ASK|NOAUTH|WRONGPASS|NOPERM|BUSY|NOSCRIPT|WRONGTYPE)\b/;

/** Of which kind a failure is: one of a few words, whatever the message says. */
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
 * Tells of each command when it is sent, and by what is returned then, when it is over. A script that Redis did not know yet
 * is sent twice; the first time is no failure and is not told.
 *
 * @returns a function that ends it
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

/** A Redis that a test holds at a moment of its choice: the millisecond of a boundary, or the window of a race. */

import type { Commands } from '../../src/server/store/redis/client.ts';
import { type Redis, StoreUnavailable } from '../../src/server/store/redis.ts';
import { scripts } from '../../src/server/store/scripts.ts';

/** What a test changes about the next calls of Redis. */
export interface Hooks {
  /** The time that scripts read, in Unix ms, instead of that of Redis. */
  now?: number | undefined;
  /** Lua that each script runs first, in the same step. */
  first?: string | undefined;
  /** Changes the text of a script: a planted fault. */
  changed?: ((name: string, script: string) => string) | undefined;
  /** Runs once, after this many more round trips. */
  between?: { roundTrips: number; step: () => Promise<unknown> } | undefined;
  /** Counts the commands from now on. */
  commands?: number | undefined;
  /** Which commands do not reach Redis. */
  refuse?: ((command: string) => boolean) | undefined;
  /** How many connections there were, instead of the real number. */
  connection?: number | undefined;
}

/** The same commands, which count themselves. */
const counting = (client: Commands, hooks: Hooks): Commands =>
  new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (hooks.commands !== undefined) hooks.commands += 1;
        if (hooks.refuse?.(String(name))) return Promise.reject(new StoreUnavailable('a test refuses this command'));
        return value.apply(target, args);
      };
    },
  });

/** The head of a script. Redis still does everything else. */
const headOf = ({ now, first = '' }: Hooks) =>
  now === undefined
    ? `${first}\n`
    : `${first}
local server = redis
local function call(command, ...)
  if command == 'TIME' then return {'${Math.floor(now / 1000)}', '${(now % 1000) * 1000}'} end
  return server.call(command, ...)
end
local redis = setmetatable({call = call}, {__index = server})
`;

/** A script with a head. The line with its flags must stay the first one. */
const headed = (head: string, script: string) =>
  /^#!.*\n/.test(script) ? script.replace(/\n/, () => `\n${head}`) : head + script;

/** The text of a script that reads this time, in Unix ms, instead of that of Redis. */
export const atTime = (now: number, script: string): string => headed(headOf({ now }), script);

/** The same commands, where each script has another text. */
const withTexts = (client: Commands, textOf: (name: string, script: string) => string): Commands =>
  new Proxy(client, {
    get(target, name) {
      const script = Object.hasOwn(scripts, name) ? scripts[name as keyof typeof scripts] : undefined;
      if (script === undefined) {
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return async (input: never) => {
        const sent = { keys: [] as string[], arguments: [] as string[] };
        const parser = {
          pushKey: (key: string) => sent.keys.push(key),
          push: (...args: string[]) => sent.arguments.push(...args),
        };
        script.parseCommand(parser as never, input);
        return script.transformReply((await target.eval(textOf(String(name), script.SCRIPT), sent)) as unknown[]);
      };
    },
  });

/** The same Redis with these hooks, which a test sets and clears. */
export function withHooks(redis: Redis, hooks: Hooks): Redis {
  return {
    ...redis,
    connection: () => hooks.connection ?? redis.connection(),
    async run(command) {
      const { between } = hooks;
      if (between !== undefined && between.roundTrips-- === 0) {
        hooks.between = undefined;
        await between.step();
      }
      const { changed = (_, script) => script } = hooks;
      const isPlain = hooks.now === undefined && hooks.first === undefined && hooks.changed === undefined;
      const head = isPlain ? '' : headOf(hooks);
      const textOf = (name: string, script: string) => headed(head, changed(name, script));
      return redis.run((client) => command(counting(isPlain ? client : withTexts(client, textOf), hooks)));
    },
  };
}

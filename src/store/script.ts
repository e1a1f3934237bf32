import { type CommandParser, defineScript } from 'redis';

/** An outcome by name, and whatever it comes with. */
type Outcome = [outcome: string, ...rest: (string | number)[]];

/** A Lua script as a command of the client: its first arguments are so many keys, the others are ARGV. */
export const script = (numberOfKeys: number, source: string) =>
  defineScript({
    NUMBER_OF_KEYS: numberOfKeys,
    SCRIPT: source,
    parseCommand(parser: CommandParser, keys: string[], args: string[]) {
      parser.pushKeys(keys);
      parser.push(...args);
    },
    transformReply: undefined as unknown as () => Outcome,
  });

import { type CommandParser, defineScript } from 'redis';

/** An outcome by name, and whatever it comes with. */
type Outcome = [outcome: string, ...rest: (string | number)[]];

/** A script with so many keys. */
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

/**
 * A script that calls `audit()` where it has changed something, so that no change is without its entry and no entry
 * without its change. KEYS[1] is the workspace's audit log; ARGV[1] to ARGV[3] are the entry, how many entries are kept
 * and for how many seconds. What the script takes itself begins at KEYS[2] and ARGV[4].
 */
export const audited = (numberOfKeys: number, source: string) =>
  script(
    numberOfKeys,
    `local function audit(entry)
       redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'entry', entry or ARGV[1])
       local oldest = (tonumber(redis.call('TIME')[1]) - tonumber(ARGV[3])) * 1000
       redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f', oldest))
       redis.call('EXPIRE', KEYS[1], ARGV[3])
     end
     ${source}`,
  );

/**
 * Runs scripts of the store by themselves, one after another: on records of one test, at times of its choice, with all that they leave.
 * script-runs.ts runs one script with commands before it, and tells times from now on.
 */
import { scripts } from '../../src/server/store/scripts.ts';
import { atTime } from './redis-hooks.ts';
import { sharedRedis } from './shared/client.ts';
import { sentTo } from './snippets.ts';
import { openTargetRedis } from './target-redis.ts';

/** A STRING as a text, a HASH of texts, a ZSET of numbers, and a SET as a list. */
type StageRecord = string | Record<string, string> | Record<string, number> | string[];
export type StageRecords = Record<string, StageRecord>;

/** What a script has left. */
interface Left {
  records: StageRecords;
  /** When records end, in Unix ms, by their names. */
  ends: Record<string, number>;
}

/** Names without a prefix, types, ends and values of all records with the prefix. */
const readAll = `
local commands = {string = {'GET'}, hash = {'HGETALL'}, set = {'SMEMBERS'}, zset = {'ZRANGE', 0, -1, 'WITHSCORES'}, stream = {'XLEN'}}
local all = {}
for i, name in ipairs(redis.call('KEYS', KEYS[1] .. '*')) do
  local kind = redis.call('TYPE', name).ok
  local command = commands[kind]
  local value = redis.call(command[1], name, unpack(command, 2))
  all[i] = {string.sub(name, #KEYS[1] + 1), kind, redis.call('PEXPIRETIME', name), value}
end
if #all > 0 then redis.call('DEL', unpack(redis.call('KEYS', KEYS[1] .. '*'))) end
return all`;

const pairsOf = (texts: string[]): [string, string][] =>
  texts.flatMap((text, i) => (i % 2 === 0 ? [[text, texts[i + 1] ?? ''] as [string, string]] : []));
const numberOf = (text: string) => (text === 'inf' ? Number.POSITIVE_INFINITY : Number(text));

/** What Redis has replied as the text, the texts or the numbers of a record. */
function recordOf(kind: string, value: unknown): StageRecord {
  if (kind === 'hash') return Object.fromEntries(pairsOf(value as string[]));
  if (kind === 'zset')
    return Object.fromEntries(pairsOf(value as string[]).map(([key, text]) => [key, numberOf(text)]));
  if (kind === 'set') return (value as string[]).toSorted();
  // Of a log, how many entries it has.
  return kind === 'stream' ? `${value} entries` : String(value);
}

/** Opens a stage. `stop` closes it. */
export async function openStage() {
  const { client, stop } = await openTargetRedis(await sharedRedis());
  let plays = 0;

  /** Writes a record. */
  async function put(name: string, record: StageRecord): Promise<unknown> {
    if (typeof record === 'string') return client.set(name, record);
    if (Array.isArray(record)) return client.sAdd(name, record);
    const fields = Object.entries(record);
    const isScored = fields.every(([, value]) => typeof value === 'number');
    if (!isScored) return client.hSet(name, record as Record<string, string>);
    return client.zAdd(
      name,
      fields.map(([value, score]) => ({ value, score: Number(score) })),
    );
  }

  /**
   * Runs scripts one after another on the same records, and then removes these.
   *
   * @param before the records that there are first, and when those end that do
   * @param steps each script with its time and arguments. Its keys are the records with their names, unless `keys` has another name
   * @returns the replies and what is left
   */
  async function play(
    before: StageRecords,
    steps: {
      script: keyof typeof scripts;
      now: number;
      keys?: Record<string, string>;
      args: Record<string, string | number | string[]>;
    }[],
    ends: Record<string, number> = {},
  ): Promise<Left & { replies: unknown[][] }> {
    const prefix = `{stage}:${process.pid}:${plays++}:`;
    await Promise.all(Object.entries(before).map(([name, record]) => put(prefix + name, record)));
    await Promise.all(Object.entries(ends).map(([name, end]) => client.pExpireAt(prefix + name, end)));
    const replies: unknown[][] = [];
    for (const { script: name, now, keys = {}, args } of steps) {
      const sent = sentTo(name, prefix, { keys, args });
      replies.push((await client.eval(atTime(now, scripts[name].SCRIPT), sent)) as unknown[]);
    }
    const left = (await client.eval(readAll, { keys: [prefix] })) as [string, string, number, unknown][];
    const found = left.toSorted(([a], [b]) => (a < b ? -1 : 1));
    return {
      replies,
      records: Object.fromEntries(found.map(([name, kind, , value]) => [name, recordOf(kind, value)])),
      ends: Object.fromEntries(found.flatMap(([name, , end]) => (end < 0 ? [] : [[name, end]]))),
    };
  }
  return { play, stop };
}

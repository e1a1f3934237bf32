/**
 * Runs a script of the store (src/server/store/scripts) on records that a test chooses, and tells all that it has made of them. It is
 * the text that the store would send now, and its clock stands still.
 */
import { scripts } from '../../src/server/store/scripts.ts';
import { sentTo } from './snippets.ts';
import type { TargetRedis } from './target-redis.ts';

/**
 * The clock of Redis stands still for the script, but not for how long records live. Redis compares that in ms, and the test in seconds.
 * `@5@` is the time in Unix ms in 5 s, `#5#` the hour since 1970 of then, and `@:record@` the key of a record.
 */
const around = (script: string) => `
local time, real, input = redis.call('TIME'), redis, cjson.decode(table.remove(ARGV, 1))
local at = time[1] * 1000 + math.floor(time[2] / 1000)
local function resolved(text)
  text = text:gsub('@(-?[%d.]+)@', function(seconds) return string.format('%d', at + seconds * 1000) end)
  text = text:gsub('@:(%w+)@', function(name) return input.prefix .. name end)
  return (text:gsub('#(-?%d+)#', function(seconds) return string.format('%d', (at + seconds * 1000) / 3600000) end))
end
for i, text in ipairs(ARGV) do ARGV[i] = resolved(text) end
for _, command in ipairs(input.before) do
  for i, text in ipairs(command) do command[i] = resolved(text) end
  real.call(unpack(command))
end
local function run()
  local function call(command, ...)
    if command == 'TIME' then return time end
    return real.call(command, ...)
  end
  local redis = setmetatable({call = call}, {__index = real})
  ${script}
end
local reply, records = run(), {}
local readers = {
  string = {'GET'}, hash = {'HGETALL'}, set = {'SMEMBERS'}, zset = {'ZRANGE', 0, -1, 'WITHSCORES'}, stream = {'XRANGE', '-', '+'},
}
for i, name in ipairs(input.names) do
  local type = real.call('TYPE', name).ok
  if type ~= 'none' then
    local command = {unpack(readers[type])}
    table.insert(command, 2, name)
    records[#records + 1] = {i - 1, type, real.call(unpack(command)), real.call('PEXPIRETIME', name)}
  end
end
real.call('DEL', unpack(input.names))
return {reply, records, string.format('%d', at)}`;

/** A record with the seconds that it has left. */
export const lasts = (seconds: number, value: unknown) => ({ seconds, value });

const pairsOf = (all: string[]) => all.flatMap((each, i) => (i % 2 === 0 ? [[each, all[i + 1] ?? '']] : []));
const sorted = (all: string[][]) => Object.fromEntries(all.map(([name, value]) => [name, value]));
const readers: Record<string, (value: never) => unknown> = {
  string: (value: string) => value,
  hash: (value: string[]) => sorted(pairsOf(value)),
  zset: (value: string[]) => sorted(pairsOf(value)),
  set: (value: string[]) => value.toSorted(),
  stream: (value: [string, string[]][]) => sorted(value.map(([id, [, entry = '']]) => [id, entry])),
};

/** What many scripts take. */
const usual: Record<string, string> = {
  controlVersion: '0',
  auditEntry: 'entry',
  auditMaxEntries: '100',
  auditMaxAgeSeconds: '0',
  quotaBytes: '0',
  callerType: 'operator',
};

export interface ScriptRun {
  /** Commands that write the records before. The second word of each is the name of a record: a key of the script, or what begins so. */
  before?: string[][];
  /** The arguments of the script. Those that are missing are usual ones, or empty. */
  args?: Record<string, string | readonly string[]>;
  /** Records with other names than the keys of the script, by these. */
  keys?: Record<string, string>;
  /** Records that the script may write besides its keys and what is there before. */
  writes?: string[];
}

interface ScriptResult {
  /** The outcome and what the script returns with it. A time in Unix ms or µs is in it, as in a record, as `@<in seconds>@`. */
  reply: unknown[];
  /** All records afterwards, by the names of the keys. A HASH, ZSET or stream is an object. One that ends is `lasts(...)`. */
  records: Record<string, unknown>;
  /** The hour since 1970 in so many seconds. */
  hour(seconds: number): string;
}

let runs = 0;
/** Runs a script once. It leaves no records. */
export async function runScript(
  redis: TargetRedis['client'],
  name: keyof typeof scripts,
  { before = [], args = {}, keys: renamed = {}, writes = [] }: ScriptRun,
): Promise<ScriptResult> {
  const { SCRIPT, names } = scripts[name];
  runs += 1;
  const prefix = `{script-runs:${process.pid}}:${runs}:`;
  // What the script does not declare is ignored. Its last argument may be a list.
  const input = { keys: renamed, args: { ...Object.fromEntries(names.map((each) => [each, ''])), ...usual, ...args } };
  const { keys, arguments: sent } = sentTo(name, prefix, input);
  const commands = before.map(([command = '', record = '', ...rest]) => [command, prefix + record, ...rest]);
  const all = [
    ...new Set([...keys, ...commands.map(([, record = '']) => record), ...writes.map((each) => prefix + each)]),
  ];
  const text = around(SCRIPT.replace(/^#![^\n]*\n/, ''));
  const first = JSON.stringify({ prefix, before: commands, names: all });
  const [reply, records, at] = (await redis.eval(text, { keys, arguments: [first, ...sent] })) as [
    unknown[],
    [number, string, unknown, number][],
    string,
  ];
  const inSeconds = (ms: number) => Math.round((ms - Number(at)) / 1000);
  /** Names the times in a text, in a number or in a list of these. */
  const named = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(named);
    if (typeof value === 'number' && value < 1e12) return value;
    return String(value).replace(/\b(1[6-9]\d{11})(\d{3})?\b/g, (_, ms) => `@${inSeconds(Number(ms))}@`);
  };
  return {
    reply: named(reply) as unknown[],
    records: Object.fromEntries(
      records.map(([i, type, value, ending]) => {
        const shown = readers[type]?.(named(value) as never);
        return [all[i]?.slice(prefix.length), ending > 0 ? lasts(inSeconds(ending), shown) : shown];
      }),
    ),
    hour: (seconds) => String(Math.floor((Number(at) + seconds * 1000) / 3_600_000)),
  };
}

/**
 * Usage as 0.1.0 has stored it: HASHes for each user and API, and for each key, with the minutes of an hour (`m`), the quarter hours of
 * half a day (`q`) and the days of ten days (`d`); and a ZSET of the keys of each day by use (`t`). The number in a name counts such
 * stretches since 1970. A field is the position in the stretch and the first letter of the outcome.
 */
import type { Redis } from './redis.ts';

/** A day of a user in an API. */
export interface OldDay {
  workspaceId: string;
  /** The user, as in the name of a record. */
  user: string;
  apiId: string;
  /** Since 1970. */
  day: number;
}

/** Counts by `<minute since 1970> <letter of the outcome>`. Older counts of a quarter hour are those of its first minute. */
type Counts = Map<string, number>;

/** The counts of each key on a day. The key '' has those of keys that were deleted since. */
export type CountsOfKeys = Map<string, Counts>;

const [minutesOfHour, minutesOfQuarter, minutesOfHalfDay, minutesOfDay] = [60, 15, 720, 1440] as const;
/** How many days minutes are stored, at most. */
const daysWithMinutes = 4;
/** How many keys are read at once. */
const keysAtOnce = 20;

const keyPrefix = (workspaceId: string, keyId: string) => `portico:{${workspaceId}}:usage:key:${keyId}:`;
const userPrefix = ({ workspaceId, user, apiId }: OldDay) => `portico:{${workspaceId}}:usage:user:${user}:${apiId}:`;
const numbers = (letter: string, first: number, many: number) =>
  Array.from({ length: many }, (_, i) => `${letter}${first + i}`);

/** The day of the name of an old record of quarter hours; undefined for another name. Every count is in such a record. */
export function oldDayOf(workspaceId: string, rest: string): OldDay | undefined {
  const [, user = '', apiId = '', number] = /^usage:user:([^:]+):([^:]+):q(\d+)$/.exec(rest) ?? [];
  if (number === undefined) return undefined;
  return { workspaceId, user, apiId, day: Math.floor((Number(number) * minutesOfHalfDay) / minutesOfDay) };
}

const hasMinutes = (day: number) => day > Date.now() / 86_400_000 - daysWithMinutes;

/** The ends of the names of the records of a day that have counts. */
const stretchesOf = (day: number): string[] => [
  ...numbers('q', day * 2, 2),
  ...(hasMinutes(day) ? numbers('m', day * 24, 24) : []),
];

/** The names of the records of some keys, and of the user, on a day. Those of the user come last: by them the day is found. */
export const namesOfDay = (old: OldDay, keyIds: string[]): string[] => [
  ...keyIds.flatMap((keyId) => stretchesOf(old.day).map((end) => keyPrefix(old.workspaceId, keyId) + end)),
  ...[...stretchesOf(old.day).toReversed(), `t${old.day}`].map((end) => userPrefix(old) + end),
];

/** Adds up the records of one owner on a day: minutes where they are still stored, and quarter hours elsewhere. */
async function readCounts(redis: Redis, prefix: string, day: number): Promise<Counts> {
  const ends = stretchesOf(day);
  const found = await redis.run((client) => Promise.all(ends.map((end) => client.hGetAll(prefix + end))));
  const counts: Counts = new Map();
  const add = (minute: number, letter: string, count: number) => {
    const at = `${minute} ${letter}`;
    const sum = (counts.get(at) ?? 0) + count;
    if (sum > 0) counts.set(at, sum);
    else counts.delete(at);
  };
  for (const [i, end] of ends.entries()) {
    const isMinutes = end.startsWith('m');
    const start = Number(end.slice(1)) * (isMinutes ? minutesOfHour : minutesOfHalfDay);
    for (const [field, text] of Object.entries(found[i] ?? {})) {
      const [position, letter, count] = [Number(field.slice(0, -1)), field.slice(-1), Number(text)];
      const minute = start + position * (isMinutes ? 1 : minutesOfQuarter);
      add(minute, letter, count);
      // A minute is in its quarter hour as well, which is read before.
      if (isMinutes) add(Math.floor(minute / minutesOfQuarter) * minutesOfQuarter, letter, -count);
    }
  }
  return counts;
}

/** What 0.1.0 has counted for each key of a user in an API on a day. */
export async function readOldDay(redis: Redis, old: OldDay): Promise<CountsOfKeys> {
  const { workspaceId, day } = old;
  const keyIds = await redis.run((client) => client.zRange(`${userPrefix(old)}t${day}`, 0, -1));
  const rest = await readCounts(redis, userPrefix(old), day);
  const all: CountsOfKeys = new Map();
  for (let i = 0; i < keyIds.length; i += keysAtOnce) {
    const some = keyIds.slice(i, i + keysAtOnce);
    const found = await Promise.all(some.map((keyId) => readCounts(redis, keyPrefix(workspaceId, keyId), day)));
    for (const [j, keyId] of some.entries()) {
      const counts = found[j] ?? new Map();
      all.set(keyId, counts);
      for (const [at, count] of counts) rest.set(at, (rest.get(at) ?? 0) - count);
    }
  }
  return all.set('', new Map([...rest].filter(([, count]) => count > 0)));
}

/** Counts as the script takes them. */
export const countsText = (counts: Counts): string => [...counts].map(([at, count]) => `${at} ${count};`).join('');

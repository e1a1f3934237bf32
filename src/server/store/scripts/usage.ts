/**
 * How usage is stored in Redis: first in a log, then by day. All times are in UTC.
 *
 * The log is one HASH for each user. A verification increments one field of it, `<minute since 1970> <API id> <key id> <outcome>`,
 * where the outcome is its first letter. A user with a log is in the index of work, a ZSET by the time in Unix ms at which
 * something is to be done. Some process then moves the closed minutes to the records of their days, in one step. The key id is
 * empty if the key was deleted meanwhile: its counts stay in the totals of its user.
 *
 * A day is one HASH for each user and API. The field of all keys is the outcome, and the field of a key is the outcome and the key
 * id. Its value is `<total><series of quarter hours>`, followed by a space and the series of minutes, as usage-series.ts writes
 * numbers. The hours and days of any time zone are sums of quarter hours. The entry `<user>:<API id>:<day since 1970>` in the
 * index of work says when the minutes of a day are removed. The day itself expires when its end is older than the retention.
 * If it has many fields, a ZSET beside it has its keys by use.
 */
import { readsClock } from './quota.ts';
import { list, number, script, snippet, text } from './script.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** The length of a bucket of each resolution, in ms. */
export const bucketLengths = { minute: 60_000, quarterHour: hour / 4, day } as const;

/** How long usage is stored at most, in ms after the end of its day: its minutes, and the rest with the longest retention. */
export const stored = { minutes: 48 * hour, longest: (366 + 2) * day };

/**
 * How long a minute stays in the log after the first count of its user, in ms. A longer log makes fewer and larger steps: their
 * cost for a user who verifies once in a minute is a third of what it is with one step per minute.
 */
const loggedMs = 5 * 60_000;

/** How long a record of a limit exists at most after a verification: a rate limit has up to 30 days, and a quota up to a month. */
const longestLimitMs = 32 * day;

/** How many fields of a log or of a day one step moves or changes. */
const foldedAtOnce = 100;

/** With more fields than this, a day has an index of its keys. */
export const fewFields = 40;

/** The letters of all outcomes. */
const outcomes = ['V', 'R', 'D', 'E', 'U', 'I', 'F'] as const;

/** Removes the usage of a key. */
export const forgetsUsage = snippet('removeUsage', {
  keys: ['usageLog', 'usageDays', 'usageTops'],
  constants: { outcomes, dayMs: day, longestStoredMs: stored.longest + day, clockSkewMs: hour },
});

/** Counts a verification. `ofUsers` is the beginning of all names of a partition. */
export const countsUse = snippet('countUse', {
  keys: ['ofUsers'],
  constants: { usageLogs: 'usage-log:', usageWork: 'usage-work', loggedMs },
});

const writesSeries = snippet('usageSeries');
/** Reads the log and the days. */
export const readsDays = snippet('usageDay', {
  uses: [writesSeries],
  constants: { outcomes, dayMs: day, minutesStoredMs: stored.minutes, loggedMs, foldedAtOnce, fewFields },
});

/** The outcome of a step that may not be the last one. The next one goes on at `cursor`. */
const steps = { more: { cursor: text }, done: {} };

export const usageScripts = {
  /** What is to be done now: users whose logs are due, and days whose minutes are. */
  findUsageWork: script('findUsageWork', {
    writes: 'nothing',
    uses: [readsClock],
    keys: ['usageWork'],
    args: ['many'],
    outcomes: { ok: { entries: list(text) } },
  }),
  rollUpUsage: script('rollUpUsage', {
    writes: 'counts',
    uses: [readsClock, readsDays],
    keys: ['usageLog', 'usageWork', 'usageDays', 'usageTops', 'usageApis'],
    // `user` is the user's entry in the index of work. The TTL is that of a day, after its end.
    args: ['user', 'cursor', 'restTtlMs'],
    constants: { longestLimitMs },
    outcomes: steps,
  }),
  forgetMinutes: script('forgetMinutes', {
    writes: 'counts',
    uses: [readsClock, readsDays],
    keys: ['usageDay', 'usageWork'],
    args: ['entry', 'cursor'],
    outcomes: steps,
  }),
  readUsage: script('readUsage', {
    writes: 'nothing',
    uses: [readsDays],
    // `usageDays` is the prefix of the days of the user in the API.
    keys: ['usageLog', 'usageDays'],
    // `keyId` is '' for all keys. `part` is total, quarters or minutes.
    args: ['apiId', 'keyId', 'part', 'firstDay', 'lastDay'],
    outcomes: { ok: { logged: number, texts: list(text) } },
  }),
  readTopKeys: script('readTopKeys', {
    writes: 'nothing',
    uses: [readsDays],
    keys: ['usageLog', 'usageDays', 'usageTops'],
    args: ['apiId', 'firstDay', 'lastDay', 'many'],
    outcomes: { ok: { keysAndCounts: list(text) } },
  }),
  readUsageDay: script('readUsageDay', {
    writes: 'nothing',
    uses: [readsDays],
    keys: ['usageLog', 'usageDay'],
    args: ['apiId', 'day'],
    outcomes: { ok: { logged: number, texts: list(text) } },
  }),
};

/**
 * How usage is stored in Redis. A HASH has the buckets of a stretch of time, so that many small numbers share the cost of
 * one key: the minutes of an hour, the quarter hours of half a day, the days of ten days, all in UTC. The hours and days of
 * any time zone are sums of quarter hours. Longer stretches save memory, but Redis looks for a field from the first one on,
 * so each verification would take longer. A field is the position of the bucket in the stretch and the first letter of the
 * outcome, such as `17V`. The name ends with the letter of the resolution and the number of the stretch since 1970. Each
 * HASH expires when its last bucket is older than the retention.
 */
import { snippet } from './script.ts';

const hour = 3_600_000;

/** The letter of each resolution, and the length of a bucket and of a stretch, in ms. */
export const layout = {
  minute: { letter: 'm', bucket: 60_000, stretch: hour },
  quarterHour: { letter: 'q', bucket: hour / 4, stretch: 12 * hour },
  day: { letter: 'd', bucket: 24 * hour, stretch: 240 * hour },
} as const;

/** The letter in front of the number of the day in the name of a user's ZSET of keys by use. */
export const topLetter = 't';

/** How long usage is stored at most, in ms: minutes after the end of their hour, and the rest with the longest retention. */
export const stored = { minutes: 48 * hour, longest: (366 + 2) * 24 * hour };

const constants = {
  usageLayout: Object.values(layout).map(({ letter, bucket, stretch }) => [letter, bucket, stretch]),
  dayMs: 24 * hour,
  topLetter,
};

/** Removes the usage of a key. Needs the snippet `clock` before it. */
export const forgetsUsage = snippet('removeUsage', {
  keys: ['usage'],
  constants: {
    ...constants,
    minutesStoredMs: stored.minutes + hour,
    longestStoredMs: stored.longest + layout.day.stretch,
    clockSkewMs: hour,
  },
});

/** Counts a verification. Needs the snippet `apiKey` before it. */
export const countsUsage = snippet('countUsage', { constants });

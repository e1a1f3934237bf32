import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetRedis } from '../support/target-redis.ts';
import type { Recording } from './recording.ts';

const day = 86_400_000;
const hour = 3_600_000;

/** What 0.1.0 has stored. record.ts has made it. */
export const recording: Recording = JSON.parse(readFileSync(join(import.meta.dirname, 'data-0.1.0.json'), 'utf8'));

const startedAt = Date.now();

/** By how many ms all times are later than when they were recorded: whole days, so that the recording ends within the last one. */
export const shiftMs = Math.floor((startedAt - recording.recordedAt) / day) * day;

/** How many stretches of usage a day has, by the letter of their resolution. Nothing reads those of ten days any more. */
const stretchesPerDay: Record<string, number> = { m: 24, q: 2, t: 1, d: 0 };

const nameNow = (name: string): string =>
  name.replace(/(:usage:.*:)([mqdt])(\d+)$/, (_, start, letter, number) => {
    return `${start}${letter}${Number(number) + ((stretchesPerDay[letter] ?? 0) * shiftMs) / day}`;
  });

/** The counter of a quota, whose fields are hours. */
const counterNow = (counter: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(counter).map(([field, value]) => {
      if (field === 'total') return [field, value];
      if (field === 'swept') return [field, String(Number(value) + shiftMs / hour)];
      return [String(Number(field) + shiftMs / hour), value];
    }),
  );

/** Shifts the times in a record that decide when something ends. */
async function shift(redis: TargetRedis['client'], name: string): Promise<void> {
  if (/:api-key:/.test(name)) {
    const fields = String(await redis.get(name)).split(' ');
    if (fields[4] !== '0') fields[4] = String(Number(fields[4]) + shiftMs);
    await redis.set(name, fields.join(' '), { expiration: 'KEEPTTL' });
  } else if (/:user-key-(ends|expiry):/.test(name)) {
    const members = await redis.zRangeWithScores(name, 0, -1);
    await redis.zAdd(
      name,
      members.map(({ value, score }) => ({ value, score: score + shiftMs })),
    );
  } else if (/:(user-quota:\S+|quota)$/.test(name)) {
    const before = await redis.hGetAll(name);
    await redis.hDel(name, Object.keys(before));
    const endsAt = await redis.pExpireTime(name);
    await redis.hSet(name, counterNow(before));
    if (endsAt > 0) await redis.pExpireAt(name, endsAt);
  }
}

/** Writes what 0.1.0 has stored, as if it had been recorded within the last day. */
export async function restore({ client: redis, everyNode }: TargetRedis): Promise<void> {
  await everyNode('FLUSHALL');
  const restored = recording.records.map(async ({ name, dump, expiresAt }) => {
    const isWindow = name.includes(':api-key-rate:');
    const ends = expiresAt < 0 ? 0 : expiresAt + (isWindow ? startedAt - recording.recordedAt : shiftMs);
    if (expiresAt >= 0 && ends <= Date.now()) return;
    const bytes = Buffer.from(dump, 'base64');
    await redis.restore(nameNow(name), ends, bytes, { ABSTTL: true });
    if (shiftMs > 0) await shift(redis, nameNow(name));
  });
  await Promise.all(restored);
}

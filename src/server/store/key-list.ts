import { type ApiKeyRecord, recordOf } from './api-key-record.ts';
import { keys } from './keys.ts';
import { type Owner, partitionOf } from './partitions.ts';
import type { Redis } from './redis.ts';
import { bucketMs, parseLogged } from './usage.ts';
import { readSeries } from './usage-series.ts';

/** How many keys a list looks at, at most: its cost does not grow with the number of keys. As many as a user has by default. */
const maxLookedAt = 1000;

/** A period in Unix ms, of whole quarter hours of at most two days. */
interface Span {
  start: number;
  end: number;
}

/** How often each key was verified, by the quarter hour or the minute in Unix ms. A key that was not used is absent. */
export type KeyUses = Map<string, [time: number, count: number][]>;

/** Reads the keys of a user with their use. */
export function keyListReader(redis: Redis) {
  async function read(
    owner: Owner,
    span: Span,
    { many = 0, usedMany = 0, named = [] }: { many?: number; usedMany?: number; named?: readonly string[] },
  ) {
    const place = partitionOf(owner);
    const dayMs = bucketMs('day');
    const { found, logged, texts } = await redis.run((client) =>
      client.readKeys({
        keys: {
          userKeyOrder: keys.userKeyOrder(owner),
          keyIds: keys.keyId(place, ''),
          apiKeys: keys.apiKey(place, ''),
          usageLog: keys.usageLog(owner),
          usageDays: keys.usageDay(owner),
        },
        args: {
          ...{ many, usedMany, named },
          firstDay: Math.floor(span.start / dayMs),
          lastDay: Math.floor((span.end - 1) / dayMs),
        },
      }),
    );
    const uses: KeyUses = new Map();
    const add = (keyId: string, time: number, count: number) => {
      if (time < span.start || time >= span.end) return;
      const own = uses.get(keyId) ?? [];
      own.push([time, count]);
      uses.set(keyId, own);
    };
    const days = found + 2 * logged;
    for (let i = found; i < days; i += 2) {
      const { keyId, time } = parseLogged(texts[i] ?? '');
      add(keyId, time, Number(texts[i + 1]));
    }
    for (let i = days; i < texts.length; i += 3) {
      const [keyId = '', day, quarters = ''] = texts.slice(i, i + 3);
      for (const [position, count] of readSeries(quarters))
        add(keyId, Number(day) * dayMs + position * bucketMs('quarterHour'), count);
    }
    return { records: texts.slice(0, found).map(recordOf), uses };
  }

  return {
    /**
     * The newest keys of a user, newest first, and how often the first `usedMany` of them were used in a period, by all outcomes together.
     * One round trip.
     *
     * @returns isAll whether the user has no more keys
     */
    async newest(
      owner: Owner,
      span: Span,
      usedMany: number,
    ): Promise<{ records: ApiKeyRecord[]; isAll: boolean; uses: KeyUses }> {
      const { records, uses } = await read(owner, span, { many: maxLookedAt + 1, usedMany });
      return { records: records.slice(0, maxLookedAt), isAll: records.length <= maxLookedAt, uses };
    },

    /** How often some keys of a user were used in a period. One round trip. */
    async uses(owner: Owner, span: Span, some: readonly Pick<ApiKeyRecord, 'apiId' | 'keyId'>[]): Promise<KeyUses> {
      return (await read(owner, span, { named: some.map(({ apiId, keyId }) => `${apiId} ${keyId}`) })).uses;
    },
  };
}

import { keys } from './keys.ts';
import type { Owner } from './partitions.ts';
import type { Redis } from './redis.ts';

/** What a window or a period has used, and when it ends, in Unix ms. */
export interface LimitCount {
  used: number;
  ends: number;
}

/** What users have used of their limits. scripts/verifyApiKey.lua counts it. */
export function limitCounts(redis: Redis) {
  const read = async (name: string): Promise<LimitCount | undefined> => {
    const [used, ends] = await redis.run((client) => Promise.all([client.get(name), client.pExpireTime(name)]));
    return used === null || ends < 0 ? undefined : { used: Number(used), ends };
  };
  return {
    /** The records of a user in an API; undefined where there is none. One round trip. */
    async find(owner: Owner, apiId: string): Promise<{ rate: LimitCount | undefined; quota: LimitCount | undefined }> {
      const [rate, quota] = await Promise.all([read(keys.userRate(owner, apiId)), read(keys.quotaUse(owner, apiId))]);
      return { rate, quota };
    },
  };
}

import { keys } from './keys.ts';
import type { Redis } from './redis.ts';

/** For how long a process uses the key before it reads it again, in ms: a restore of Redis can bring another one. */
const knownForMs = 5 * 60_000;

/** The key with which all processes sign. */
export function signingKeyStore(redis: Redis) {
  /** `until` is by performance.now(), which no change of the clock affects. */
  let known: { key: string; until: number } | undefined;
  return {
    /**
     * The key for signatures of values that browsers store. The first process that needs it creates it. It is no credential:
     * nobody becomes a user with it.
     *
     * @param create makes a new key
     * @throws StoreUnavailable
     */
    async signingKey(create: () => string): Promise<string> {
      if (known !== undefined && known.until > performance.now()) return known.key;
      const key = await redis.run(async (client) => {
        const stored = await client.get(keys.signingKey);
        if (stored !== null) return stored;
        await client.set(keys.signingKey, create(), { condition: 'NX' });
        return client.get(keys.signingKey);
      });
      if (key === null) throw new Error('redis lost the key for signatures while it was read');
      known = { key, until: performance.now() + knownForMs };
      return key;
    },
  };
}

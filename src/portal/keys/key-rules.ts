/** What holds for a key: its own settings within the policy of its API for this user. The server decides by the same rules. */
import type { ApiKey, KeyRateLimit, Policy } from '../../../generated/client/types.gen.ts';

/** Whether a rate limit is within a maximum: neither more requests in its time, nor more in any time. */
export const isWithin = (own: KeyRateLimit, max: KeyRateLimit | undefined): boolean =>
  max === undefined || (own.limit <= max.limit && own.limit / own.duration <= max.limit / max.duration);

/** The rate limit of a key. It is that of the policy if the key has none, or a greater one from before the policy changed. */
export function rateLimitOf({ ratelimit }: Pick<ApiKey, 'ratelimit'>, policy: Policy | undefined) {
  const max = policy?.perKey?.ratelimit;
  const isOwn = ratelimit !== undefined && isWithin(ratelimit, max);
  return { limit: isOwn ? ratelimit : max, isOwn };
}

/** When a key ends, in Unix ms: at its own time, or at the latest that the policy allows. Undefined if it never ends. */
export function endOf(
  { expires, createdAt }: Pick<ApiKey, 'expires' | 'createdAt'>,
  policy: Policy | undefined,
): number | undefined {
  const latest = latestEnd(createdAt, policy);
  return expires === undefined || latest === undefined ? (expires ?? latest) : Math.min(expires, latest);
}

/** The latest end of a key of this age that the policy allows, in Unix ms; undefined if it allows any. */
export const latestEnd = (createdAt: number, policy: Policy | undefined): number | undefined =>
  policy?.maxLifetime === undefined ? undefined : createdAt + policy.maxLifetime;

/** The scopes of a key that the API no longer has. */
export const goneScopes = (
  { scopes = [] }: Pick<ApiKey, 'scopes'>,
  offered: readonly { scope: string }[] = [],
): string[] => scopes.filter((scope) => !offered.some((each) => each.scope === scope));

/** The times of a rate limit that have a name, in ms. */
export const units = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
export type Unit = keyof typeof units;

/** The name of a time, if it has one. */
export const unitOf = (duration: number): Unit | undefined =>
  (Object.keys(units) as Unit[]).find((unit) => units[unit] === duration);

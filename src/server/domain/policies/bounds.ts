/** What bounds the keys of a user in an API: the policy of the API, with the parts that the policy of the user replaces. */
import type { ValidationFailure } from '../../problem.ts';
import type { ApiKeyRecord, RateLimit } from '../../store/api-key-record.ts';
import type { Api } from '../../store/apis.ts';
import type { Store } from '../../store/index.ts';
import type { Policy, UserPolicy } from '../../store/policies.ts';
import { isWithin, rangeOf } from '../networks.ts';
import { offeredScopes } from './offered-scopes.ts';

/** The bounds that hold. An absent part is no bound. */
export interface Bounds {
  /** The maximum of a key, and the rate limit of a key without one. */
  keyRate?: RateLimit;
  userRate?: RateLimit;
  quota?: NonNullable<NonNullable<Policy['perUser']>['quota']>;
  /** ms. */
  maxLifetime?: number;
  /** The scopes that a key can have; absent if it can have any. */
  scopes?: readonly string[];
  ipRanges?: NonNullable<Policy['ipRanges']>;
}

/** The part of the user's policy, or that of the API. `null` is no bound. */
const part = <T>(ofUser: T | null | undefined, ofApi: T | undefined): T | undefined =>
  ofUser === undefined ? ofApi : (ofUser ?? undefined);

/** The bounds of the keys of a user in an API. */
export function boundsOf({ policy: ofApi = {}, scopeSource }: Api, ofUser: UserPolicy = {}): Bounds {
  const keyRate = part(ofUser.perKey?.ratelimit, ofApi.perKey?.ratelimit);
  const userRate = part(ofUser.perUser?.ratelimit, ofApi.perUser?.ratelimit);
  const quota = part(ofUser.perUser?.quota, ofApi.perUser?.quota);
  const maxLifetime = part(ofUser.maxLifetime, ofApi.maxLifetime);
  // Without a list there are no scopes, unless they come from a document: then `null` in a policy of the user, or none, allows any.
  const scopes = part(ofUser.scopes, ofApi.scopes ?? (scopeSource === undefined ? [] : undefined));
  const ipRanges = part(ofUser.ipRanges, ofApi.ipRanges);
  return {
    ...(keyRate !== undefined && { keyRate }),
    ...(userRate !== undefined && { userRate }),
    ...(quota !== undefined && { quota }),
    ...(maxLifetime !== undefined && { maxLifetime }),
    ...(scopes !== undefined && { scopes }),
    ...(ipRanges !== undefined && { ipRanges }),
  };
}

/**
 * The bounds of the settings of a key. New scopes are those that a document offers, where they come from one.
 *
 * @throws StoreUnavailable
 */
export async function settingBounds(
  store: Store,
  workspaceId: string,
  api: Api,
  ofUser: UserPolicy | undefined,
): Promise<Bounds> {
  const bounds = boundsOf(api, ofUser);
  if (api.scopeSource === undefined) return bounds;
  const catalogue = await store.scopes.catalogue(workspaceId, api);
  return { ...bounds, scopes: offeredScopes(api, catalogue, bounds.scopes).map(({ scope }) => scope) };
}

/** The bounds as a policy; undefined if there are none. */
export function policyOfBounds({
  keyRate,
  userRate,
  quota,
  maxLifetime,
  scopes,
  ipRanges,
}: Bounds): Policy | undefined {
  const perUser = {
    ...(userRate !== undefined && { ratelimit: userRate }),
    ...(quota !== undefined && { quota }),
  };
  const policy = {
    ...(keyRate !== undefined && { perKey: { ratelimit: keyRate } }),
    ...(Object.keys(perUser).length > 0 && { perUser }),
    ...(maxLifetime !== undefined && { maxLifetime }),
    ...(scopes !== undefined && scopes.length > 0 && { scopes: [...scopes] }),
    ...(ipRanges !== undefined && { ipRanges }),
  };
  return Object.keys(policy).length > 0 ? policy : undefined;
}

/** Whether a rate limit allows no more than another one, at once and over time; scripts/verifyApiKey.lua decides the same. */
const isInside = (own: RateLimit, most: RateLimit): boolean =>
  own.limit <= most.limit && own.limit * most.duration <= most.limit * own.duration;

/** The end of a key in Unix ms, undefined if it has none: its own one, or that of the longest life if it is sooner. */
export function endOfKey({ createdAt, expires }: Pick<ApiKeyRecord, 'createdAt' | 'expires'>, { maxLifetime }: Bounds) {
  if (maxLifetime === undefined) return expires;
  return Math.min(expires ?? Number.POSITIVE_INFINITY, createdAt + maxLifetime);
}

/** The scopes that a key has in effect. */
export const scopesOfKey = ({ scopes = [] }: Pick<ApiKeyRecord, 'scopes'>, bounds: Bounds): string[] =>
  scopes.filter((scope) => bounds.scopes?.includes(scope) ?? true);

/** The settings of a key that have bounds. Absent ones are not checked. */
export interface BoundedSettings {
  ratelimit?: RateLimit | null | undefined;
  expires?: number | null | undefined;
  scopes?: readonly string[] | null | undefined;
  ipRanges?: readonly string[] | null | undefined;
}

/** How many scopes an error names: a document can offer thousands. */
const maxNamed = 20;

function offeredText(scopes: readonly string[]): string {
  if (scopes.length === 0) return 'none';
  const named = scopes.slice(0, maxNamed).join(', ');
  return scopes.length > maxNamed ? `${named} and ${scopes.length - maxNamed} more` : named;
}

/**
 * The failures of settings outside the bounds. Each names the bound.
 *
 * @param createdAt when the key was created, in Unix ms
 * @param more `kept` are the scopes that the key has already, which it can keep; `within` is where the settings are in the body
 */
export function boundFailures(
  { ratelimit, expires, scopes, ipRanges }: BoundedSettings,
  bounds: Bounds,
  createdAt: number,
  { kept = [], within = '' }: { kept?: readonly string[] | undefined; within?: string } = {},
): ValidationFailure[] {
  const failures: ValidationFailure[] = [];
  const fail = (location: string, message: string, fix: string) =>
    failures.push({ location: `body.${within}${location}`, message, fix });
  const { keyRate, maxLifetime, ipRanges: from } = bounds;
  if (ratelimit && keyRate !== undefined && !isInside(ratelimit, keyRate)) {
    const most = `${keyRate.limit} per ${keyRate.duration} ms`;
    fail(
      'ratelimit',
      `must allow at most ${most}`,
      `Send a rate limit of at most ${most}, or none: the key then has this one.`,
    );
  }
  if (typeof expires === 'number' && maxLifetime !== undefined && expires > createdAt + maxLifetime) {
    const latest = new Date(createdAt + maxLifetime).toISOString();
    fail(
      'expires',
      `must be no later than ${latest}: a key lives for at most ${maxLifetime} ms`,
      'Send an earlier time, or none.',
    );
  }
  for (const [i, scope] of (scopes ?? []).entries()) {
    if (bounds.scopes === undefined || bounds.scopes.includes(scope) || kept.includes(scope)) continue;
    fail(
      `scopes[${i}]`,
      `must be one of the scopes that are offered: ${offeredText(bounds.scopes)}`,
      'Leave out this scope.',
    );
  }
  const allowed = from?.ranges ?? [];
  for (const [i, range] of (ipRanges ?? []).entries()) {
    const inner = rangeOf(range);
    if (inner === undefined || allowed.length === 0 || allowed.some((outer) => isWithin(inner, outer))) continue;
    fail(`ipRanges[${i}]`, `must be within ${allowed.join(', ')}`, 'Send a range within these.');
  }
  if (from?.mode === 'required' && ipRanges !== undefined && (ipRanges === null || ipRanges.length === 0)) {
    const where = allowed.length === 0 ? '' : ` within ${allowed.join(', ')}`;
    fail('ipRanges', `must have a range${where}: each key needs one`, 'Send the addresses from which the key is used.');
  }
  return failures;
}

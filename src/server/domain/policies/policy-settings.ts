/** Policies as callers send them: what the schemas of the contract cannot check, and how they are stored. */
import { invalidInput, type ValidationFailure } from '../../problem.ts';
import type { Policy, UserPolicy } from '../../store/policies.ts';
import { rangeOf } from '../networks.ts';
import { identifierFailures } from '../text.ts';
import { clockOf } from '../time-zone.ts';

/** A quota as a caller sends it. */
interface QuotaSettings {
  limit: number;
  period: string;
  timeZone?: string;
}

/** A policy of an API or of a user as a caller sends it, valid under its schema. */
export type AnyPolicySettings = (Omit<Policy, 'perUser'> | Omit<UserPolicy, 'perUser'>) & {
  perUser?: Omit<NonNullable<UserPolicy['perUser']>, 'quota'> & { quota?: QuotaSettings | null };
};

const rangeFix = 'Send ranges such as 192.0.2.0/24 or 2001:db8::/32, with zeros after the length.';

/** The failures of a list of ranges. */
export const rangeFailures = (location: string, ranges: readonly string[] | null | undefined): ValidationFailure[] =>
  (ranges ?? []).flatMap((range, i) =>
    rangeOf(range) === undefined
      ? [{ location: `body.${location}[${i}]`, message: 'must be a range of IP addresses', fix: rangeFix }]
      : [],
  );

/** The failures of a list of scopes. */
export const scopeFailures = (location: string, scopes: readonly string[] | null | undefined): ValidationFailure[] =>
  (scopes ?? []).flatMap((scope, i) => identifierFailures(`${location}[${i}]`, scope));

/** Ranges in their usual spelling, each once. */
export const storedRanges = (ranges: readonly string[]): string[] => [
  ...new Set(ranges.map((range) => rangeOf(range) ?? range)),
];

function timeZoneFailures(location: string, timeZone: string): ValidationFailure[] {
  try {
    clockOf(timeZone);
    return [];
  } catch {
    const message = 'must be the name of an existing time zone';
    const fix = 'Send a name of the IANA time zone database, such as Europe/Berlin, or leave it out for UTC.';
    return [{ location: `body.${location}`, message, fix }];
  }
}

/**
 * Checks the rules of the contract that its schemas cannot express.
 *
 * @param location where the policy is in the body
 * @throws Problem invalid_input with all failures at once
 */
export function checkPolicy({ perUser, scopes, ipRanges }: AnyPolicySettings, location = 'policy'): void {
  const ranges = ipRanges?.ranges;
  const failures = [
    ...timeZoneFailures(`${location}.perUser.quota.timeZone`, perUser?.quota?.timeZone ?? 'UTC'),
    ...scopeFailures(`${location}.scopes`, scopes),
    ...rangeFailures(`${location}.ipRanges.ranges`, ranges),
  ];
  if (ipRanges?.mode === 'allowed' && ranges?.length === 0) {
    const message = 'must have a range, or no key works';
    failures.push({ location: `body.${location}.ipRanges.ranges`, message, fix: 'Send at least one range.' });
  }
  if (failures.length > 0) throw invalidInput(...failures);
}

/** The policy as it is stored: complete, and undefined if it says nothing. `P` is that of an API or of a user. */
export function storedPolicy<P extends Policy | UserPolicy>(settings: AnyPolicySettings): P | undefined {
  const { perKey = {}, perUser: { ratelimit, quota } = {}, maxLifetime, scopes, ipRanges } = settings;
  const perUser = {
    ...(ratelimit !== undefined && { ratelimit }),
    ...(quota !== undefined && { quota: quota && { ...quota, timeZone: quota.timeZone ?? 'UTC' } }),
  };
  const policy = {
    ...(Object.keys(perKey).length > 0 && { perKey }),
    ...(Object.keys(perUser).length > 0 && { perUser }),
    ...(maxLifetime !== undefined && { maxLifetime }),
    ...(scopes !== undefined && { scopes }),
    ...(ipRanges !== undefined && { ipRanges: ipRanges && { ...ipRanges, ranges: storedRanges(ipRanges.ranges) } }),
  };
  return Object.keys(policy).length > 0 ? (policy as P) : undefined;
}

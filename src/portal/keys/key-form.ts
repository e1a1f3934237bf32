/** The form of a key: what a person types and chooses, and the settings that follow. */
import type { ApiKey, CreateKeyRequest, Policy, UpdateKeyRequest } from '../../../generated/client/types.gen.ts';
import { type Expiry, expiresAt } from './expiry.ts';
import { isWithin, latestEnd, units } from './key-rules.ts';

/** What the fields of the form contain. */
export interface KeyFields {
  name: string;
  /** `unchanged` leaves the end of an existing key as it is. */
  expiry: Expiry | 'unchanged';
  /** In the format of a date input. */
  day: string;
  scopes: ReadonlySet<string>;
  /** The number of requests, as text. Empty for no limit. */
  limit: string;
  /** The time of the rate limit, in ms. */
  duration: number;
  /** Addresses and ranges, one per line. */
  ranges: string;
}

/** The fields of a new key, or those of an existing one. */
export const fieldsOf = (key?: ApiKey): KeyFields => ({
  name: key?.name ?? '',
  expiry: key === undefined ? 'never' : 'unchanged',
  day: '',
  scopes: new Set(key?.scopes),
  limit: String(key?.ratelimit?.limit ?? ''),
  duration: key?.ratelimit?.duration ?? units.minute,
  ranges: (key?.ipRanges ?? []).join('\n'),
});

/** The settings of a key that the form has. An absent setting is none. */
type Settings = Pick<CreateKeyRequest, 'name' | 'expires' | 'scopes' | 'ratelimit' | 'ipRanges'>;

/** What is wrong with a field. */
export interface Wrong {
  expiry?: 'noDay' | 'tooLate';
  limit?: 'noNumber' | 'tooHigh';
  /** `missing`, or the text that is no range, or none that the policy allows. */
  ranges?: { missing: true } | { range: string };
}

/** A number that a user has typed, also in the digits of an Arabic or Japanese keyboard. */
const numberIn = (typed: string): number =>
  Number(typed.replaceAll(/[٠-٩۰-۹０-９]/g, (digit) => String(digit.charCodeAt(0) % 16)));

/** The greatest number of requests of a rate limit. */
export const greatestLimit = 1_000_000_000;

/** The lines of a text, without white space and empty ones. */
export const rangesIn = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter((range) => range !== ''))];

/** The end that the fields say, in Unix ms; undefined if none, or what is wrong. */
function endIn(
  { expiry, day }: KeyFields,
  latest: number | undefined,
  now: Date,
): number | undefined | Wrong['expiry'] {
  if (expiry === 'unchanged' || expiry === 'never') return undefined;
  try {
    const end = expiresAt(expiry, day, now) ?? 0;
    if (latest === undefined || end <= latest) return end;
    // The last day may end after the latest time. A key of that day ends at that time.
    return expiry === 'date' && end - latest < units.day ? latest : 'tooLate';
  } catch {
    return 'noDay';
  }
}

/**
 * The settings that the fields say, or what is wrong with the fields. The server checks again, and alone knows whether a
 * range is one.
 *
 * @param createdAt when the key was created; now for a new one
 */
export function settingsOf(
  fields: KeyFields,
  policy: Policy | undefined,
  now: Date,
  createdAt = now.getTime(),
): { settings: Settings; wrong: Wrong } {
  const wrong: Wrong = {};
  const end = endIn(fields, latestEnd(createdAt, policy), now);
  if (typeof end === 'string') wrong.expiry = end;
  const limit = numberIn(fields.limit);
  const hasLimit = fields.limit.trim() !== '';
  const ratelimit = { limit, duration: fields.duration };
  if (hasLimit && !(Number.isInteger(limit) && limit >= 1 && limit <= greatestLimit)) wrong.limit = 'noNumber';
  else if (hasLimit && !isWithin(ratelimit, policy?.perKey?.ratelimit)) wrong.limit = 'tooHigh';
  const ipRanges = rangesIn(fields.ranges);
  if (ipRanges.length === 0 && policy?.ipRanges?.mode === 'required') wrong.ranges = { missing: true };
  const name = fields.name.trim();
  const settings = {
    ...(name !== '' && { name }),
    ...(typeof end === 'number' && { expires: end }),
    ...(fields.scopes.size > 0 && { scopes: [...fields.scopes] }),
    ...(hasLimit && { ratelimit }),
    ...(ipRanges.length > 0 && { ipRanges }),
  };
  return { settings, wrong };
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The change of a key to these settings: only what differs, because an old setting may be outside of a new policy. */
export function changeOf(key: ApiKey, fields: KeyFields, settings: Settings): UpdateKeyRequest {
  const { name = null, expires = null, scopes = null, ratelimit = null, ipRanges = null } = settings;
  const sorted = (items: readonly string[] | undefined | null) => items?.toSorted() ?? null;
  return {
    keyId: key.keyId,
    ...(name !== (key.name ?? null) && { name }),
    ...(fields.expiry !== 'unchanged' && expires !== (key.expires ?? null) && { expires }),
    ...(!isSame(sorted(scopes), sorted(key.scopes)) && { scopes }),
    ...(!isSame(
      ratelimit && [ratelimit.limit, ratelimit.duration],
      key.ratelimit ? [key.ratelimit.limit, key.ratelimit.duration] : null,
    ) && { ratelimit }),
    ...(!isSame(ipRanges, key.ipRanges ?? null) && { ipRanges }),
  };
}

/** What the server has found wrong with a field, from the places in the request: `body.ipRanges[1]` is the second range. */
export function wrongAt(locations: readonly string[], { ranges }: KeyFields): Wrong {
  const wrong: Wrong = {};
  for (const location of locations) {
    const [, field = '', index = '0'] = /^body\.(\w+)(?:\[(\d+)\])?/.exec(location) ?? [];
    if (field === 'ipRanges') wrong.ranges = { range: rangesIn(ranges)[Number(index)] ?? ranges };
    if (field === 'ratelimit') wrong.limit = 'tooHigh';
    if (field === 'expires') wrong.expiry = 'tooLate';
  }
  return wrong;
}

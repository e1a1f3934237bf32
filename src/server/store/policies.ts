/**
 * Policies as text that a script reads: six words, in this order. The policy of an API and that of a user have the same form, so that a
 * script takes each word of the user, or that of the API if the user has `-` there.
 *
 *   <limit>/<duration>           the rate limit of a key
 *   <limit>/<duration>           the rate limit of a user in an API
 *   <limit>,<period>,<zone>      the quota of a user in an API
 *   <ms>                         the longest life of a key
 *   =<scope>,<scope>…            the scopes that a key can have
 *   <mode>,<range>,<range>…      from where keys can be used
 *
 * A word is `-` if the policy says nothing about this part, and `none` if it says that there is no such bound.
 */
import type { Policy, Quota, UserPolicy } from '../../../generated/client/types.gen.ts';
import { type RateLimit, wordOfScopes } from './api-key-record.ts';
import type { Api } from './control-data.ts';
import { keys } from './keys.ts';
import { rangeOfText, textOfRange } from './networks.ts';
import type { Owner } from './partitions.ts';
import type { Redis } from './redis.ts';

export type { Policy, UserPolicy };

/** The word of one part. */
const wordOf = <Part>(part: Part | null | undefined, text: (part: Part) => string): string => {
  if (part === undefined) return '-';
  return part === null ? 'none' : text(part);
};

const rateWord = ({ limit, duration }: RateLimit) => `${limit}/${duration}`;

/** The text of a policy of an API or of a user. */
export const textOfPolicy = ({ perKey, perUser, maxLifetime, scopes, ipRanges }: UserPolicy): string =>
  [
    wordOf(perKey?.ratelimit, rateWord),
    wordOf(perUser?.ratelimit, rateWord),
    wordOf(perUser?.quota, ({ limit, period, timeZone }) => [limit, period, timeZone].join()),
    wordOf(maxLifetime, String),
    wordOf(scopes, wordOfScopes),
    wordOf(ipRanges, ({ mode, ranges }) => [mode, ...ranges.map(textOfRange)].join()),
  ].join(' ');

/** The text of a policy that says nothing. */
export const noPolicy = textOfPolicy({});

/** Texts of policies by their API, which control data shares and never changes. */
const textsOfApis = new WeakMap<Api, string>();

/** Whether verifications of the keys of an API need the text of its policy. */
export const isGoverned = ({ policy, scopeSource }: Api): boolean => policy !== undefined || scopeSource !== undefined;

/**
 * The text of the policy of an API for a verification, or '' if it has none. Keys of an API whose scopes come from a document keep
 * scopes that the document no longer has.
 */
export function textOfApiPolicy(api: Api): string {
  if (!isGoverned(api)) return '';
  const { policy = {}, scopeSource } = api;
  const isBounded = scopeSource === undefined || policy.scopes !== undefined;
  const text = textsOfApis.get(api) ?? textOfPolicy(isBounded ? policy : { ...policy, scopes: null });
  textsOfApis.set(api, text);
  return text;
}

/** The name of the period of a quota, as scripts compare it. */
export const periodNameOf = (quota: Quota | null | undefined): string | undefined =>
  quota ? `${quota.period},${quota.timeZone}` : undefined;

/** A part by its word. */
function partOf<Part>(word: string | undefined, read: (word: string) => Part): Part | null | undefined {
  if (word === undefined || word === '-') return undefined;
  return word === 'none' ? null : read(word);
}

function readRate(word: string): RateLimit {
  const [limit, duration] = word.split('/').map(Number);
  return { limit: limit ?? 0, duration: duration ?? 0 };
}

/** Parses the text of a policy. */
export function policyOfText(text: string): UserPolicy {
  const [perKey, perUser, quotaWord, lifetime, scopesWord, rangesWord] = text.split(' ');
  const [keyRate, userRate] = [partOf(perKey, readRate), partOf(perUser, readRate)];
  const quota = partOf(quotaWord, (word) => {
    const [limit, period = '', timeZone = ''] = word.split(',');
    return { limit: Number(limit), period, timeZone };
  });
  const maxLifetime = partOf(lifetime, Number);
  const scopes = partOf(scopesWord, (word) => (word === '=' ? [] : word.slice(1).split(',').map(decodeURIComponent)));
  const ipRanges = partOf(rangesWord, (word) => {
    const [mode = '', ...ranges] = word.split(',');
    return { mode, ranges: ranges.map(rangeOfText) };
  });
  const ofUser = { ...(userRate !== undefined && { ratelimit: userRate }), ...(quota !== undefined && { quota }) };
  return {
    ...(keyRate !== undefined && { perKey: { ratelimit: keyRate } }),
    ...(Object.keys(ofUser).length > 0 && { perUser: ofUser }),
    ...(maxLifetime !== undefined && { maxLifetime }),
    ...(scopes !== undefined && { scopes }),
    ...(ipRanges !== undefined && { ipRanges }),
  };
}

/** The policies of users. */
export const userPolicyStore = (redis: Redis) => ({
  /** The policy of a user, or undefined. */
  async find(owner: Owner): Promise<UserPolicy | undefined> {
    const text = await redis.run((client) => client.get(keys.identityPolicy(owner)));
    return text === null ? undefined : policyOfText(text);
  },
});

/** The parts of a policy as options, and a policy as a person reads it: in the form that the options take. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  LifetimeSchema,
  QuotaLimitSchema,
  RateLimitCallsSchema,
  RateLimitDurationSchema,
} from '../../../generated/client/schemas.gen.ts';
import type { KeyRateLimit, PolicySettings, UserPolicy } from '../../../generated/client/types.gen.ts';
import { knownValues } from '../../../generated/known-values.ts';
import { collect } from './command.ts';
import { durationText } from './duration.ts';
import { UsageError } from './failure.ts';
import { given } from './lists.ts';
import { readDuration, readPair, readWhole } from './numbers.ts';

/** `none`: there is no such bound. `inherit`: a user has no part of their own, so that of the API holds. */
type Word = 'none' | 'inherit';
const words: readonly string[] = ['none', 'inherit'] satisfies Word[];
const orWord =
  <Part>(read: (text: string) => Part) =>
  (text: string): Part | Word =>
    words.includes(text) ? (text as Word) : read(text);

/** `100/1m` @throws InvalidArgumentError */
export function readRateLimit(text: string): KeyRateLimit {
  const [limit, duration] = readPair(text, '100/1m: requests, and in which time');
  return { limit: readWhole(limit, RateLimitCallsSchema), duration: readDuration(duration, RateLimitDurationSchema) };
}

type Quota = NonNullable<NonNullable<PolicySettings['perUser']>['quota']>;

/** `10000/month` @throws InvalidArgumentError */
function readQuota(text: string): Omit<Quota, 'timeZone'> {
  const [limit, name] = readPair(text, '10000/month: verifications, and in which period');
  const periods = knownValues.QuotaPeriod;
  const period = periods.find((each) => each === name);
  if (period === undefined) throw new InvalidArgumentError(`The period must be ${periods.join(', ')}.`);
  return { limit: readWhole(limit, QuotaLimitSchema), period };
}

/** The options of `addPolicyParts`, as commander parses them. */
export interface PolicyParts {
  keyRatelimit?: KeyRateLimit | Word;
  userRatelimit?: KeyRateLimit | Word;
  quota?: Omit<Quota, 'timeZone'> | Word;
  timeZone?: string;
  maxLifetime?: number | Word;
  scope?: string[];
  ipMode?: 'allowed' | 'required' | Word;
  ipRange?: string[];
}

/** Adds an option for each part of a policy. */
export const addPolicyParts = (command: Command): Command =>
  command
    .option(
      '--key-ratelimit <limit>',
      'greatest rate limit of a key, and that of a key without one: 100/1m',
      orWord(readRateLimit),
    )
    .option('--user-ratelimit <limit>', 'rate limit of a user with all keys together: 1000/1m', orWord(readRateLimit))
    .option('--quota <quota>', 'quota of a user with all keys together: 10000/month', orWord(readQuota))
    .option('--time-zone <zone>', 'time zone of the periods of the quota (default: UTC)')
    .option(
      '--max-lifetime <duration>',
      'longest life of a key: 90d',
      orWord((text) => readDuration(text, LifetimeSchema)),
    )
    .option('--scope <scope>', 'scope that keys can have; repeatable', collect)
    .addOption(
      new Option('--ip-mode <mode>', 'keys work from the ranges only, or each key must have ranges too').choices([
        ...knownValues.IpRangeMode,
        ...words,
      ]),
    )
    .option('--ip-range <range>', 'range of addresses, such as 192.0.2.0/24; repeatable', collect);

/** What a part becomes: null for none, undefined for the part of the API. */
function partOf<Part>(given: Part | Word | undefined, before: Part | null | undefined): Part | null | undefined {
  if (given === undefined) return before;
  if (given === 'none') return null;
  return given === 'inherit' ? undefined : (given as Part);
}

/** The single word of a list, if it is one. @throws UsageError if a list is both a word and values */
function listOf(option: string, values: string[] | undefined): string[] | Word | undefined {
  const word = values?.find((value) => words.includes(value));
  if (word === undefined) return values;
  if (values?.length !== 1) throw new UsageError(`--${option} ${word} stands alone: pass no other value with it.`);
  return word as Word;
}

function rangesOf({ ipMode, ipRange }: PolicyParts, before: UserPolicy['ipRanges']): UserPolicy['ipRanges'] {
  const ranges = listOf('ip-range', ipRange);
  const word = [ipMode, ranges].find((each): each is Word => typeof each === 'string' && words.includes(each));
  if (word !== undefined) return partOf<NonNullable<UserPolicy['ipRanges']>>(word, before);
  if (ipMode === undefined && ranges === undefined) return before;
  const mode = (ipMode as 'allowed' | 'required' | undefined) ?? before?.mode ?? 'allowed';
  return { mode, ranges: (ranges as string[] | undefined) ?? before?.ranges ?? [] };
}

function quotaOf({ quota, timeZone }: PolicyParts, before: Quota | null | undefined): Quota | null | undefined {
  const part = partOf<Omit<Quota, 'timeZone'>>(quota, before);
  if (timeZone !== undefined && !part) throw new UsageError('--time-zone needs a --quota.');
  const zone = timeZone ?? before?.timeZone;
  return part && { limit: part.limit, period: part.period, ...(zone !== undefined && { timeZone: zone }) };
}

/**
 * The policy with the given parts instead of its own. A part that is null has no bound.
 *
 * @throws UsageError if no part is given, or the options contradict each other
 */
export function withParts(before: UserPolicy, parts: PolicyParts): UserPolicy {
  if (Object.keys(given(parts)).length === 0)
    throw new UsageError('There is nothing to set. Add a part of the policy.');
  return given({
    perKey: given({ ratelimit: partOf(parts.keyRatelimit, before.perKey?.ratelimit) }),
    perUser: given({
      ratelimit: partOf(parts.userRatelimit, before.perUser?.ratelimit),
      quota: quotaOf(parts, before.perUser?.quota as Quota | null | undefined),
    }),
    maxLifetime: partOf(parts.maxLifetime, before.maxLifetime),
    scopes: partOf<string[]>(listOf('scope', parts.scope), before.scopes),
    ipRanges: rangesOf(parts, before.ipRanges),
  }) as UserPolicy;
}

/** The policy of an API has no null: a part without a bound is absent. */
export function withoutNulls<T extends object>(policy: T): T {
  const entries = Object.entries(policy).filter(([, part]) => part !== null);
  return Object.fromEntries(
    entries.map(([name, part]) => [name, typeof part === 'object' && !Array.isArray(part) ? withoutNulls(part) : part]),
  ) as T;
}

const rateText = ({ limit, duration }: KeyRateLimit) => `${limit}/${durationText(duration)}`;

/** A policy as people read it. An absent part is not shown. */
export function shownPolicy({ perKey, perUser, maxLifetime, scopes, ipRanges }: UserPolicy): Record<string, string> {
  const text = <Part>(part: Part | null | undefined, show: (part: Part) => string) =>
    part === undefined || part === null ? (part === null ? 'none' : undefined) : show(part);
  return given({
    keyRatelimit: text(perKey?.ratelimit, rateText),
    userRatelimit: text(perUser?.ratelimit, rateText),
    quota: text(perUser?.quota, ({ limit, period, timeZone }) => `${limit}/${period}, ${timeZone}`),
    maxLifetime: text(maxLifetime, durationText),
    scopes: text(scopes, (all) => all.join(', ')),
    ipRanges: text(ipRanges, ({ mode, ranges }) => [`${mode}:`, ranges.join(', ') || 'any'].join(' ')),
  }) as Record<string, string>;
}

/** The settings of a key as options. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { KeyExpirySchema } from '../../../generated/client/schemas.gen.ts';
import type { KeyMeta, KeyRateLimit, UpdateUserKeyRequest } from '../../../generated/client/types.gen.ts';
import { collect } from './command.ts';
import { durationOf } from './duration.ts';
import { given, listOrNone } from './lists.ts';
import { readRateLimit } from './policy-options.ts';

/** A value, or `none`. Commander makes an empty text of null. */
export const orNone =
  <Value>(read: (text: string) => Value) =>
  (text: string): Value | 'none' =>
    text === 'none' ? 'none' : read(text);

/** Null for `none`. */
export const nullForNone = <Value>(value: Value | 'none'): Value | null => (value === 'none' ? null : value);

/** A time in Unix ms: a date in ISO 8601, or a duration from now. @throws InvalidArgumentError */
export function readTime(text: string): number {
  const lasts = durationOf(text);
  const time =
    lasts === undefined ? (/^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN) : Date.now() + lasts;
  if (time > Date.now() && time <= KeyExpirySchema.maximum) return time;
  throw new InvalidArgumentError('It must be a date such as 2027-01-31 or a duration such as 90d, in the future.');
}

/** A JSON object. @throws InvalidArgumentError */
export function readMeta(text: string): KeyMeta {
  try {
    const meta: unknown = JSON.parse(text);
    if (typeof meta === 'object' && meta !== null && !Array.isArray(meta)) return meta as KeyMeta;
  } catch {
    // The message is the same.
  }
  throw new InvalidArgumentError(`It must be a JSON object, such as '{"plan":"pro"}'.`);
}

/** The options of `addKeySettings`, as commander parses them. */
export interface KeySettingOptions {
  name?: string;
  enabled?: true;
  disabled?: true;
  managed?: true;
  unmanaged?: true;
  expires?: number | 'none';
  ratelimit?: KeyRateLimit | 'none';
  scope?: string[];
  ipRange?: string[];
  meta?: KeyMeta | 'none';
}

/**
 * Adds an option for each setting of a key.
 *
 * @param clear what the help says about the value `none`
 */
export const addKeySettings = (command: Command, clear = ''): Command =>
  command
    .option('--name <name>', `name of the key${clear}`)
    .addOption(new Option('--enabled', 'requests with the key are accepted').conflicts('disabled'))
    .addOption(new Option('--disabled', 'requests with the key are refused'))
    .addOption(new Option('--managed', 'its user can see the key, but not change it').conflicts('unmanaged'))
    .addOption(new Option('--unmanaged', 'its user can change the key'))
    .option('--expires <time>', `when the key ends: 2027-01-31, or 90d from now${clear}`, orNone(readTime))
    .option('--ratelimit <limit>', `rate limit of the key: 100/1m${clear}`, orNone(readRateLimit))
    .option('--scope <scope>', `scope of the key; repeatable${clear}`, collect)
    .option('--ip-range <range>', `the key works from this range of addresses only; repeatable${clear}`, collect)
    .option('--meta <json>', `your own data about the key, a JSON object${clear}`, orNone(readMeta));

const either = (on: true | undefined, off: true | undefined) => on ?? (off && false);

/**
 * The settings of the options that were passed. Those that are null are cleared.
 *
 * @throws UsageError if a list is both cleared and set
 */
export const keySettingsOf = (options: KeySettingOptions): Omit<UpdateUserKeyRequest, 'keyId'> =>
  given({
    name: nullForNone(options.name),
    enabled: either(options.enabled, options.disabled),
    managed: either(options.managed, options.unmanaged),
    expires: nullForNone(options.expires),
    ratelimit: nullForNone(options.ratelimit),
    scopes: listOrNone('scope', options.scope),
    ipRanges: listOrNone('ip-range', options.ipRange),
    meta: nullForNone(options.meta),
  });

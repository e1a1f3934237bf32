import { KeyExpirySchema, KeyNameSchema } from '../../../../generated/client/schemas.gen.ts';
import { invalidInput, type ValidationFailure } from '../../problem.ts';
import type { ApiKeyRecord, RateLimit } from '../../store/api-key-record.ts';
import { type Bounds, boundFailures } from '../policies/bounds.ts';
import { rangeFailures, scopeFailures, storedRanges } from '../policies/policy-settings.ts';
import { nameFailures, storedName } from '../text.ts';

/** The settings of a key. In a change, an absent field stays and null clears it. */
export interface KeySettings {
  name?: string | null | undefined;
  enabled?: boolean | undefined;
  /** Unix ms. */
  expires?: number | null | undefined;
  meta?: Record<string, unknown> | null | undefined;
  ratelimit?: RateLimit | null | undefined;
  scopes?: string[] | null | undefined;
  /** In CIDR notation. */
  ipRanges?: string[] | null | undefined;
  /** Whether its user can only read it. */
  managed?: boolean | undefined;
}

/** The maximum size of the `meta` of a key, in bytes of compact JSON in UTF-8. */
const metaMaxBytes = 4096;

/** What settings are checked against. */
export interface KeyBounds {
  bounds: Bounds;
  /** When the key was or is created, in Unix ms. */
  createdAt: number;
  /** The scopes that the key has already. It can keep them. */
  kept?: readonly string[] | undefined;
}

/** The settings of a new key, with those that a policy can require. */
export const ofNewKey = (settings: KeySettings): KeySettings => ({ ...settings, ipRanges: settings.ipRanges ?? null });

/**
 * Checks the settings of a key.
 *
 * @throws Problem invalid_input with all failures at once
 */
export function checkKeySettings(settings: KeySettings, keyBounds: KeyBounds): void {
  const failures = keySettingFailures(settings, keyBounds);
  if (failures.length > 0) throw invalidInput(...failures);
}

/**
 * What is wrong with the settings of a key by the rules of the contract that its schemas cannot express, and by the policies. Every way
 * to set something of a key calls it.
 *
 * @param within the location of the settings in the body, such as `keys[0].`
 */
export function keySettingFailures(
  settings: KeySettings,
  { bounds, createdAt, kept }: KeyBounds,
  within = '',
): ValidationFailure[] {
  const { name, expires, meta, scopes, ipRanges } = settings;
  const failures = nameFailures(`${within}name`, name, KeyNameSchema);
  if (typeof expires === 'number' && (expires <= Date.now() || expires > KeyExpirySchema.maximum)) {
    const fix = 'Send a time in the future, in Unix ms. To end a key now, delete it or switch it off.';
    failures.push({ location: `body.${within}expires`, message: 'must be in the future', fix });
  }
  if (meta && Buffer.byteLength(JSON.stringify(meta)) > metaMaxBytes) {
    const message = `must be at most ${metaMaxBytes} bytes as JSON`;
    failures.push({ location: `body.${within}meta`, message, fix: 'Store it elsewhere, and send a reference to it.' });
  }
  failures.push(...scopeFailures(`${within}scopes`, scopes), ...rangeFailures(`${within}ipRanges`, ipRanges));
  failures.push(...boundFailures(settings, bounds, createdAt, { kept, within }));
  return failures;
}

/** The key with the changes. */
export function applyKeySettings(record: ApiKeyRecord, settings: KeySettings): ApiKeyRecord {
  const { name: oldName, expires: oldExpires, meta: oldMeta, ratelimit: oldRatelimit, ...others } = record;
  const { scopes: oldScopes, ipRanges: oldRanges, managed, ...rest } = others;
  const laid = <T>(change: T | null | undefined, old: T | undefined) => (change === undefined ? old : change);
  const name = laid(settings.name && storedName(settings.name), oldName);
  const expires = laid(settings.expires, oldExpires);
  const meta = laid(settings.meta, oldMeta);
  const ratelimit = laid(settings.ratelimit, oldRatelimit);
  const scopes = laid(settings.scopes, oldScopes);
  const ipRanges = laid(settings.ipRanges && storedRanges(settings.ipRanges), oldRanges);
  return {
    ...rest,
    enabled: settings.enabled ?? record.enabled,
    ...((settings.managed ?? managed) === true && { managed: true }),
    ...(name != null && { name }),
    ...(expires != null && { expires }),
    ...(meta != null && { meta }),
    ...(ratelimit != null && { ratelimit }),
    ...(scopes != null && scopes.length > 0 && { scopes }),
    ...(ipRanges != null && ipRanges.length > 0 && { ipRanges }),
  };
}

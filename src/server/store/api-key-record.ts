import { rangeOfText, textOfRange } from './networks.ts';
import { lastUsedLength } from './scripts/keys.ts';

/** How often a key can be used. */
export interface RateLimit {
  limit: number;
  /** ms. */
  duration: number;
}

/** An API key as Redis stores it: never the key itself. All times are in Unix ms. */
export interface ApiKeyRecord {
  keyId: string;
  apiId: string;
  externalId: string;
  /** The first few characters of the key. */
  start: string;
  name?: string;
  enabled: boolean;
  createdAt: number;
  updatedAt: number;
  expires?: number;
  lastUsedAt?: number;
  meta?: Record<string, unknown>;
  ratelimit?: RateLimit;
  /** What the key is allowed to do, by the customer's own names. */
  scopes?: string[];
  /** The only addresses from which the key can be used, in CIDR notation. */
  ipRanges?: string[];
  /** Whether only root keys can change it. */
  managed?: boolean;
  /** The number of random bytes in the key. */
  byteLength: number;
  /** Whether a new key has replaced it. */
  rerolled: boolean;
  /** The id of the key that has replaced it, and of the one that it has replaced. */
  replacedBy?: string;
  replaces?: string;
}

/** A record with what is needed to write it again. */
export interface StoredApiKey {
  record: ApiKeyRecord;
  hash: string;
  /** The stored value without the last use, as it was read. */
  text: string;
}

/** The JSON of the value, which no script reads. */
export const jsonOf = ({ start, name, meta, byteLength, replacedBy, replaces }: ApiKeyRecord) =>
  JSON.stringify({ start, name, meta, byteLength, replacedBy, replaces });

/** A list as one word that scripts read: `-` without one. The items have no commas and no white space. */
const wordOf = (items: string[] | undefined) => (items === undefined ? '-' : `=${items.join(',')}`);

/** The items of such a word. */
const itemsOf = (word: string): string[] | undefined => {
  if (word === '-') return undefined;
  return word === '=' ? [] : word.slice(1).split(',');
};

/** Scopes as one word. Any text can be a scope. */
export const wordOfScopes = (scopes: string[] | undefined): string => wordOf(scopes?.map(encodeURIComponent));

/** Sets of scopes, of which a key needs one, as one word; '' if it needs none. */
export const wordOfScopeSets = (sets: readonly (readonly string[])[]): string =>
  sets.some((set) => set.length === 0) ? '' : sets.map((set) => set.map(encodeURIComponent).join()).join('|');

/** Ranges of addresses in CIDR notation as one word. */
const wordOfRanges = (ranges: string[] | undefined): string => wordOf(ranges?.map(textOfRange));

/** The value without the last use. scripts/keys.ts describes the format. */
export function textOf(record: ApiKeyRecord): string {
  const { updatedAt, enabled, rerolled, managed = false, createdAt, expires = 0, ratelimit } = record;
  const { keyId, apiId, externalId, scopes, ipRanges } = record;
  const { limit, duration } = ratelimit ?? { limit: 0, duration: 0 };
  const user = Buffer.from(externalId).toString('base64url');
  const flags = [enabled, rerolled, managed].map(Number);
  const lists = [wordOfScopes(scopes), wordOfRanges(ipRanges)];
  const fields = [updatedAt, ...flags, createdAt, expires, limit, duration, keyId, apiId, user, ...lists];
  return `${fields.join(' ')}\n${jsonOf(record)}`;
}

/** The whole value of a key. */
export const wholeValueOf = (record: ApiKeyRecord): string =>
  `${String(record.lastUsedAt ?? 0).padStart(lastUsedLength - 1, '0')} ${textOf(record)}`;

/** The API of a stored value. */
export const apiIdOf = (value: string): string => value.split(' ', 11)[10] ?? '';

/** Parses a stored value. */
export function recordOf(value: string): ApiKeyRecord {
  const end = value.indexOf('\n');
  const fields = value.slice(0, end).split(' ');
  const [lastUsedAt, updatedAt, enabled, rerolled, managed, createdAt, expires, limit, duration] = fields;
  const [keyId = '', apiId = '', user = '', scopes = '-', ranges = '-'] = fields.slice(9);
  const ownScopes = itemsOf(scopes)?.map(decodeURIComponent);
  const ipRanges = itemsOf(ranges)?.map(rangeOfText);
  return {
    ...JSON.parse(value.slice(end + 1)),
    keyId,
    apiId,
    externalId: Buffer.from(user, 'base64url').toString(),
    enabled: enabled === '1',
    rerolled: rerolled === '1',
    createdAt: Number(createdAt),
    updatedAt: Number(updatedAt),
    ...(managed === '1' && { managed: true }),
    ...(Number(expires) > 0 && { expires: Number(expires) }),
    ...(Number(lastUsedAt) > 0 && { lastUsedAt: Number(lastUsedAt) }),
    ...(Number(limit) > 0 && { ratelimit: { limit: Number(limit), duration: Number(duration) } }),
    ...(ownScopes !== undefined && { scopes: ownScopes }),
    ...(ipRanges !== undefined && { ipRanges }),
  };
}

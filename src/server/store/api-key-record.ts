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
  /** The number of random bytes in the key. */
  byteLength: number;
  /** Whether a new key has replaced it. */
  rerolled: boolean;
}

/** A record with what is needed to write it again. */
export interface StoredApiKey {
  record: ApiKeyRecord;
  hash: string;
  /** The stored value without the last use, as it was read. */
  text: string;
}

/** The JSON of the value, which no script reads. */
export const jsonOf = ({ start, name, createdAt, meta, byteLength }: ApiKeyRecord) =>
  JSON.stringify({ start, name, createdAt, meta, byteLength });

/** The value without the last use. scripts/keys.ts describes the format. */
export function textOf(record: ApiKeyRecord): string {
  const { updatedAt, enabled, rerolled, expires = 0, ratelimit, keyId, apiId, externalId } = record;
  const { limit, duration } = ratelimit ?? { limit: 0, duration: 0 };
  const user = Buffer.from(externalId).toString('base64url');
  const fields = [updatedAt, Number(enabled), Number(rerolled), expires, limit, duration, keyId, apiId, user];
  return `${fields.join(' ')}\n${jsonOf(record)}`;
}

/** Parses a stored value. */
export function recordOf(value: string): ApiKeyRecord {
  const end = value.indexOf('\n');
  const [lastUsedAt, updatedAt, enabled, rerolled, expires, limit, duration, keyId = '', apiId = '', user = ''] = value
    .slice(0, end)
    .split(' ');
  return {
    ...JSON.parse(value.slice(end + 1)),
    keyId,
    apiId,
    externalId: Buffer.from(user, 'base64url').toString(),
    enabled: enabled === '1',
    rerolled: rerolled === '1',
    updatedAt: Number(updatedAt),
    ...(Number(expires) > 0 && { expires: Number(expires) }),
    ...(Number(lastUsedAt) > 0 && { lastUsedAt: Number(lastUsedAt) }),
    ...(Number(limit) > 0 && { ratelimit: { limit: Number(limit), duration: Number(duration) } }),
  };
}

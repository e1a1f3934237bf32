/** API keys as 0.1.0 has stored them. */
import type { ApiKeyRecord } from './api-key-record.ts';

/**
 * Parses a value of 0.1.0:
 *
 *   <last used, 13 digits> <updated> <enabled> <rerolled> <expires, 0 never> <limit, 0 none> <duration> <key id> <API id> <user>\n<JSON>
 */
export function oldRecordOf(value: string): ApiKeyRecord {
  const end = value.indexOf('\n');
  const [lastUsedAt, updatedAt, enabled, rerolled, expires, limit, duration, keyId = '', apiId = '', user = ''] = value
    .slice(0, end)
    .split(' ');
  return {
    // Also when it was created.
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

import type { ImportedKey, KeyToImport } from '../../../../generated/client/types.gen.ts';
import type { ErrorCode } from '../../../../generated/errors.ts';
import { Problem, type ValidationFailure } from '../../problem.ts';
import type { RequestSource } from '../../store/audit.ts';
import type { Store } from '../../store/index.ts';
import { partitionOf } from '../../store/partitions.ts';
import type { UserPolicy } from '../../store/policies.ts';
import type { VerifiedRootKey } from '../../store/proof.ts';
import { newKeyId, sha256 } from '../credentials.ts';
import { settingBounds } from '../policies/bounds.ts';
import { identifierFailures } from '../text.ts';
import { usableApi } from './key-access.ts';
import { creationOf } from './key-audit.ts';
import { keySettingFailures, ofNewKey } from './key-settings.ts';
import { newRecord } from './keys.ts';

/** How many keys are written at once: Redis must reply to all of them, and to other calls, within its deadline. */
const writtenAtOnce = 50;
/** The number of random bytes in the successor of an imported key. */
const byteLengthOfSuccessor = 24;

/** A SHA-256 in hex, from hex, base64 or base64url. */
const hexOf = (hash: string): string =>
  hash.length === 64 ? hash.toLowerCase() : Buffer.from(hash, 'base64').toString('hex');

/** Why one key of an import is not written. */
const codesOfKey: readonly ErrorCode[] = [
  'unkey/data/key_limit_exceeded',
  'unkey/data/limit_exceeded',
  'unkey/data/identity_deletion_in_progress',
];

/** What a whole import fails by: a caller who may not import, or a store that cannot serve. */
const isOfKey = (error: unknown): error is Problem => error instanceof Problem && codesOfKey.includes(error.code);

const failed = (error: ValidationFailure): ImportedKey => ({ status: 'failed', error });

/**
 * Writes keys that were made elsewhere, by their SHA-256. Each key is written or not for itself. A key that exists stays as it is, so an
 * import can be repeated.
 *
 * @param limit how many active keys a user can have in the API
 * @returns the results in the order of the keys
 * @throws Problem api_not_found, insufficient_permissions; of a root key that is no longer valid. Some keys may be written then
 */
export async function importKeys(
  store: Store,
  rootKey: VerifiedRootKey,
  { apiId, keys }: { apiId: string; keys: readonly KeyToImport[] },
  limit: number,
  from: RequestSource = {},
): Promise<ImportedKey[]> {
  const { workspaceId } = rootKey;
  const api = await usableApi(store, rootKey, apiId, 'import_key');
  const createdAt = Date.now();
  const policies = new Map<string, Promise<UserPolicy | undefined>>();
  /** The policy of a user, who may have many of the keys. */
  const policyOf = (externalId: string) => {
    const policy = policies.get(externalId) ?? store.userPolicies.find({ workspaceId, externalId });
    policies.set(externalId, policy);
    return policy;
  };

  /** Decides about one key, whose hash is in hex. */
  async function importKey({ hash, start, externalId, ...settings }: KeyToImport, i: number): Promise<ImportedKey> {
    const within = `keys[${i}].`;
    const keyBounds = { bounds: await settingBounds(store, workspaceId, api, await policyOf(externalId)), createdAt };
    const failures = [
      ...identifierFailures(`${within}externalId`, externalId),
      ...keySettingFailures(ofNewKey(settings), keyBounds, within),
    ];
    if (sha256(start) === hash) {
      const fix = 'Send only its first characters: the server must not store a key.';
      failures.push({ location: `body.${within}start`, message: 'is the whole key', fix });
    }
    const [failure] = failures;
    if (failure !== undefined) return failed(failure);
    const keyId = newKeyId(partitionOf({ workspaceId, externalId }));
    const record = newRecord({ keyId, apiId, externalId, start, byteLength: byteLengthOfSuccessor }, settings);
    try {
      const by = creationOf(rootKey, from, 'key.import', record);
      const outcome = await store.apiKeys.import(by, record, hash, limit);
      if (outcome === 'ok') return { status: 'created', keyId };
      if (outcome === 'limit_exceeded')
        throw new Problem('unkey/data/key_limit_exceeded', { parameters: { limit: String(limit) } });
      if (outcome !== 'taken' && outcome.existing.apiId === apiId)
        return { status: 'exists', keyId: outcome.existing.keyId };
      const fix = 'Each key has one user and one API. Delete the other key, or leave this one out.';
      return failed({ location: `body.${within}hash`, message: 'is the hash of a key of another user or API', fix });
    } catch (error) {
      if (!isOfKey(error)) throw error;
      return failed({ location: `body.keys[${i}]`, message: error.message });
    }
  }

  const lastOfHash = new Map<string, Promise<ImportedKey>>();
  /** Keys with one hash are decided in their order: a second one can be of another user, in another slot. */
  function importInOrder(given: KeyToImport, i: number): Promise<ImportedKey> {
    const key = { ...given, hash: hexOf(given.hash) };
    const importNow = () => importKey(key, i);
    const result = lastOfHash.get(key.hash)?.then(importNow) ?? importNow();
    lastOfHash.set(key.hash, result);
    return result;
  }

  const results: ImportedKey[] = [];
  for (let i = 0; i < keys.length; i += writtenAtOnce) {
    const batch = keys.slice(i, i + writtenAtOnce);
    results.push(...(await Promise.all(batch.map((key, j) => importInOrder(key, i + j)))));
  }
  return results;
}

import type { ApiKeyRecord } from '../../store/api-key-record.ts';
import type { Change, RequestSource } from '../../store/audit.ts';
import type { KeyProof } from '../../store/proof.ts';
import { changeOf } from '../workspaces/audit.ts';

/** The changes of one key. */
type KeyAction = 'key.create' | 'key.import' | 'key.update' | 'key.delete' | 'key.reroll';

/** A change of a key by its caller, with its audit entry, which names the user of the key if a backend is the caller. */
function changeOfKey<Caller extends KeyProof>(
  caller: Caller,
  from: RequestSource,
  action: KeyAction,
  { keyId, externalId, apiId }: ApiKeyRecord,
  before: object | undefined,
  after: object | undefined,
): Change<Caller> {
  const subject = 'ref' in caller ? undefined : { externalId, apiId };
  return changeOf({ ...from, proof: caller }, action, { type: 'key', id: keyId }, before, after, subject);
}

/** What the audit log has of a key: what its user can see and somebody can set. Never the key or its hash. */
function auditedOf(key: ApiKeyRecord): object {
  const { keyId: _, externalId: __, createdAt: ___, updatedAt, lastUsedAt, byteLength, rerolled, ...rest } = key;
  const { replacedBy: ____, replaces, ...settings } = rest;
  return settings;
}

/** A new key, which its caller has created or imported. */
export const creationOf = <Caller extends KeyProof>(
  caller: Caller,
  from: RequestSource,
  action: 'key.create' | 'key.import',
  key: ApiKeyRecord,
): Change<Caller> => changeOfKey(caller, from, action, key, undefined, auditedOf(key));

/** Another version of a key. */
export const updateOf = <Caller extends KeyProof>(
  caller: Caller,
  from: RequestSource,
  before: ApiKeyRecord,
  after: ApiKeyRecord,
): Change<Caller> => changeOfKey(caller, from, 'key.update', before, auditedOf(before), auditedOf(after));

/** The end of a key. */
export const deletionOf = <Caller extends KeyProof>(
  caller: Caller,
  from: RequestSource,
  key: ApiKeyRecord,
): Change<Caller> => changeOfKey(caller, from, 'key.delete', key, auditedOf(key), undefined);

/** The replacement of a key by its successor, beside which it stays valid for `overlapMs`. */
export function rerollOf<Caller extends KeyProof>(
  caller: Caller,
  from: RequestSource,
  old: ApiKeyRecord,
  successor: ApiKeyRecord,
  overlapMs: number,
): Change<Caller> {
  const before = { start: old.start, ...(old.expires !== undefined && { expires: old.expires }) };
  const after = { start: successor.start, successor: successor.keyId, expiration: overlapMs };
  return changeOfKey(caller, from, 'key.reroll', old, before, after);
}

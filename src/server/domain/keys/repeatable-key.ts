/**
 * New keys whose request can be repeated, because the response may be lost. Nothing secret is stored: the key is derived from the
 * credential of the caller, which the server sees with each request, and from a salt, which Redis forgets after a day at most.
 */
import type { NewKey } from '../../../../generated/client/types.gen.ts';
import { Problem } from '../../problem.ts';
import type { ResponseToStore, StoredResponse } from '../../store/idempotency.ts';
import type { Store } from '../../store/index.ts';
import type { Partition } from '../../store/partitions.ts';
import { derivedApiKey, type NewApiKey, newApiKey, newDerivedApiKey } from '../credentials.ts';
import { placeOf, type RepeatableRequest, responseTo } from '../idempotency.ts';
import { isUser, type KeyCaller } from './key-access.ts';

/** What a key is made of, apart from its secret. */
interface KeyParts {
  keyId: string;
  apiId: string;
  prefix: string | undefined;
  byteLength: number;
}

const storedAt = (caller: KeyCaller, request: RepeatableRequest) =>
  placeOf(isUser(caller) ? caller.handle : caller.rootKeyId, request);

/**
 * A new key with what a repeated request derives it from. A request without an Idempotency-Key gets a random key.
 *
 * @param place the partition of its user
 */
export function newKey(
  caller: KeyCaller,
  place: Partition,
  { keyId, apiId, prefix, byteLength }: KeyParts,
  request: RepeatableRequest | undefined,
): NewApiKey & { response?: ResponseToStore } {
  if (request === undefined) return newApiKey(place, prefix, byteLength);
  const { salt, ...key } = newDerivedApiKey(place, prefix, byteLength, request.credential);
  const response = JSON.stringify({ keyId, apiId, prefix, byteLength, salt });
  // The response to a session ends with it, and that to a root key after a day.
  const expiresAt = isUser(caller) ? caller.expiresAt : undefined;
  return { ...key, response: { ...storedAt(caller, request), response, expiresAt } };
}

/** The response to the first request again. @throws Problem key_reused; key_not_found if the portal lost the API of the key */
export function newKeyAgain(caller: KeyCaller, request: RepeatableRequest, stored: StoredResponse): NewKey {
  const { bodyHash } = storedAt(caller, request);
  const parts: KeyParts & { salt: string } = JSON.parse(responseTo(bodyHash, stored));
  const { keyId, apiId, prefix, byteLength, salt } = parts;
  if (isUser(caller) && !caller.portal.apiIds.includes(apiId)) throw new Problem('unkey/data/key_not_found');
  return { keyId, key: derivedApiKey(prefix, byteLength, request.credential, salt).plaintext };
}

/**
 * The response to the first request, if this one repeats it.
 *
 * @param place the partition of the user of the key
 * @throws as newKeyAgain; of a caller that is no longer valid
 */
export async function findNewKey(
  store: Store,
  caller: KeyCaller,
  place: Partition,
  request: RepeatableRequest | undefined,
): Promise<NewKey | undefined> {
  if (request === undefined) return undefined;
  const { name } = storedAt(caller, request);
  const stored = await store.idempotency.find(caller, place, name);
  return stored && newKeyAgain(caller, request, stored);
}

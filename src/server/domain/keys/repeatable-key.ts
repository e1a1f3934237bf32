/**
 * New keys whose request can be repeated, because the response may be lost. Nothing secret is stored: the key is derived from
 * the session token, which the server sees with each request, and from a salt, which Redis forgets with the session.
 */
import type { NewKey } from '../../../../generated/client/types.gen.ts';
import { Problem } from '../../problem.ts';
import type { ResponseToStore, StoredResponse } from '../../store/idempotency.ts';
import type { Store } from '../../store/index.ts';
import { derivedApiKey, type NewApiKey, newApiKey, newDerivedApiKey } from '../credentials.ts';
import { placeOf, type RepeatableRequest, responseTo } from '../idempotency.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';

/** What a key is made of, apart from its secret. */
interface KeyParts {
  keyId: string;
  apiId: string;
  prefix: string | undefined;
  byteLength: number;
}

/** A new key with what a repeated request derives it from. A request without an Idempotency-Key gets a random key. */
export function newKey(
  session: AuthenticatedSession,
  { keyId, apiId, prefix, byteLength }: KeyParts,
  request: RepeatableRequest | undefined,
): NewApiKey & { response?: ResponseToStore } {
  if (request === undefined) return newApiKey(session.ref, prefix, byteLength);
  const { salt, ...key } = newDerivedApiKey(session.ref, prefix, byteLength, request.credential);
  const response = JSON.stringify({ keyId, apiId, prefix, byteLength, salt });
  return { ...key, response: { ...placeOf(session.handle, request), response, expiresAt: session.expiresAt } };
}

/** The response to the first request again. @throws Problem key_reused; key_not_found if the portal lost the API of the key */
export function newKeyAgain(session: AuthenticatedSession, request: RepeatableRequest, stored: StoredResponse): NewKey {
  const { bodyHash } = placeOf(session.handle, request);
  const parts: KeyParts & { salt: string } = JSON.parse(responseTo(bodyHash, stored));
  const { keyId, apiId, prefix, byteLength, salt } = parts;
  if (!session.portal.apiIds.includes(apiId)) throw new Problem('unkey/data/key_not_found');
  return { keyId, key: derivedApiKey(prefix, byteLength, request.credential, salt).plaintext };
}

/** The response to the first request, if this one repeats it. @throws as newKeyAgain; of a session that is no longer valid */
export async function findNewKey(
  store: Store,
  session: AuthenticatedSession,
  request: RepeatableRequest | undefined,
): Promise<NewKey | undefined> {
  if (request === undefined) return undefined;
  const { name } = placeOf(session.handle, request);
  const stored = await store.idempotency.find(session, name);
  return stored && newKeyAgain(session, request, stored);
}

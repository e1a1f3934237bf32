import { Problem } from '../problem.ts';
import type { StoredResponse } from '../store/idempotency.ts';
import type { Store } from '../store/index.ts';
import type { VerifiedRootKey } from '../store/proof.ts';
import { seal, sha256, unseal } from './credentials.ts';

/** A request with an Idempotency-Key, which its caller may repeat. */
export interface RepeatableRequest {
  operationId: string;
  requestId: string;
  /** The Idempotency-Key. */
  key: string;
  body: unknown;
  /** The caller's credential itself. Only with it can anyone read the stored response: Redis has only its hash. */
  credential: string;
}

/** The same text for the same JSON, in any order of its fields. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** Where the response to a request is stored, and the digest of its body. `callerId` identifies the credential. */
export const placeOf = (callerId: string, { operationId, key, body }: RepeatableRequest) => ({
  callerId,
  name: `${callerId}:${operationId}:${sha256(key)}`,
  bodyHash: sha256(canonical(body)),
});

/** The stored response to a request whose body has this digest. @throws Problem key_reused if the body was another one */
export function responseTo(bodyHash: string, stored: StoredResponse): string {
  if (stored.bodyHash !== bodyHash) throw new Problem('user/idempotency/key_reused');
  return stored.response;
}

/**
 * Does the work of a root key once: the same key and body within a day get the same response again. A response may contain
 * a credential, so it is sealed with the root key. Work that fails can be tried again.
 *
 * @throws Problem key_reused, request_in_progress; of a root key that is no longer valid; what the work throws
 */
export async function once<Response>(
  store: Store,
  rootKey: VerifiedRootKey,
  request: RepeatableRequest,
  work: () => Promise<Response>,
): Promise<Response> {
  const { requestId, credential } = request;
  const { name, bodyHash } = placeOf(rootKey.rootKeyId, request);
  const known = await store.idempotency.begin(rootKey, name, requestId);
  if (known === 'under_way') throw new Problem('user/idempotency/request_in_progress');
  if (known !== undefined) return JSON.parse(unseal(credential, responseTo(bodyHash, known)));
  let response: Response;
  try {
    response = await work();
  } catch (error) {
    // If this fails too, the marker times out. The caller learns why the work failed.
    await store.idempotency.release(rootKey, name, requestId).catch(() => {});
    throw error;
  }
  // The work is done, and the caller must learn so, even if the response cannot be stored.
  const stored = { bodyHash, response: seal(credential, JSON.stringify(response)) };
  await store.idempotency.finish(rootKey, name, requestId, stored).catch(() => {});
  return response;
}

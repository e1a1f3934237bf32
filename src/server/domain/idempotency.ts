import { Problem } from '../problem.ts';
import type { Store } from '../store/index.ts';
import type { VerifiedRootKey } from '../store/root-keys.ts';
import { seal, sha256, unseal } from './credentials.ts';

/** A request that may be repeated. */
export interface RepeatableRequest {
  operationId: string;
  requestId: string;
  /** The Idempotency-Key. */
  key: string;
  body: unknown;
  caller: VerifiedRootKey;
  /** The root key itself, which seals the stored response. */
  rootKey: string;
}

/** The same text for the same JSON, in any order of its fields. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/**
 * Does the work once: the same key and body within a day get the same response again. A response may contain a credential,
 * so it is sealed with the root key, which only the caller has. Work that fails can be tried again.
 *
 * @throws Problem key_reused, request_in_progress; what the work throws
 */
export async function once<Answer>(
  store: Store,
  { operationId, requestId, key, body, caller, rootKey }: RepeatableRequest,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const { workspaceId, rootKeyId } = caller;
  const name = `${rootKeyId}:${operationId}:${sha256(key)}`;
  const bodyHash = sha256(canonical(body));
  const known = await store.idempotency.begin(workspaceId, name, requestId);
  if (known === 'under_way') throw new Problem('user/idempotency/request_in_progress');
  if (known !== undefined) {
    if (known.bodyHash !== bodyHash) throw new Problem('user/idempotency/key_reused');
    return JSON.parse(unseal(rootKey, known.answer));
  }
  let answer: Answer;
  try {
    answer = await work();
  } catch (error) {
    // If this fails too, the marker times out. The caller learns why the work failed.
    await store.idempotency.release(workspaceId, name, requestId).catch(() => {});
    throw error;
  }
  // The work is done, and the caller must learn so, even if the response cannot be stored.
  const stored = { bodyHash, answer: seal(rootKey, JSON.stringify(answer)) };
  await store.idempotency.finish(workspaceId, name, requestId, stored).catch(() => {});
  return answer;
}

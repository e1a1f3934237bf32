import type { ReportedVerification } from '../../../../generated/client/types.gen.ts';
import type { Store } from '../../store/index.ts';
import type { VerifiedRootKey } from '../../store/proof.ts';
import { sha256 } from '../credentials.ts';
import { keyVerified, type Verified } from '../events.ts';

/**
 * Adds verifications that an API has decided from its own cache to the usage of their keys. Each item is one call of the root
 * key's rate limit. A report is its Idempotency-Key and its contents: Redis counts each position of it once, in the step that
 * marks the position, so a report that failed half way can be repeated.
 *
 * @throws Problem rate_limited before it counts any; of a root key that is no longer valid
 */
export async function reportVerifications(
  store: Store,
  rootKey: VerifiedRootKey,
  idempotencyKey: string,
  verifications: readonly ReportedVerification[],
): Promise<void> {
  // Authentication has counted the first one.
  await store.rootKeys.countMore(rootKey, verifications.length - 1);
  const report = sha256(JSON.stringify([idempotencyKey, verifications.map(({ key, count }) => [key, count])]));
  await Promise.all(
    verifications.map(async ({ key, count: reported }, position) => {
      const count = await store.usage.report(rootKey, { hash: sha256(key), count: reported, report, position });
      // A report that is repeated adds nothing.
      if (count > 0) keyVerified.publish({ outcome: 'VALID', count } satisfies Verified);
    }),
  );
}

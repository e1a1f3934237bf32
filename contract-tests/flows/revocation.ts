import type { Flow } from '../engine/check.ts';
import { type Spec, specOperations } from '../engine/spec.ts';

/** Every operation of the spec that takes a root key refuses one that was valid a moment ago: a server may cache it. */
export const revocation = (spec: Spec): Flow[] =>
  specOperations(spec)
    .filter(({ security }) => security.some((scheme) => 'rootKey' in scheme))
    .map(({ operationId, requestBody }) => ({
      operation: operationId,
      name: 'a root key that is revoked after a call is refused by the next one',
      async run(trial) {
        const fixture = await trial.arrange('servedThenRevokedRootKey');
        // A valid body: a server may verify the key only when it runs the operation.
        const [example] = Object.values(requestBody?.content['application/json']?.examples ?? {});
        const request = { authorization: `Bearer ${fixture.rootKey}`, body: example?.value };
        const promised = { status: 401, error: 'unkey/authentication/key_not_found' };
        await trial.call(operationId, request, promised, fixture);
      },
    }));

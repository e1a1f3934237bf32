/**
 * What must not compile about root keys. `npm run lint -- types` reads this file; nothing runs it. Each line that expects an
 * error stops the check when the error is gone.
 */

import { once } from '../domain/idempotency.ts';
import type { Store } from '../store/index.ts';
import type { CachedRootKey, RootKeyToVerify, VerifiedRootKey } from '../store/proof.ts';
import { operationHandlers } from './index.ts';
import type { Call, Operation, OperationDeps } from './operation.ts';

declare const cached: CachedRootKey;
declare const toVerify: RootKeyToVerify;
declare const verified: VerifiedRootKey;
declare const store: Store;
declare const deps: OperationDeps;
declare const call: Omit<Call<'portal.getConfiguration'>, 'caller'>;

// @ts-expect-error A cached root key is not a verified one.
cached satisfies VerifiedRootKey;
// @ts-expect-error Nor is one that may be cached.
toVerify satisfies VerifiedRootKey;
const { rootKeyId, workspaceId, permissions, createdAt, hash, actor } = verified;
// @ts-expect-error Only the store makes a verified root key.
({ verification: 'verified', actor, rootKeyId, workspaceId, permissions, createdAt, hash }) satisfies VerifiedRootKey;

// An operation that is not in `verifiesRootKey` gets a verified root key …
operationHandlers['portal.getConfiguration']({ ...call, caller: verified }, deps);
// @ts-expect-error … and cannot be run with a cached one.
operationHandlers['portal.getConfiguration']({ ...call, caller: cached }, deps);

/** A handler that reads the workspace without verifying the root key, as most operations may. */
const readsWorkspace = ({ caller }: { caller: VerifiedRootKey }) => ({ data: caller.workspaceId as never });
readsWorkspace satisfies Operation<'apis.getApi'>;
// @ts-expect-error An operation in `verifiesRootKey` cannot have such a handler.
readsWorkspace satisfies Operation<'keys.verifyKey'>;
// @ts-expect-error Nor one that reads the record of the caller it gets.
(({ caller }) => ({ data: caller.workspaceId as never })) satisfies Operation<'portal.createSession'>;

const request = { operationId: '', requestId: '', key: '', body: undefined, credential: '' };
// @ts-expect-error A stored response is returned to a verified caller only.
void once(store, cached, request, async () => {});

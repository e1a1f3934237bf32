/**
 * What must not compile about proofs. `npm run lint -- types` reads this file; nothing runs it. Each line that expects an error
 * stops the check when the error is gone.
 */

import { createApi } from '../domain/portals/apis.ts';
import type { ApiKeyRecord, StoredApiKey } from '../store/api-key-record.ts';
import type { Api } from '../store/apis.ts';
import type { AuditRecord, Change } from '../store/audit.ts';
import type { Store } from '../store/index.ts';
import type { Portal } from '../store/portals.ts';
import type { CachedRootKey, Operator, Proof, RootKey, SessionProof, VerifiedRootKey } from '../store/proof.ts';
import type { FoundSession } from '../store/session-reader.ts';
import type { Workspace } from '../store/workspaces.ts';

declare const store: Store;
declare const rootKey: VerifiedRootKey;
declare const cached: CachedRootKey;
declare const session: SessionProof;
declare const operator: Operator;
declare const record: RootKey;
declare const entry: AuditRecord;
declare const api: Api;
declare const portal: Portal;
declare const workspace: Workspace;
declare const found: FoundSession;
declare const key: ApiKeyRecord;
declare const stored: StoredApiKey;

// The three kinds of caller are proofs.
[rootKey, session, operator] satisfies Proof[];
const { actor, ref, pageOrigin } = session;
// @ts-expect-error Only the verification of a session makes its proof.
({ actor, ref, pageOrigin }) satisfies SessionProof;
// @ts-expect-error Only the command line makes an operator.
({ actor: { type: 'cli' } }) satisfies Operator;
// @ts-expect-error A root key that may have been revoked proves nothing.
cached satisfies Proof;
// @ts-expect-error Nor does a record, however it was read.
record satisfies Proof;

/** A change without a proof. */
const unproved = { entry };
// @ts-expect-error A change has a proof.
unproved satisfies Change;
const ofOperator: Change<Operator> = { entry, proof: operator };
const ofRootKey: Change<VerifiedRootKey> = { entry, proof: rootKey };

void store.apis.create('', api, ofRootKey);
// @ts-expect-error
void store.apis.create('', api, unproved);
// @ts-expect-error
void store.apis.delete('', api, unproved);
// @ts-expect-error
void store.portals.create(portal, unproved);
// @ts-expect-error
void store.portals.replace(portal, portal, unproved);
// @ts-expect-error
void store.portals.delete(portal, unproved);
// @ts-expect-error
void store.sessions.end('', found, '', unproved);
// @ts-expect-error
void store.sessions.endAll('', '', unproved);
// @ts-expect-error
void store.sessions.create({ hash: '', handle: '', grant: found.grant, userHash: '' }, unproved);
// @ts-expect-error
void store.apiKeys.create(unproved, key, '', 1);
// @ts-expect-error
void store.apiKeys.import(unproved, key, '', 1);
// @ts-expect-error
void store.apiKeys.replace(unproved, stored, key, 1);
// @ts-expect-error
void store.apiKeys.delete(unproved, stored);
// @ts-expect-error
void store.apiKeys.reroll(unproved, stored, key, '', 0);
// @ts-expect-error
void store.idempotency.begin(cached, '', '');
// @ts-expect-error
void store.usage.verify(record, '');

// Users and backends write keys.
void store.apiKeys.delete({ entry, proof: session }, stored);
void store.apiKeys.delete(ofRootKey, stored);
// @ts-expect-error An operator does not.
void store.apiKeys.delete(ofOperator, stored);

void store.workspaces.put(workspace, ofOperator);
// @ts-expect-error Only an operator writes workspaces and root keys.
void store.workspaces.put(workspace, ofRootKey);
// @ts-expect-error
void store.rootKeys.create(record, '', ofRootKey);
// @ts-expect-error
void store.rootKeys.revoke('', '', ofRootKey);

// @ts-expect-error So an operation without a proof does not compile.
void createApi(store, '', { name: '' }, { requestId: '' });

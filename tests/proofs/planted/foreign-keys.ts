/**
 * A server that tells strangers of API keys, in three ways: an operation that reads a key ignores its owner, one that changes it returns
 * 403 instead of 404, and any other one returns the same status with another text.
 */
import { plant } from '../../support/plant.ts';

plant(
  'src/server/domain/keys/key-access.ts',
  "if (key === undefined || !isVisible(caller, key.record.apiId)) throw new Problem('unkey/data/key_not_found');",
  `if (key === undefined || !isVisible(caller, key.record.apiId)) {
    let theirs;
    for (const { workspaceId } of await store.workspaces.list()) theirs ??= await store.apiKeys.findById(workspaceId, keyId);
    if (theirs !== undefined && action === 'read_key') return theirs;
    if (theirs !== undefined && action === 'update_key') throw missing('api.*.update_key');
    const failures = [{ location: 'body.keyId', message: 'belongs to somebody else' }];
    throw new Problem('unkey/data/key_not_found', theirs && { failures });
  }`,
);

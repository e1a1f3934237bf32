import type {
  GetVerificationsRequest,
  TopKey,
  Verification,
  Verifications,
  VerifyKeyRequest,
} from '../../../../generated/client/types.gen.ts';
import { invalidInput, Problem, type ValidationFailure } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { RootKeyToVerify, VerifiedRootKey } from '../../store/proof.ts';
import type { OperationNeeds } from '../../store/scopes.ts';
import { sha256 } from '../credentials.ts';
import { keyVerified, type Verified } from '../events.ts';
import { ownerOf, readableApis, requireOnApi } from '../keys/key-access.ts';
import { addressOf } from '../networks.ts';
import { boundsOf, endOfKey, scopesOfKey } from '../policies/bounds.ts';
import { periodsOf } from '../policies/periods.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';
import { readCounts } from './counts.ts';
import {
  bucketsOf,
  checkWindow,
  clockOfRequest,
  granularityOf,
  piecesOf,
  storedSince,
  storedSpan,
  windowBefore,
} from './window.ts';

/** How many of the most used keys are returned, and how many of each day are read to find them. */
const topKeysShown = 10;
const topKeysLookedAt = 20;

/** The failures of what a caller knows of a request: an address that is none, or scopes and an operation. */
function requestFailures(location: string, { ip, scopes, operationId }: VerifyKeyRequest): ValidationFailure[] {
  const failures: ValidationFailure[] = [];
  if (ip !== undefined && addressOf(ip) === undefined) {
    const fix = 'Send the address of your client, without a port, or leave it out.';
    failures.push({ location: `${location}.ip`, message: 'must be an IP address', fix });
  }
  if (scopes !== undefined && operationId !== undefined) {
    const fix = 'Send one of `scopes` and `operationId`.';
    failures.push({ location: `${location}.operationId`, message: 'must be left out if there are `scopes`', fix });
  }
  return failures;
}

/** Finds out what an operation of a document needs; `location` is where the body names it. */
export type NeedsOf = (operationId: string, location: string) => OperationNeeds;

/**
 * Decides whether an API of the root key's workspace should accept a key, and counts the verification. Verifies the root
 * key in the same step.
 *
 * @returns NOT_FOUND for a key of another workspace, or of another API than `apiId`
 * @throws Problem invalid_input, key_not_found, workspace_not_found, workspace_disabled, rate_limited
 */
export async function verifyKey(
  store: Store,
  rootKey: RootKeyToVerify,
  request: VerifyKeyRequest,
  needsOf?: NeedsOf,
): Promise<Verification> {
  const failures = requestFailures('body', request);
  if (failures.length > 0) throw invalidInput(...failures);
  return decide(store, rootKey, request, needsOf);
}

/** Verifies a key for a request without failures. */
async function decide(
  store: Store,
  rootKey: RootKeyToVerify,
  { key, apiId, cost, scopes, operationId, ip }: VerifyKeyRequest,
  needsOf: NeedsOf | undefined,
  location = 'body',
): Promise<Verification> {
  const address = ip === undefined ? undefined : addressOf(ip);
  const operation = operationId === undefined ? undefined : needsOf?.(operationId, `${location}.operationId`);
  const request = { apiId, cost, operation, ip: address, ...(scopes !== undefined && { scopes: [scopes] }) };
  const decision = await store.usage.verify(rootKey, sha256(key), periodsOf, request);
  keyVerified.publish({ outcome: decision.code, count: 1 } satisfies Verified);
  if (decision.code === 'NOT_FOUND') return { valid: false, code: decision.code };
  const { code, record, api, userPolicy, ratelimit, quota } = decision;
  const { keyId, externalId, name, meta } = record;
  const bounds = boundsOf(api, userPolicy);
  const [expires, ownScopes] = [endOfKey(record, bounds), scopesOfKey(record, bounds)];
  return {
    valid: code === 'VALID',
    code,
    keyId,
    apiId: record.apiId,
    externalId,
    ...(name !== undefined && { name }),
    ...(meta !== undefined && { meta }),
    ...(expires !== undefined && { expires }),
    ...(ownScopes.length > 0 && { scopes: ownScopes }),
    ...(ratelimit !== undefined && { ratelimit }),
    ...(quota !== undefined && { quota }),
  };
}

/**
 * Verifies several keys, each as `verifyKey` does. Each is one call of the root key's rate limit.
 *
 * @returns the results in the order of the keys
 * @throws Problem invalid_input, and rate_limited before it verifies any; of a root key that is no longer valid
 */
export async function verifyKeys(
  store: Store,
  rootKey: VerifiedRootKey,
  keys: readonly VerifyKeyRequest[],
  needsOf?: NeedsOf,
): Promise<Verification[]> {
  const failures = keys.flatMap((request, i) => requestFailures(`body.keys[${i}]`, request));
  if (failures.length > 0) throw invalidInput(...failures);
  // Authentication has counted the first one.
  await store.rootKeys.countMore(rootKey, keys.length - 1);
  // All in one tick: they take one round trip, and Redis decides on them in this order.
  return Promise.all(keys.map((request, i) => decide(store, rootKey, request, needsOf, `body.keys[${i}]`)));
}

/**
 * The usage of the session's own keys in a window: of all keys in the APIs that the session can see, or of one.
 *
 * @throws Problem invalid_input, insufficient_permissions, key_not_found
 */
export async function getVerifications(
  store: Store,
  session: AuthenticatedSession,
  { startTime, endTime, timeZone = 'UTC', keyId }: GetVerificationsRequest,
  retentionDays: number,
): Promise<Verifications> {
  const owner = ownerOf(session);
  const { workspaceId, externalId } = owner;
  const now = Date.now();
  const asked = { start: startTime, end: endTime };
  const apis = await readableApis(store, session, 'read_analytics');
  const key = keyId === undefined ? undefined : await store.apiKeys.find(owner, keyId);
  if (keyId !== undefined) {
    if (key === undefined || !session.portal.apiIds.includes(key.record.apiId)) {
      throw new Problem('unkey/data/key_not_found');
    }
    requireOnApi(session, key.record.apiId, 'read_analytics');
  }
  const clock = clockOfRequest(timeZone);
  checkWindow(asked, clock, now, retentionDays);

  const granularity = granularityOf(asked, now);
  const window = storedSpan(asked, now);
  const buckets = bucketsOf(window, granularity, clock).map(({ time, ...part }) => ({ time, pieces: piecesOf(part) }));
  const users = apis.map(({ apiId }) => ({ externalId, apiId }));
  const owners = key === undefined ? users : [{ externalId, apiId: key.record.apiId, keyId: key.record.keyId }];
  const before = windowBefore(window, clock, now, retentionDays);
  const piecesBefore = before === undefined ? [] : piecesOf(before);
  const pieces = buckets.flatMap((bucket) => bucket.pieces);
  const [countIn, candidates] = await Promise.all([
    readCounts(store, workspaceId, owners, [...piecesBefore, ...pieces]),
    key === undefined ? store.usage.topKeys(workspaceId, users, window, topKeysLookedAt) : [key.record],
  ]);
  // All commands in one tick: they share round trips.
  const [records, counts] = await Promise.all([
    store.apiKeys.findMany(
      owner,
      candidates.map((candidate) => candidate.keyId),
    ),
    Promise.all(
      candidates.map(({ apiId, keyId: id }) =>
        readCounts(store, workspaceId, [{ externalId, apiId, keyId: id }], pieces),
      ),
    ),
  ]);
  const nameOf = new Map(records.map((record) => [record.keyId, record.name]));
  const topKeys = candidates.map(({ apiId, keyId: id }, i) => {
    const countOfKey = counts[i] ?? countIn;
    return { keyId: id, apiId, countOfKey, ...countOfKey(pieces) };
  });
  return {
    startTime: window.start,
    endTime: window.end,
    storedSince: storedSince(clock, now, retentionDays),
    timeZone,
    granularity,
    totals: countIn(pieces),
    ...(before !== undefined && { previousTotals: countIn(piecesBefore) }),
    series: buckets.map(({ time, pieces: own }) => ({ time, ...countIn(own) })),
    topKeys: topKeys
      // A key that was deleted meanwhile has no record.
      .filter(({ keyId: id, total }) => nameOf.has(id) && total > 0)
      .sort((a, b) => b.total - a.total)
      .slice(0, topKeysShown)
      .map(({ countOfKey, ...topKey }): TopKey => {
        const name = nameOf.get(topKey.keyId);
        const trend = buckets.map(({ pieces: own }) => countOfKey(own).total);
        return { ...topKey, ...(name !== undefined && { name }), trend };
      }),
  };
}

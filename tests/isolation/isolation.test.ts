/**
 * Workspaces do not see each other. The test covers every root-key operation of the contract. It fills each field that can
 * name a resource with a resource of another workspace. The response must equal the response for a resource that never
 * existed. New operations are covered automatically; an unknown field that can name a resource fails the test.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { send } from '../../contract-tests/engine/send.ts';
import { readSpec } from '../../contract-tests/engine/spec.ts';
import { type Body, exampleBody } from '../support/naming-fields.ts';
import { sharedServerTarget } from '../support/server-target.ts';
import { otherWorkspaces } from './other-workspaces.ts';

const spec = await readSpec();
const target = await sharedServerTarget();
afterAll(() => target.stop());
const { operations, stranger, owner, fieldsOf, call, compare } = await otherWorkspaces(target);

for (const operation of operations) {
  describe(operation.operationId, () => {
    const { fields, unknown } = fieldsOf(operation);

    test('has no unknown field that names a resource', () => {
      expect(unknown).toEqual([]);
    });

    for (const field of fields) {
      test(`another workspace's ${field} gets the same response as one that never existed`, async () => {
        const { foreign, missing, own } = await compare(operation, field);
        expect(foreign).toEqual(missing);
        // The owner can use it, otherwise the comparison proves nothing. A slug is an exception: it is taken.
        const isTaken = operation.operationId === 'portal.createConfiguration' && field === 'slug';
        expect([field, own.status]).toEqual([field, isTaken ? 409 : 200]);
      });
    }

    test("another installation's root key gets the same response as one that never existed", async () => {
      const revoked = (await target.arrange('revokedRootKey')).rootKey;
      const elsewhere = `rk_${'0'.repeat(12)}${revoked.slice(-32)}`;
      const body = exampleBody(spec, operation);
      const responses = await Promise.all([revoked, elsewhere, 'rk_neverWas'].map((key) => call(operation, body, key)));
      expect(responses[1]).toEqual(responses[2]);
      expect(responses[0]).toEqual(responses[2]);
    });
  });
}

test("another workspace's API key gets the same response as one that never existed, and is not counted", async () => {
  const { apiKey, apiId, token } = await target.arrange('key');
  const asked: Record<string, (key: unknown) => Body> = {
    'keys.verifyKey': (key) => ({ key }),
    'keys.verifyKeys': (key) => ({ keys: [{ key }, { key, apiId }] }),
    'keys.reportVerifications': (key) => ({ verifications: [{ key, count: 7 }] }),
  };
  const takesKey = operations.filter(({ operationId }) => operationId in asked);
  expect(takesKey).toHaveLength(Object.keys(asked).length);
  const total = async () => {
    const window = { startTime: Date.now() - 3_600_000, endTime: Date.now() + 120_000 };
    const { body } = await send(
      target.baseUrl,
      { method: 'post', path: '/v2/portal.getVerifications' },
      { body: window, authorization: `Bearer ${token}` },
    );
    return (body as { data: { totals: { total: number } } }).data.totals.total;
  };
  for (const operation of takesKey) {
    const bodyOf = asked[operation.operationId] as (key: unknown) => Body;
    const theirs = await call(operation, bodyOf(apiKey), stranger);
    expect(theirs).toEqual(await call(operation, bodyOf('never_was'), stranger));
    expect(theirs.status).toBe(200);
  }
  expect(await total()).toBe(0);
  // The owner's calls count, otherwise the comparison proves nothing.
  for (const operation of takesKey)
    await call(operation, (asked[operation.operationId] as (key: unknown) => Body)(apiKey), owner);
  expect(await total()).toBe(1 + 2 + 7);
});

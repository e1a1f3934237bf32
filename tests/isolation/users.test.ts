/**
 * Users do not see each other, and one user does not see a portal's keys in another portal. The test covers every operation
 * of a browser session. It fills each field that can name a resource with a resource of another session. The response must
 * equal the response for a resource that never existed. New operations are covered automatically.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { sharedServerTarget } from '../support/server-target.ts';
import { isShared, never, operationsOfUsers, otherUsers, strangers } from './other-users.ts';

const target = await sharedServerTarget();
afterAll(() => target.stop());
const compare = otherUsers(target);

test('there are operations of a browser session that name resources, and no unknown names', () => {
  const fields = operationsOfUsers.flatMap(({ fields }) => fields);
  expect(new Set(fields)).toEqual(new Set(Object.keys(never)));
});

describe.each(operationsOfUsers.map(({ operation, fields }) => [operation.operationId, operation, fields] as const))(
  '%s',
  (_, operation, fields) => {
    const cases = fields.flatMap((field) => strangers.map((stranger) => [field, stranger] as const));
    const tried = cases.filter(([field, stranger]) => !isShared(field, stranger));

    test.each(tried)('the %s of a session is nothing to %s', async (field, stranger) => {
      const { foreign, missing, own } = await compare(operation, field, stranger);
      expect(foreign).toEqual(missing);
      expect(foreign.status).toBeGreaterThanOrEqual(400);
      // The owner can use it, otherwise the comparison proves nothing.
      expect(own.status).toBe(200);
    });
  },
);

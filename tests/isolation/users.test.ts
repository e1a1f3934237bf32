/**
 * Users do not see each other, and one user does not see a portal's keys in another portal. The test covers every operation
 * of a browser session. It fills each field that can name a resource with a resource of another session. The response must
 * equal the response for a resource that never existed. New operations are covered automatically.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Fixture } from '../../contract-tests/engine/case.ts';
import { send } from '../../contract-tests/engine/send.ts';
import { readSpec, type SpecOperation, specOperations } from '../../contract-tests/engine/spec.ts';
import { type Body, exampleBody, namingFields } from '../support/naming-fields.ts';
import { sharedServerTarget } from '../support/server-target.ts';

const spec = await readSpec();
const target = await sharedServerTarget();
afterAll(() => target.stop());

async function call<T>(operation: string, body: unknown, bearer: string): Promise<T> {
  const path = `/v2/${operation}`;
  const response = await send(target.baseUrl, { method: 'post', path }, { body, authorization: `Bearer ${bearer}` });
  return (response.body as { data: T }).data;
}

/** A session with every permission, of this user in a new portal with an API of its own. */
async function elsewhere(rootKey: string, externalId: string): Promise<Fixture> {
  const { apiId } = await call<{ apiId: string }>('apis.createApi', { name: 'Other' }, rootKey);
  const slug = `portal-${randomUUID()}`;
  await call('portal.createConfiguration', { slug, apiIds: [apiId] }, rootKey);
  const permissions = [
    ...['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map((it) => `api.*.${it}`),
    'portal.*.read_account',
  ];
  const created = await call<{ sessionId: string }>('portal.createSession', { slug, externalId, permissions }, rootKey);
  const { token } = await call<{ token: string }>('portal.exchangeSession', { sessionId: created.sessionId }, '');
  return { rootKey, slug, sessionId: '', token, apiId, externalId };
}

/** The session that tries, given the owner of the resource. */
const strangers: Record<string, (owner: Fixture) => Promise<Fixture>> = {
  'another user of the portal': () => target.arrange('keyUser'),
  'the same user in another portal': ({ rootKey, externalId }) => elsewhere(rootKey, String(externalId)),
  'a user of the same name in another workspace': async ({ externalId }) =>
    elsewhere((await target.arrange('foreignRootKey')).rootKey, String(externalId)),
};

const never: Record<string, string> = {
  keyId: 'key_neverWas000000000000',
  apiId: 'api_neverWas000000000000',
  cursor: 'bmV2ZXI.0123456789abcdef',
};

const operations = specOperations(spec).filter(({ security }) => security.some((way) => 'portalSessionBearer' in way));
const named = operations
  .map((operation) => ({ operation, fields: namingFields(spec, operation) }))
  .filter(({ fields }) => fields.length > 0);

/** The state with a cursor of the operation. */
const cursors: Record<string, 'manyKeys' | 'accountOfUser' | 'auditedAccount'> = {
  'portal.listKeys': 'manyKeys',
  'portal.listUserSessions': 'accountOfUser',
  'portal.listAuditEntries': 'auditedAccount',
};

/** The response, without what differs between two equal requests. */
async function attempt({ method, path }: SpecOperation, body: Body, { token }: Fixture) {
  const response = await send(target.baseUrl, { method, path }, { body, authorization: `Bearer ${token}` });
  const { meta: _, ...rest } = response.body as Body;
  return { status: response.status, ...rest };
}

test('there are operations of a browser session that name resources, and no unknown names', () => {
  const fields = named.flatMap(({ fields }) => fields);
  expect(new Set(fields)).toEqual(new Set(Object.keys(never)));
});

describe.each(named.map(({ operation, fields }) => [operation.operationId, operation, fields] as const))(
  '%s',
  (_, operation, fields) => {
    /** The request with an own API, if it needs one besides the tested field. */
    const bodyFor = (field: string, value: unknown, { apiId }: Fixture): Body => {
      const body = exampleBody(spec, operation);
      // The window of the example is older than the retention.
      const window = { startTime: Date.now() - 3_600_000, endTime: Date.now() };
      return { ...body, ...('apiId' in body && { apiId }), ...('startTime' in body && window), [field]: value };
    };
    const cases = fields.flatMap((field) => Object.keys(strangers).map((stranger) => [field, stranger] as const));
    // All users of a portal share its APIs.
    const tried = cases.filter(([field, stranger]) => field !== 'apiId' || stranger !== 'another user of the portal');

    test.each(tried)('the %s of a session is nothing to %s', async (field, stranger) => {
      const owner = await target.arrange(field === 'cursor' ? (cursors[operation.operationId] ?? 'manyKeys') : 'key');
      const theirs = owner[field as keyof Fixture];
      const caller = await (strangers[stranger] as (of: Fixture) => Promise<Fixture>)(owner);
      const refused = await attempt(operation, bodyFor(field, theirs, caller), caller);
      expect(refused).toEqual(await attempt(operation, bodyFor(field, never[field], caller), caller));
      expect(refused.status).toBeGreaterThanOrEqual(400);
      // The owner can use it, otherwise the comparison proves nothing.
      expect((await attempt(operation, bodyFor(field, theirs, owner), owner)).status).toBe(200);
    });
  },
);

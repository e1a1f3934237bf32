/**
 * Workspaces do not see each other. The test covers every root-key operation of the contract. It fills each field that can
 * name a resource with a resource of another workspace. The response must equal the response for a resource that never
 * existed. New operations are covered automatically; an unknown field that can name a resource fails the test.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { send } from '../../contract-tests/engine/send.ts';
import { readSpec, type SpecOperation, specOperations } from '../../contract-tests/engine/spec.ts';
import { type Body, exampleBody, namingFields, withField } from '../support/naming-fields.ts';
import { sharedServerTarget } from '../support/server-target.ts';

const spec = await readSpec();
const target = await sharedServerTarget();
afterAll(() => target.stop());

const operations = specOperations(spec).filter(({ security }) => security.some((way) => 'rootKey' in way));
const owner = (await target.arrange('portal')).rootKey;
const stranger = (await target.arrange('foreignRootKey')).rootKey;
const strangersPortal = 'strangers-own';
await send(
  target.baseUrl,
  { method: 'post', path: '/v2/portal.createConfiguration' },
  { body: { slug: strangersPortal }, authorization: `Bearer ${stranger}` },
);

interface Naming {
  /** An existing resource of the owner's workspace. */
  theirs: () => Promise<unknown>;
  /** A value in the same format that never existed. */
  never: unknown;
}

/** A cursor of the operation's own list. */
async function cursorOf(operation: SpecOperation, fields: Body): Promise<unknown> {
  const state = { 'portal.listConfigurations': 'manyPortals', 'apis.listApis': 'manyApis' } as const;
  const { operationId } = operation;
  if (operationId in state) return (await target.arrange(state[operationId as keyof typeof state])).cursor;
  if (operationId === 'apis.listKeys') {
    const { cursor, apiId } = await target.arrange('manyKeysOfApi');
    fields['apiId'] = apiId;
    return cursor;
  }
  if (operationId === 'identities.listIdentities') return (await target.arrange('manyIdentities')).cursor;
  if (operationId === 'auditLogs.listEntries') return (await target.arrange('auditedChanges')).cursor;
  const { cursor, externalId } = await target.arrange('sessionsOfUser');
  fields['externalId'] = externalId;
  return cursor;
}

/** Every field that can name a resource, and the values for it. */
function namings(operation: SpecOperation, fields: Body): Record<string, Naming> {
  const ofPortal = async () => (await target.arrange('freshPortal')).portalId;
  const slug = async () => (await target.arrange('freshPortal')).slug;
  const apiId = async () => (await target.arrange('api')).apiId;
  const session = async (what: 'handle' | 'externalId') => (await target.arrange('sessionsOfUser'))[what];
  const root = async () => target.rootKeyId;
  const source = async () => ({ portal: (await target.arrange('portalWithDocument')).slug, kinds: ['tags'] });
  const never = 'neverWas000000000000';
  return {
    portal: { theirs: ofPortal, never: `portal_${never}` },
    slug: { theirs: slug, never: 'never-was' },
    apiId: { theirs: apiId, never: `api_${never}` },
    apiIds: { theirs: async () => [await apiId()], never: [`api_${never}`] },
    handle: { theirs: () => session('handle'), never: `sess_${never}` },
    externalId: { theirs: () => session('externalId'), never: `never-in-${operation.operationId}` },
    actorId: { theirs: root, never: `rkid_${never}` },
    resourceId: { theirs: apiId, never: `api_${never}` },
    keyId: { theirs: async () => (await target.arrange('key')).keyId, never: `key_00${never}` },
    operationId: { theirs: async () => 'listInvoices', never },
    scopeSource: { theirs: source, never: { portal: `portal_${never}`, kinds: ['tags'] } },
    cursor: { theirs: () => cursorOf(operation, fields), never: 'bmV2ZXI.0123456789abcdef' },
  };
}

async function call({ method, path, operationId }: SpecOperation, body: Body, rootKey: string) {
  const headers = { ...(operationId === 'keys.reportVerifications' && { 'Idempotency-Key': randomUUID() }) };
  const { status, body: responseBody } = await send(
    target.baseUrl,
    { method, path },
    { body, headers, authorization: `Bearer ${rootKey}` },
  );
  const { meta: _, ...rest } = responseBody as Body;
  return { status, ...rest };
}

/** Removes the fields that differ between two created resources. A user is created by the name in the request. */
const withoutIdentity = (response: unknown, operationId: string) =>
  JSON.parse(
    JSON.stringify(response, (name, value) =>
      (name === 'externalId' && operationId === 'identities.updateIdentity') ||
      /^(portalId|apiId|identityId|keyId|key|sessionId|url|slug|(created|updated|expires)At)$/.test(name)
        ? undefined
        : value,
    ),
  );

/** The body with an API of the caller's workspace, if it names one besides the tested field. */
const withApi = (body: Body, field: string, apiId: string): Body =>
  'apiId' in body && field !== 'apiId' && field !== 'cursor' ? { ...body, apiId } : body;

/** The body with a portal of the caller's workspace, if it names a portal besides the tested field. */
function withPortal(body: Body, field: string, portal: string): Body {
  if ('portal' in body && field !== 'portal') return { ...body, portal };
  // createSession takes the slug of an existing portal; createConfiguration takes a new slug.
  return 'externalId' in body && 'slug' in body && field !== 'slug' ? { ...body, slug: portal } : body;
}

for (const operation of operations) {
  describe(operation.operationId, () => {
    const fields = namingFields(spec, operation);

    test('has no unknown field that names a resource', () => {
      expect(fields.filter((name) => !(name in namings(operation, {})))).toEqual([]);
    });

    for (const field of fields) {
      test(`another workspace's ${field} gets the same response as one that never existed`, async () => {
        const creates = operation.operationId === 'portal.createConfiguration';
        const body = { ...exampleBody(spec, operation), ...(creates && { slug: `portal-${process.pid}` }) };
        const { theirs, never } = namings(operation, body)[field] as Naming;
        const value = await theirs();
        const stranded = withPortal(body, field, strangersPortal);
        const named = (of: Body, as: unknown) => withField(spec, operation, of, field, as);
        expect(withoutIdentity(await call(operation, named(stranded, value), stranger), operation.operationId)).toEqual(
          withoutIdentity(await call(operation, named(stranded, never), stranger), operation.operationId),
        );
        // The owner can use it, otherwise the comparison proves nothing. A slug is an exception: it is taken.
        const portal = String((await target.arrange('freshPortal')).slug);
        const apiId = String((await target.arrange('api')).apiId);
        const own = await call(operation, named(withApi(withPortal(body, field, portal), field, apiId), value), owner);
        expect([field, own.status]).toEqual([field, creates && field === 'slug' ? 409 : 200]);
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

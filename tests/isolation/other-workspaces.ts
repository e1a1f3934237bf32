/** Names resources of one workspace in requests of another one, and compares the responses with those for what never existed. */
import { randomUUID } from 'node:crypto';
import { send } from '../../contract-tests/engine/send.ts';
import { readSpec, type SpecOperation, specOperations } from '../../contract-tests/engine/spec.ts';
import { type Body, exampleBody, namingFields, withField } from '../support/naming-fields.ts';
import type { ServerTarget } from '../support/server-target.ts';
import type { SharedServer } from '../support/shared/client.ts';

type Target = ServerTarget<SharedServer>;

interface Naming {
  /** An existing resource of the owner's workspace. */
  theirs: () => Promise<unknown>;
  /** A value in the same format that never existed. */
  never: unknown;
}

/** The responses to a request that names a resource. */
export interface Compared {
  /** To somebody else than its owner. */
  foreign: unknown;
  /** To the same caller, for a resource that never existed. */
  missing: unknown;
  /** To its owner. */
  own: { status: number };
}

const spec = await readSpec();

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

/** The calls of a workspace that tries to use what another one has. */
export interface OtherWorkspaces {
  /** Every operation with a root key. */
  operations: SpecOperation[];
  /** The root key of the other workspace. */
  stranger: string;
  /** The root key of the owner. */
  owner: string;
  /** The fields of an operation by which it can name a resource, and those of them for which there is no resource here. */
  fieldsOf(operation: SpecOperation): { fields: string[]; unknown: string[] };
  /** The response, without what differs between two equal requests. */
  call(operation: SpecOperation, body: Body, rootKey: string): Promise<{ status: number }>;
  compare(operation: SpecOperation, field: string): Promise<Compared>;
}

/** A workspace with resources, and another one with a portal, on a server. */
export async function otherWorkspaces(target: Target): Promise<OtherWorkspaces> {
  const operations = specOperations(spec).filter(({ security }) => security.some((way) => 'rootKey' in way));
  const owner = (await target.arrange('portal')).rootKey;
  const stranger = (await target.arrange('foreignRootKey')).rootKey;
  const strangersPortal = 'strangers-own';
  await send(
    target.baseUrl,
    { method: 'post', path: '/v2/portal.createConfiguration' },
    { body: { slug: strangersPortal }, authorization: `Bearer ${stranger}` },
  );

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
    const request = { body, headers, authorization: `Bearer ${rootKey}` };
    const { status, body: responseBody } = await send(target.baseUrl, { method, path }, request);
    const { meta: _, ...rest } = responseBody as Body;
    return { status, ...rest };
  }

  return {
    operations,
    stranger,
    owner,
    call,
    fieldsOf(operation) {
      const fields = namingFields(spec, operation);
      return { fields, unknown: fields.filter((name) => !(name in namings(operation, {}))) };
    },
    async compare(operation, field) {
      const { operationId } = operation;
      const creates = operationId === 'portal.createConfiguration';
      const body = { ...exampleBody(spec, operation), ...(creates && { slug: `portal-${process.pid}` }) };
      const { theirs, never } = namings(operation, body)[field] as Naming;
      const value = await theirs();
      const named = (of: Body, as: unknown) => withField(spec, operation, of, field, as);
      const stranded = withPortal(body, field, strangersPortal);
      const asStranger = async (as: unknown) =>
        withoutIdentity(await call(operation, named(stranded, as), stranger), operationId);
      const [foreign, missing] = [await asStranger(value), await asStranger(never)];
      const portal = String((await target.arrange('freshPortal')).slug);
      const apiId = String((await target.arrange('api')).apiId);
      const own = await call(operation, named(withApi(withPortal(body, field, portal), field, apiId), value), owner);
      return { foreign, missing, own };
    },
  };
}

/** Names resources of one session in requests of another one, and compares the responses with those for what never existed. */
import { randomUUID } from 'node:crypto';
import type { Fixture } from '../../contract-tests/engine/case.ts';
import { send } from '../../contract-tests/engine/send.ts';
import { readSpec, type SpecOperation, specOperations } from '../../contract-tests/engine/spec.ts';
import { type Body, exampleBody, namingFields } from '../support/naming-fields.ts';
import type { ServerTarget } from '../support/server-target.ts';
import type { SharedServer } from '../support/shared/client.ts';
import type { Compared } from './other-workspaces.ts';

type Target = ServerTarget<SharedServer>;

const spec = await readSpec();

/** A value of each field in the same format that never existed. */
export const never: Record<string, string> = {
  keyId: 'key_neverWas000000000000',
  apiId: 'api_neverWas000000000000',
  cursor: 'bmV2ZXI.0123456789abcdef',
};

/** The state with a cursor of the operation. */
const cursors: Record<string, 'manyKeys' | 'accountOfUser' | 'auditedAccount'> = {
  'portal.listKeys': 'manyKeys',
  'portal.listUserSessions': 'accountOfUser',
  'portal.listAuditEntries': 'auditedAccount',
};

/** Every operation of a browser session that can name a resource, with the fields. */
export const operationsOfUsers = specOperations(spec)
  .filter(({ security }) => security.some((way) => 'portalSessionBearer' in way))
  .map((operation) => ({ operation, fields: namingFields(spec, operation) }))
  .filter(({ fields }) => fields.length > 0);

/** The sessions that try, and how each fares. */
export const strangers = [
  'another user of the portal',
  'the same user in another portal',
  'a user of the same name in another workspace',
] as const;
export type Stranger = (typeof strangers)[number];

/** Whether the stranger may use the resource: all users of a portal share its APIs. */
export const isShared = (field: string, stranger: Stranger): boolean =>
  field === 'apiId' && stranger === 'another user of the portal';

/** Compares the responses to a session that names what another session has, on a server. */
export function otherUsers(
  target: Target,
): (
  operation: SpecOperation,
  field: string,
  stranger: Stranger,
) => Promise<Compared & { foreign: { status: number } }> {
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
    const session = { slug, externalId, permissions };
    const { sessionId } = await call<{ sessionId: string }>('portal.createSession', session, rootKey);
    const { token } = await call<{ token: string }>('portal.exchangeSession', { sessionId }, '');
    return { rootKey, slug, sessionId: '', token, apiId, externalId };
  }

  /** The session that tries, given the owner of the resource. */
  const entered: Record<Stranger, (owner: Fixture) => Promise<Fixture>> = {
    'another user of the portal': () => target.arrange('keyUser'),
    'the same user in another portal': ({ rootKey, externalId }) => elsewhere(rootKey, String(externalId)),
    'a user of the same name in another workspace': async ({ externalId }) =>
      elsewhere((await target.arrange('foreignRootKey')).rootKey, String(externalId)),
  };

  /** The response, without what differs between two equal requests. */
  async function attempt({ method, path }: SpecOperation, body: Body, { token }: Fixture) {
    const response = await send(target.baseUrl, { method, path }, { body, authorization: `Bearer ${token}` });
    const { meta: _, ...rest } = response.body as Body;
    return { status: response.status, ...rest };
  }

  return async (operation, field, stranger) => {
    /** The request with an own API, if it needs one besides the tested field. */
    const bodyFor = (value: unknown, { apiId }: Fixture): Body => {
      const body = exampleBody(spec, operation);
      // The window of the example is older than the retention.
      const window = { startTime: Date.now() - 3_600_000, endTime: Date.now() };
      return { ...body, ...('apiId' in body && { apiId }), ...('startTime' in body && window), [field]: value };
    };
    const owner = await target.arrange(field === 'cursor' ? (cursors[operation.operationId] ?? 'manyKeys') : 'key');
    const theirs = owner[field as keyof Fixture];
    const caller = await entered[stranger](owner);
    return {
      foreign: await attempt(operation, bodyFor(theirs, caller), caller),
      missing: await attempt(operation, bodyFor(never[field], caller), caller),
      own: await attempt(operation, bodyFor(theirs, owner), owner),
    };
  };
}

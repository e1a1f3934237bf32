/**
 * Flows of requests whose body arrives late: the caller is revoked after the headers, and so refused. Derived from the spec, so
 * that each new operation with a credential has them.
 */

import type { CaseResponse } from '../engine/case.ts';
import type { Flow } from '../engine/check.ts';
import { newId } from '../engine/ids.ts';
import { callWithRootKey, type Page } from '../engine/root-key-steps.ts';
import { dataOf, exchangeSession } from '../engine/session-steps.ts';
import { type Spec, type SpecOperation, specOperations } from '../engine/spec.ts';
import type { Trial } from '../engine/trial.ts';

/** What a caller could change, and the callers. */
interface World {
  rootKey: string;
  apiId: string;
  slug: string;
  externalId: string;
  token: string;
  keyId: string;
  apiKey: string;
}

const permissions = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map(
  (action) => `api.*.${action}`,
);

/** A new browser session of the user. */
async function enter(trial: Trial, { slug, externalId }: Pick<World, 'slug' | 'externalId'>): Promise<string> {
  const created = await callWithRootKey(trial, 'portal.createSession', { slug, externalId, permissions });
  return (await exchangeSession(trial, dataOf<{ sessionId: string }>(created).sessionId)).token;
}

/** A portal with an API, and a user with a key; `rootKey` creates the API and the portal. */
async function newWorld(trial: Trial, rootKey: string): Promise<World> {
  const call = async <T>(operation: string, body: object, bearer = rootKey) =>
    dataOf<T>(await trial.call(operation, { authorization: `Bearer ${bearer}`, body }, { status: 200 }));
  const { apiId } = await call<{ apiId: string }>('apis.createApi', { name: 'Payments' });
  const [slug, externalId] = [`portal-${newId()}`, `user-${newId()}`];
  await call('portal.createConfiguration', { slug, apiIds: [apiId] });
  const token = await enter(trial, { slug, externalId });
  const { keyId, key } = await call<{ keyId: string; key: string }>('portal.createKey', { apiId }, token);
  return { rootKey, apiId, slug, externalId, token, keyId, apiKey: key };
}

/** A body that would change the world: the first example of the operation, about the records of the world. */
function bodyOf({ requestBody }: SpecOperation, world: World): Record<string, unknown> {
  const [example] = Object.values(requestBody?.content['application/json']?.examples ?? {});
  const { apiId, keyId, externalId, slug, apiKey: key } = world;
  const own: Record<string, unknown> = { apiId, keyId, externalId, slug, key, portal: slug };
  const body = (example?.value ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, own[name] ?? value]));
}

/** The user's keys, as a new session sees them, but not from when their usage counts: that moves each quarter hour. */
async function keysOf(trial: Trial, world: World): Promise<string> {
  const authorization = `Bearer ${await enter(trial, world)}`;
  const { body } = await trial.call('portal.listKeys', { authorization, body: {} }, { status: 200 });
  const { data } = body as Page<{ usage: { total: number } }>;
  return JSON.stringify(data.map(({ usage: { total }, ...key }) => ({ ...key, total })));
}

/** Enables or disables the portal of the world. */
async function setEnabled(trial: Trial, { slug }: World, enabled: boolean): Promise<void> {
  const { version } = dataOf<{ version: number }>(
    await callWithRootKey(trial, 'portal.getConfiguration', { portal: slug }),
  );
  await callWithRootKey(trial, 'portal.updateConfiguration', { portal: slug, version, enabled });
}

const notFound = { status: 401, error: 'unkey/authentication/portal_session_not_found' };
const revocations: [how: string, revoke: (trial: Trial, world: World) => Promise<unknown>, refused: CaseResponse][] = [
  [
    'the user logs out',
    (trial, { token }) => trial.call('portal.endSession', { authorization: `Bearer ${token}` }, { status: 200 }),
    notFound,
  ],
  [
    'the backend revokes the session',
    (trial, { externalId }) => callWithRootKey(trial, 'portal.revokeSessions', { externalId }),
    notFound,
  ],
  [
    'the portal is disabled',
    (trial, world) => setEnabled(trial, world, false),
    { status: 403, error: 'unkey/authorization/forbidden' },
  ],
];

const ofSession = (operation: SpecOperation): Flow[] =>
  revocations.map(([how, revoke, refused]) => ({
    operation: operation.operationId,
    name: `${how} before the body has arrived: the call is refused, and no key changes`,
    async run(trial) {
      const { rootKey } = await trial.arrange('portal');
      const world = await newWorld(trial, rootKey);
      const before = await keysOf(trial, world);
      const request = { authorization: `Bearer ${world.token}`, body: bodyOf(operation, world) };
      await trial.call(operation.operationId, { ...request, beforeBody: () => revoke(trial, world) }, refused);
      await setEnabled(trial, world, true);
      trial.assert((await keysOf(trial, world)) === before, "the user's keys are as before");
    },
  }));

const ofRootKey = (operation: SpecOperation): Flow => ({
  operation: operation.operationId,
  name: 'the root key is revoked before the body has arrived: the call is refused, and nothing changes',
  async run(trial) {
    const { rootKey, revoke = async () => {} } = await trial.arrange('revocableRootKey');
    const world = await newWorld(trial, rootKey);
    const read = async (name: string, body: object) => JSON.stringify(dataOf(await callWithRootKey(trial, name, body)));
    const created = await callWithRootKey(trial, 'auditLogs.listEntries', { resourceId: world.apiId });
    const [entry] = (created.body as Page<{ actor: { id: string } }>).data;
    /** What the world looks like: its records, and everything that the audit log has of the root key. */
    const look = async () => [
      await read('apis.getApi', { apiId: world.apiId }),
      await read('portal.getConfiguration', { portal: world.slug }),
      await read('portal.listSessions', { externalId: world.externalId }),
      await read('auditLogs.listEntries', { actorId: entry?.actor.id }),
    ];
    const keysBefore = await keysOf(trial, world);
    const before = await look();
    const body = bodyOf(operation, world);
    const isNewPortal = operation.operationId === 'portal.createConfiguration';
    const request = {
      authorization: `Bearer ${rootKey}`,
      body: isNewPortal ? { ...body, slug: `${world.slug}-2` } : body,
    };
    const refused = { status: 401, error: 'unkey/authentication/key_not_found' };
    await trial.call(operation.operationId, { ...request, beforeBody: revoke }, refused);
    trial.assert(String(await look()) === String(before), 'all records and the audit log are as before');
    trial.assert((await keysOf(trial, world)) === keysBefore, "the user's keys are as before");
  },
});

/** Every operation of the spec that takes a credential refuses a caller who is revoked while they send the body. */
export const heldRequests = (spec: Spec): Flow[] =>
  specOperations(spec)
    .filter(({ security }) => security.length > 0)
    .flatMap((operation) =>
      operation.security.some((scheme) => 'rootKey' in scheme) ? [ofRootKey(operation)] : ofSession(operation),
    );

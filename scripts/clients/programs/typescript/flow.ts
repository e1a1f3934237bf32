import { createClient, createConfig } from './generated/client/client/index.ts';
import { Portico } from './generated/client/sdk.gen.ts';
import type { ErrorResponse, InvalidInputResponse } from './generated/client/types.gen.ts';

const env = (name: string) => process.env[name] ?? '';
let clients = 0;

interface Settings {
  baseUrl?: string;
  token?: string;
  headers?: Record<string, string>;
}

/** A client. The credential goes as a bearer alone: the client would send a plain string as the cookie too. */
function connect({ baseUrl = env('BASE_URL'), token, headers = {} }: Settings): Portico {
  const auth = ({ type }: { type: string }) => (type === 'http' ? token : undefined);
  return new Portico({ client: createClient(createConfig({ baseUrl, auth, headers })), key: `${clients++}` });
}

const ok = (operation: string, value: unknown) => console.log('ok', operation, String(value));

type Failure = ErrorResponse | InvalidInputResponse;
type Result<T> = Promise<{ data?: T | undefined; error?: Failure | undefined }>;

/** The result of a call that must succeed. */
async function must<T>(call: Result<T>): Promise<T> {
  const { data, error } = await call;
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

/** Tells of a call that must fail. */
async function fails(call: Result<unknown>): Promise<void> {
  const { error } = await call;
  if (error === undefined) throw new Error('did not fail');
  const where = 'errors' in error.error ? error.error.errors.map(({ location }) => location) : [];
  console.log('error', error.error.status, error.error.type, error.meta.requestId, ...where);
}

const backend = connect({ token: env('ROOT_KEY') });
const permissions = [
  'api.*.read_key',
  'api.*.create_key',
  'api.*.update_key',
  'api.*.delete_key',
  'api.*.read_analytics',
];
const sessionBody = { slug: 'flow', externalId: 'user_1', permissions };
const createSession = () => must(backend.portal.createSession({ body: sessionBody }));
const exchange = (sessionId: string) => must(backend.portal.exchangeSession({ body: { sessionId } }));

// Nothing but success is documented of it, so its error has no type.
ok('liveness', (await backend.liveness()).data?.data.status);
ok('readiness', (await must(backend.readiness())).data.status);
const { apiId } = (await must(backend.apis.createApi({ body: { name: 'Payments', prefix: 'pay' } }))).data;
ok('apis.createApi', apiId);
const portal = (await must(backend.portal.createConfiguration({ body: { slug: 'flow', apiIds: [apiId] } }))).data;
ok('portal.createConfiguration', portal.portalId);

const created = (await createSession()).data;
ok('portal.createSession', created.expiresAt);
const { token, expiresAt } = (await exchange(created.sessionId)).data;
ok('portal.exchangeSession', expiresAt);
const user = connect({ token });
const session = (await must(user.portal.getSession())).data;
ok('portal.getSession', `${session.externalId} ${session.tabs.join()}`);
const usable = await must(user.portal.listApis());
ok('portal.listApis', `${usable.data[0]?.name} ${usable.pagination.hasMore}`);

const old = (await must(user.portal.createKey({ body: { apiId, name: 'First key', meta: { team: 'billing' } } }))).data;
ok('portal.createKey', old.keyId);
const [listed, ...more] = (await must(user.portal.listKeys({ body: { apiId } }))).data;
ok('portal.listKeys', `${1 + more.length} ${listed?.name} ${listed?.meta?.['team']}`);
const renamed = (await must(user.portal.updateKey({ body: { keyId: old.keyId, name: null } }))).data;
ok('portal.updateKey', renamed.name ?? 'no name');
const { keyId, key } = (await must(user.portal.rerollKey({ body: { keyId: old.keyId, expiration: 0 } }))).data;
ok('portal.rerollKey', keyId);
const verified = (await must(backend.keys.verifyKey({ body: { key, apiId } }))).data;
ok('keys.verifyKey', `${verified.code} ${verified.externalId}`);
const day = { startTime: expiresAt - 86_400_000 - 3_600_000, endTime: expiresAt - 86_400_000 + 3_600_000 };
const usage = await must(user.portal.getVerifications({ body: day }));
ok('portal.getVerifications', typeof usage === 'string' ? usage : usage.data.totals.valid);
ok('portal.deleteKey', (await must(user.portal.deleteKey({ body: { keyId } }))).data.keyId);
ok('keys.verifyKey', (await must(backend.keys.verifyKey({ body: { key } }))).data.code);

const sessions = (await must(backend.portal.listSessions({ body: { externalId: 'user_1' } }))).data;
ok('portal.listSessions', `${sessions.length} ${sessions[0]?.state}`);
ok(
  'portal.revokeSessions',
  (await must(backend.portal.revokeSessions({ body: { externalId: 'user_1' } }))).data.revoked,
);
const second = connect({ token: (await exchange((await createSession()).data.sessionId)).data.token });
await must(second.portal.endSession());
ok('portal.endSession', 'ended');
const [entry] = (await must(backend.auditLogs.listEntries({ body: { limit: 1 } }))).data;
ok('auditLogs.listEntries', `${entry?.action} ${entry?.actor.type}`);

const { token: userToken } = (await exchange((await createSession()).data.sessionId)).data;
const again = connect({ token: userToken });
await fails(connect({}).portal.createSession({ body: sessionBody }));
await fails(connect({ headers: { Authorization: 'Token x' } }).portal.createSession({ body: sessionBody }));
await fails(connect({ token: 'rk_nobody' }).portal.createSession({ body: sessionBody }));
await fails(connect({}).portal.getSession());
await fails(backend.portal.exchangeSession({ body: { sessionId: created.sessionId } }));
await fails(connect({ token: env('LIMITED_ROOT_KEY') }).apis.createApi({ body: { name: 'Payments' } }));
await fails(connect({ token: env('SUSPENDED_ROOT_KEY') }).portal.createSession({ body: sessionBody }));
const elsewhere = { Cookie: `portal_session=${userToken}`, Origin: 'https://elsewhere.example' };
await fails(connect({ headers: elsewhere }).portal.getSession());
await fails(backend.portal.listSessions({ body: {} }));
await fails(again.portal.createKey({ body: { apiId, meta: { text: 'x'.repeat(200_000) } } }));
await fails(connect({ baseUrl: `${env('BASE_URL')}/elsewhere` }).portal.createSession({ body: sessionBody }));
const headers = { 'Idempotency-Key': 'once' };
await must(backend.apis.createApi({ body: { name: 'Once' }, headers }));
await fails(backend.apis.createApi({ body: { name: 'Twice' }, headers }));
await fails(backend.portal.createSession({ body: { ...sessionBody, slug: 'no-such-portal' } }));
await fails(backend.portal.createConfiguration({ body: { slug: 'flow' } }));
await fails(backend.portal.updateConfiguration({ body: { portal: 'flow', version: 99, name: 'Late' } }));
await fails(again.portal.createKey({ body: { apiId: 'api_0' } }));
await fails(again.portal.deleteKey({ body: { keyId: 'key_0' } }));
await fails(again.portal.updateKey({ body: { keyId: old.keyId, enabled: false } }));
for (let i = 0; i < 2; i++) await must(again.portal.createKey({ body: { apiId } }));
await fails(again.portal.createKey({ body: { apiId } }));
const throttled = connect({ baseUrl: env('THROTTLED_URL'), token: userToken });
await must(throttled.portal.getSession());
await fails(throttled.portal.getSession());
await fails(again.portal.getOpenapiDocument());
const openapiUrl = env('DOCUMENT_URL');
const { version } = (
  await must(backend.portal.updateConfiguration({ body: { portal: 'flow', version: 1, openapiUrl } }))
).data;
await fails(again.portal.getOpenapiDocument());
await must(backend.portal.updateConfiguration({ body: { portal: 'flow', version, enabled: false } }));
await fails(backend.portal.createSession({ body: sessionBody }));
await fails(connect({ baseUrl: env('UNREADY_URL') }).readiness());

import createClient from 'openapi-fetch';
import type { components, paths } from './generated/schema.ts';

const env = (name: string) => process.env[name] ?? '';

interface Settings {
  baseUrl?: string;
  token?: string;
  headers?: Record<string, string>;
}

function connect({ baseUrl = env('BASE_URL'), token, headers = {} }: Settings) {
  const authorization = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return createClient<paths>({ baseUrl, headers: { ...authorization, ...headers } });
}

const ok = (operation: string, value: unknown) => console.log('ok', operation, String(value));

type Failure = components['schemas']['ErrorResponse' | 'InvalidInputResponse'];
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
const createSession = () => must(backend.POST('/v2/portal.createSession', { body: sessionBody }));
const exchange = (sessionId: string) => must(backend.POST('/v2/portal.exchangeSession', { body: { sessionId } }));

// Nothing but success is documented of it, so its error has no type.
ok('liveness', (await backend.GET('/v2/liveness')).data?.data.status);
ok('readiness', (await must(backend.GET('/v2/readiness'))).data.status);
const { apiId } = (await must(backend.POST('/v2/apis.createApi', { body: { name: 'Payments', prefix: 'pay' } }))).data;
ok('apis.createApi', apiId);
const portal = (await must(backend.POST('/v2/portal.createConfiguration', { body: { slug: 'flow', apiIds: [apiId] } })))
  .data;
ok('portal.createConfiguration', portal.portalId);

const created = (await createSession()).data;
ok('portal.createSession', created.expiresAt);
const { token, expiresAt } = (await exchange(created.sessionId)).data;
ok('portal.exchangeSession', expiresAt);
const user = connect({ token });
const session = (await must(user.POST('/v2/portal.getSession', {}))).data;
ok('portal.getSession', `${session.externalId} ${session.tabs.join()}`);
const usable = await must(user.POST('/v2/portal.listApis', {}));
ok('portal.listApis', `${usable.data[0]?.name} ${usable.pagination.hasMore}`);

const old = (
  await must(user.POST('/v2/portal.createKey', { body: { apiId, name: 'First key', meta: { team: 'billing' } } }))
).data;
ok('portal.createKey', old.keyId);
const [listed, ...more] = (await must(user.POST('/v2/portal.listKeys', { body: { apiId } }))).data;
ok('portal.listKeys', `${1 + more.length} ${listed?.name} ${listed?.meta?.['team']}`);
const renamed = (await must(user.POST('/v2/portal.updateKey', { body: { keyId: old.keyId, name: null } }))).data;
ok('portal.updateKey', renamed.name ?? 'no name');
const { keyId, key } = (await must(user.POST('/v2/portal.rerollKey', { body: { keyId: old.keyId, expiration: 0 } })))
  .data;
ok('portal.rerollKey', keyId);
const verified = (await must(backend.POST('/v2/keys.verifyKey', { body: { key, apiId } }))).data;
ok('keys.verifyKey', `${verified.code} ${verified.externalId}`);
const day = { startTime: expiresAt - 86_400_000 - 3_600_000, endTime: expiresAt - 86_400_000 + 3_600_000 };
const usage = await must(user.POST('/v2/portal.getVerifications', { body: day }));
ok('portal.getVerifications', typeof usage === 'string' ? usage : usage.data.totals.valid);
ok('portal.deleteKey', (await must(user.POST('/v2/portal.deleteKey', { body: { keyId } }))).data.keyId);
ok('keys.verifyKey', (await must(backend.POST('/v2/keys.verifyKey', { body: { key } }))).data.code);

const sessions = (await must(backend.POST('/v2/portal.listSessions', { body: { externalId: 'user_1' } }))).data;
ok('portal.listSessions', `${sessions.length} ${sessions[0]?.state}`);
ok(
  'portal.revokeSessions',
  (await must(backend.POST('/v2/portal.revokeSessions', { body: { externalId: 'user_1' } }))).data.revoked,
);
const second = connect({ token: (await exchange((await createSession()).data.sessionId)).data.token });
await must(second.POST('/v2/portal.endSession', {}));
ok('portal.endSession', 'ended');
const [entry] = (await must(backend.POST('/v2/auditLogs.listEntries', { body: { limit: 1 } }))).data;
ok('auditLogs.listEntries', `${entry?.action} ${entry?.actor.type}`);

const { token: userToken } = (await exchange((await createSession()).data.sessionId)).data;
const again = connect({ token: userToken });
await fails(connect({}).POST('/v2/portal.createSession', { body: sessionBody }));
await fails(connect({ headers: { Authorization: 'Token x' } }).POST('/v2/portal.createSession', { body: sessionBody }));
await fails(connect({ token: 'rk_nobody' }).POST('/v2/portal.createSession', { body: sessionBody }));
await fails(connect({}).POST('/v2/portal.getSession', {}));
await fails(backend.POST('/v2/portal.exchangeSession', { body: { sessionId: created.sessionId } }));
await fails(connect({ token: env('LIMITED_ROOT_KEY') }).POST('/v2/apis.createApi', { body: { name: 'Payments' } }));
await fails(connect({ token: env('SUSPENDED_ROOT_KEY') }).POST('/v2/portal.createSession', { body: sessionBody }));
const elsewhere = { Cookie: `portal_session=${userToken}`, Origin: 'https://elsewhere.example' };
await fails(connect({ headers: elsewhere }).POST('/v2/portal.getSession', {}));
await fails(backend.POST('/v2/portal.listSessions', { body: {} }));
await fails(again.POST('/v2/portal.createKey', { body: { apiId, meta: { text: 'x'.repeat(200_000) } } }));
await fails(
  connect({ baseUrl: `${env('BASE_URL')}/elsewhere` }).POST('/v2/portal.createSession', { body: sessionBody }),
);
const params = { header: { 'Idempotency-Key': 'once' } };
await must(backend.POST('/v2/apis.createApi', { body: { name: 'Once' }, params }));
await fails(backend.POST('/v2/apis.createApi', { body: { name: 'Twice' }, params }));
await fails(backend.POST('/v2/portal.createSession', { body: { ...sessionBody, slug: 'no-such-portal' } }));
await fails(backend.POST('/v2/portal.createConfiguration', { body: { slug: 'flow' } }));
await fails(backend.POST('/v2/portal.updateConfiguration', { body: { portal: 'flow', version: 99, name: 'Late' } }));
await fails(again.POST('/v2/portal.createKey', { body: { apiId: 'api_0' } }));
await fails(again.POST('/v2/portal.deleteKey', { body: { keyId: 'key_0' } }));
await fails(again.POST('/v2/portal.updateKey', { body: { keyId: old.keyId, enabled: false } }));
for (let i = 0; i < 2; i++) await must(again.POST('/v2/portal.createKey', { body: { apiId } }));
await fails(again.POST('/v2/portal.createKey', { body: { apiId } }));
const throttled = connect({ baseUrl: env('THROTTLED_URL'), token: userToken });
await must(throttled.POST('/v2/portal.getSession', {}));
await fails(throttled.POST('/v2/portal.getSession', {}));
await fails(again.POST('/v2/portal.getOpenapiDocument', {}));
const openapiUrl = env('DOCUMENT_URL');
const { version } = (
  await must(backend.POST('/v2/portal.updateConfiguration', { body: { portal: 'flow', version: 1, openapiUrl } }))
).data;
await fails(again.POST('/v2/portal.getOpenapiDocument', {}));
await must(backend.POST('/v2/portal.updateConfiguration', { body: { portal: 'flow', version, enabled: false } }));
await fails(backend.POST('/v2/portal.createSession', { body: sessionBody }));
await fails(connect({ baseUrl: env('UNREADY_URL') }).GET('/v2/readiness'));

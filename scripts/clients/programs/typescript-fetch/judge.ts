// Makes one call for the judge of clients: `npm run clients -- --judge`.
import createClient from 'openapi-fetch';
import type { paths } from './generated/schema.ts';

const env = (name: string) => process.env[name] ?? '';
const seconds = process.env['TIMEOUT_SECONDS'];

const as = (credential: string) =>
  createClient<paths>({
    baseUrl: env('BASE_URL'),
    headers: { Authorization: `Bearer ${credential}` },
    ...(seconds !== undefined && { signal: AbortSignal.timeout(Number(seconds) * 1000) }),
  });

/** What the client says of a failure. */
class Failed extends Error {
  report: object;
  constructor(error: unknown, response: Response) {
    super('failed');
    const { error: problem, meta } = (typeof error === 'object' && error !== null ? error : {}) as {
      error?: { type?: string; errors?: { location: string }[] };
      meta?: { requestId?: string };
    };
    const retryAfter = response.headers.get('Retry-After');
    this.report = {
      ...{ status: response.status, type: problem?.type, requestId: meta?.requestId },
      ...{ locations: problem?.errors?.map(({ location }) => location) },
      ...(retryAfter && { retryAfter: Number(retryAfter) }),
      message: String(error),
    };
  }
}

async function must<T>(call: Promise<{ data?: T | undefined; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (error !== undefined || data === undefined) throw new Failed(error, response);
  return data;
}

const backend = as(env('ROOT_KEY'));
const keyId = env('KEY_ID');
const verify = async () =>
  (await must(backend.POST('/v2/keys.verifyKey', { body: { key: env('API_KEY') } }))).data?.code ?? null;
const userOf = async (token: string) =>
  (await must(as(token).POST('/v2/portal.getSession', { body: {} }))).data?.externalId ?? null;

const calls: Record<string, () => Promise<unknown>> = {
  async createKey() {
    const body = { apiId: env('API_ID'), externalId: 'user_123', name: 'Production' };
    const params = { header: { 'Idempotency-Key': crypto.randomUUID() } };
    return (await must(backend.POST('/v2/keys.createKey', { body, params }))).data?.keyId ?? null;
  },
  updateKey: async () =>
    (await must(backend.POST('/v2/keys.updateKey', { body: { keyId, name: null } }))).data?.keyId ?? null,
  verifyKey: verify,
  verifyTwice: async () => [await verify(), await verify()],
  deleteKey: async () => (await must(backend.POST('/v2/keys.deleteKey', { body: { keyId } }))).data?.keyId ?? null,
  getSession: () => userOf(env('SESSION_TOKEN')),
  async signIn() {
    const users: unknown[] = [];
    for (const name of ['SESSION_ID', 'OTHER_SESSION_ID']) {
      const body = { sessionId: env(name) };
      const { data } = await must(backend.POST('/v2/portal.exchangeSession', { body }));
      users.push(await userOf(data.token));
    }
    return users;
  },
};

try {
  console.log(JSON.stringify({ value: await calls[process.argv[2] ?? '']?.() }));
} catch (error) {
  console.log(JSON.stringify({ error: error instanceof Failed ? error.report : { message: String(error) } }));
}

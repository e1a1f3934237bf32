// Makes one call for the judge of clients: `npm run clients -- --judge`.
import { createClient, createConfig } from './generated/client/client/index.ts';
import { Portico } from './generated/client/sdk.gen.ts';

const env = (name: string) => process.env[name] ?? '';
const seconds = process.env['TIMEOUT_SECONDS'];
let clients = 0;

/** A client with a credential, as a bearer alone. */
function as(credential: string): Portico {
  const auth = ({ type }: { type: string }) => (type === 'http' ? credential : undefined);
  const signal = seconds === undefined ? undefined : AbortSignal.timeout(Number(seconds) * 1000);
  const config = createConfig({ baseUrl: env('BASE_URL'), auth, ...(signal && { signal }) });
  return new Portico({ client: createClient(config), key: `${clients++}` });
}

/** What the client says of a failure. */
class Failed extends Error {
  report: object;
  constructor(error: unknown, response: Response | undefined) {
    super('failed');
    const { error: problem, meta } = (typeof error === 'object' && error !== null ? error : {}) as {
      error?: { type?: string; errors?: { location: string }[] };
      meta?: { requestId?: string };
    };
    const retryAfter = response?.headers.get('Retry-After');
    this.report = {
      ...(response && { status: response.status }),
      ...{ type: problem?.type, requestId: meta?.requestId },
      ...{ locations: problem?.errors?.map(({ location }) => location) },
      ...(retryAfter && { retryAfter: Number(retryAfter) }),
      message: String(error),
    };
  }
}

async function must<T>(call: Promise<{ data?: T | undefined; error?: unknown; response?: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (error !== undefined || data === undefined) throw new Failed(error, response);
  return data;
}

const backend = as(env('ROOT_KEY'));
const keyId = env('KEY_ID');
const verify = async () => (await must(backend.keys.verifyKey({ body: { key: env('API_KEY') } }))).data?.code ?? null;
const userOf = async (token: string) => (await must(as(token).portal.getSession())).data?.externalId ?? null;

const calls: Record<string, () => Promise<unknown>> = {
  async createKey() {
    const body = { apiId: env('API_ID'), externalId: 'user_123', name: 'Production' };
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    return (await must(backend.keys.createKey({ body, headers }))).data?.keyId ?? null;
  },
  updateKey: async () => (await must(backend.keys.updateKey({ body: { keyId, name: null } }))).data?.keyId ?? null,
  verifyKey: verify,
  verifyTwice: async () => [await verify(), await verify()],
  deleteKey: async () => (await must(backend.keys.deleteKey({ body: { keyId } }))).data?.keyId ?? null,
  getSession: () => userOf(env('SESSION_TOKEN')),
  async signIn() {
    const users: unknown[] = [];
    for (const name of ['SESSION_ID', 'OTHER_SESSION_ID']) {
      const { data } = await must(backend.portal.exchangeSession({ body: { sessionId: env(name) } }));
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

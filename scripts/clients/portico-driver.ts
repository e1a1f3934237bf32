/** Makes the calls of the judge of clients with @portico/client: `npm run conformance:client -- node scripts/clients/portico-driver.ts`. */

import { Portico, PorticoError, type PorticoOptions } from '../../clients/typescript/src/index.ts';
import type { Call, Driver, DriverEnvironment, ReportedError } from '../../contract-tests/clients/driver.ts';

const calls: Record<Call, (portico: Portico, env: DriverEnvironment) => Promise<unknown>> = {
  async createKey(portico, { API_ID: apiId }) {
    return (await portico.keys.createKey({ apiId, externalId: 'user_123', name: 'Production' })).keyId;
  },
  async updateKey(portico, { KEY_ID: keyId }) {
    return (await portico.keys.updateKey({ keyId, name: null })).keyId;
  },
  async verifyKey(portico, { API_KEY: key }) {
    return (await portico.keys.verifyKey({ key })).code;
  },
  async verifyTwice(portico, { API_KEY: key }) {
    return [(await portico.keys.verifyKey({ key })).code, (await portico.keys.verifyKey({ key })).code];
  },
  async deleteKey(portico, { KEY_ID: keyId }) {
    return (await portico.keys.deleteKey({ keyId })).keyId;
  },
  async getSession(portico, { SESSION_TOKEN: sessionToken }) {
    return (await portico.portal.getSession({}, { sessionToken })).externalId;
  },
  async signIn(portico, { SESSION_ID, OTHER_SESSION_ID }) {
    const users: string[] = [];
    for (const sessionId of [SESSION_ID, OTHER_SESSION_ID]) {
      const { token: sessionToken } = await portico.portal.exchangeSession({ sessionId });
      users.push((await portico.portal.getSession({}, { sessionToken })).externalId);
    }
    return users;
  },
};

function reportedError(error: unknown): ReportedError {
  if (!(error instanceof PorticoError)) return { message: String(error) };
  const { status, type, requestId, errors, retryAfter } = error;
  return {
    status,
    ...(type !== undefined && { type }),
    ...(requestId !== undefined && { requestId }),
    ...(errors.length > 0 && { locations: errors.map(({ location }) => location) }),
    ...(retryAfter !== undefined && { retryAfter }),
    message: String(error),
  };
}

/** A driver of @portico/client in this process. @param options replace those of the connection */
export const porticoDriver =
  (options: Partial<PorticoOptions> = {}): Driver =>
  async (call, env) => {
    const { BASE_URL: baseUrl, ROOT_KEY: rootKey, TIMEOUT_SECONDS: seconds } = env;
    const timeoutMs = seconds === undefined ? undefined : Number(seconds) * 1000;
    try {
      const portico = new Portico({ baseUrl, rootKey, timeoutMs, ...options });
      return { value: await calls[call](portico, env) };
    } catch (error) {
      return { error: reportedError(error) };
    }
  };

if (import.meta.main) {
  const call = process.argv[2] as Call;
  console.log(JSON.stringify(await porticoDriver()(call, process.env as DriverEnvironment)));
}

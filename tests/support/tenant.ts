/** Creates a workspace with a portal and an API, and calls its operations over HTTP. */
import { randomUUID } from 'node:crypto';
import { operate } from './shared/client.ts';

/** A response and its duration. */
export interface Reply {
  operation: string;
  /** The status; 0 without a response. */
  status: number;
  /** The failure of a response that is not a 200; undefined for a documented 503. */
  broken?: string;
  ms: number;
  /** The time of the response, from performance.now(), in ms. */
  at: number;
  data: Record<string, unknown>;
  /** Where the next page of a list begins. */
  cursor?: string;
}

/** Calls one operation. It does not throw; see `broken`. */
export async function call(
  url: string,
  operation: string,
  bearer: string,
  body: unknown,
  more: Record<string, string> = {},
  method: 'POST' | 'GET' = 'POST',
): Promise<Reply> {
  const begun = performance.now();
  const taken = () => ({ operation, ms: performance.now() - begun, at: performance.now() });
  try {
    const response = await fetch(`${url}/v2/${operation}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...more },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    const { data = {}, error, meta, pagination } = (await response.json()) as Record<string, Record<string, unknown>>;
    const isDocumented =
      status === 503 &&
      String(error?.['type']).endsWith('/errors/unkey/application/service_unavailable') &&
      String(meta?.['requestId']).startsWith('req_') &&
      headers.get('retry-after') === '1';
    const broken = status !== 200 && !isDocumented && { broken: `${operation} ${status} ${JSON.stringify(error)}` };
    const cursor = pagination?.['cursor'];
    return { ...taken(), status, ...broken, data, ...(typeof cursor === 'string' && { cursor }) };
  } catch (error) {
    return { ...taken(), status: 0, broken: `${operation} gave no answer: ${error}`, data: {} };
  }
}

/** A workspace with its root key and API. */
export interface Tenant {
  workspaceId: string;
  rootKey: string;
  apiId: string;
  /** Creates a session for a new user. */
  createSession(url: string): Promise<Reply & { externalId: string }>;
}

const permissions = ['create_key', 'read_key'].map((action) => `api.*.${action}`);
const slug = 'my-portal';

/** Creates a workspace with the command line, and its portal and API over HTTP. */
export async function newTenant(redis: Record<string, string>, url: string): Promise<Tenant> {
  type Made = { workspaceId: string; rootKey: string };
  const { workspaceId, rootKey } = await operate<Made>(redis, 'workspace', 'create', '--name', 'Acme');
  const api = await call(url, 'apis.createApi', rootKey, { name: 'API' });
  const apiId = String(api.data['apiId']);
  const portal = await call(url, 'portal.createConfiguration', rootKey, { slug, apiIds: [apiId] });
  if (portal.status !== 200) throw new Error(portal.broken);
  return {
    workspaceId,
    rootKey,
    apiId,
    async createSession(at) {
      const externalId = `user_${randomUUID()}`;
      return { ...(await call(at, 'portal.createSession', rootKey, { slug, externalId, permissions })), externalId };
    },
  };
}

import { randomUUID } from 'node:crypto';
import type { Facts, State } from '../engine/case.ts';
import { send } from '../engine/send.ts';
import { noFacts, type Target, Unavailable } from '../engine/target.ts';
import { keyStates } from './key-states.ts';

/** What one must be told of a server to test it from outside. */
export interface BlackBoxOptions {
  name: string;
  baseUrl: string;
  rootKey: string;
  /** Of an enabled portal in the root key's workspace. */
  slug: string;
  /** Of a disabled portal in the root key's workspace. */
  disabledSlug?: string;
  /** A root key of another workspace. */
  foreignRootKey?: string;
  /** An OpenAPI document that the server can fetch. */
  openapiUrl?: string;
}

/** What the sessions that it mints grant; the cases know these. */
const grant = { externalId: 'user_123', permissions: ['api.*.read_key', 'api.*.read_analytics'] };

/** Whatever a portal may have, so that every field of the answers is seen. */
const furnished = {
  name: 'Acme',
  returnUrl: 'https://app.acme.example',
  supportUrl: 'https://help.acme.example',
  embeddingOrigins: ['https://app.acme.example'],
  openapiUrl: 'https://api.acme.example/openapi.json',
  branding: {
    logoUrl: 'https://cdn.acme.example/logo.svg',
    logoDarkUrl: 'https://cdn.acme.example/logo-dark.svg',
    faviconUrl: 'https://cdn.acme.example/favicon.svg',
    showPoweredBy: true,
  },
};

/** Nothing listens there, and a server that asks no private addresses does not ask at all. */
const deadUrl = 'http://127.0.0.1:1/openapi.json';

interface Envelope {
  data: unknown;
  pagination?: { cursor?: string };
}

/** Any server that claims to keep the contract, over HTTP alone. */
export function blackBox(options: BlackBoxOptions): Target {
  const { name, baseUrl, rootKey, slug, disabledSlug, foreignRootKey, openapiUrl } = options;
  const portal: Facts = { ...noFacts, rootKey, slug };

  async function ask(
    operation: string,
    body: unknown,
    authorization?: string,
    headers: Record<string, string> = {},
  ): Promise<Envelope> {
    const path = `/v2/${operation}`;
    const request = { body, headers, ...(authorization && { authorization }) };
    const answer = await send(baseUrl, { method: 'post', path }, request).catch((error: Error) => {
      throw new Unavailable(`${operation} did not respond, so the state is unavailable: ${error.message}`);
    });
    const envelope = answer.body as Partial<Envelope> | undefined;
    if (answer.status !== 200 || envelope?.data === undefined) {
      throw new Unavailable(`${operation} returned ${answer.status}, so the state is unavailable`);
    }
    return { ...envelope, data: envelope.data };
  }

  const call = async <T>(operation: string, body: unknown, authorization?: string) =>
    (await ask(operation, body, authorization)).data as T;
  const manage = <T>(operation: string, body: unknown) => call<T>(operation, body, `Bearer ${rootKey}`);
  const newPortal = (settings: object = furnished) =>
    manage<{ portalId: string; slug: string }>('portal.createConfiguration', {
      slug: `portal-${randomUUID()}`,
      ...settings,
    });
  const newApi = () => manage<{ apiId: string }>('apis.createApi', { name: 'Payments', prefix: 'acme' });
  const cursorOf = async (list: string, body: object = {}) =>
    (await ask(list, { ...body, limit: 1 }, `Bearer ${rootKey}`)).pagination?.cursor ?? '';
  /** Two of what is listed, and the cursor behind the first. */
  async function many(create: () => Promise<unknown>, list: string): Promise<Facts> {
    for (const _ of [1, 2]) await create();
    return { ...portal, cursor: await cursorOf(list) };
  }

  async function session(over: Record<string, unknown> = {}): Promise<Facts> {
    const body = { slug, ...grant, ...over };
    const { sessionId } = await call<{ sessionId: string }>('portal.createSession', body, `Bearer ${rootKey}`);
    return { ...portal, sessionId };
  }

  async function browserSession(over: Record<string, unknown> = {}): Promise<Facts> {
    const facts = await session(over);
    const { token } = await call<{ token: string }>('portal.exchangeSession', { sessionId: facts.sessionId });
    return { ...facts, token };
  }

  /** A session of a portal that takes its OpenAPI document from there. */
  async function documented(settings: { openapiUrl?: string }): Promise<Facts> {
    const { slug: own } = await newPortal(settings);
    return { ...(await browserSession({ slug: own })), ...settings, slug: own };
  }

  const bearing = (operation: string, body: unknown, bearer: string) =>
    send(baseUrl, { method: 'post', path: `/v2/${operation}` }, { body, authorization: `Bearer ${bearer}` });
  const ofKeys = keyStates(bearing, rootKey);

  const arrangers: Partial<Record<State, () => Promise<Facts>>> = {
    ...ofKeys,
    ...(foreignRootKey && {
      foreignWorkspaceKey: async () => ({ ...((await ofKeys.key?.()) ?? noFacts), rootKey: foreignRootKey }),
    }),
    nothing: async () => noFacts,
    portal: async () => portal,
    ...(disabledSlug && { disabledPortal: async () => ({ ...portal, slug: disabledSlug }) }),
    ...(foreignRootKey && { foreignRootKey: async () => ({ ...portal, rootKey: foreignRootKey }) }),
    async freshPortal() {
      const { portalId, slug: fresh } = await newPortal();
      return { ...portal, portalId, slug: fresh };
    },
    manyPortals: () => many(() => newPortal(), 'portal.listConfigurations'),
    api: async () => ({ ...portal, apiId: (await newApi()).apiId }),
    manyApis: () => many(newApi, 'apis.listApis'),
    async sessionsOfUser() {
      const externalId = `user-${randomUUID()}`;
      for (const _ of [1, 2]) await session({ externalId });
      const [listed] = await manage<{ handle: string }[]>('portal.listSessions', { externalId });
      const cursor = await cursorOf('portal.listSessions', { externalId });
      return { ...portal, externalId, handle: listed?.handle ?? '', cursor };
    },
    async auditedChanges() {
      const { apiId } = await newApi();
      await browserSession();
      const { slug: changed } = await newPortal();
      await manage('portal.updateConfiguration', { portal: changed, version: 1, name: 'New' });
      return { ...portal, apiId, cursor: await cursorOf('auditLogs.listEntries') };
    },
    async usedIdempotencyKey() {
      const idempotencyKey = randomUUID();
      const repeatable: [operation: string, body: unknown][] = [
        ['portal.createSession', { slug, ...grant }],
        ['portal.createConfiguration', { slug: `portal-${randomUUID()}` }],
        ['apis.createApi', { name: 'Payments' }],
      ];
      for (const [operation, body] of repeatable) {
        await ask(operation, body, `Bearer ${rootKey}`, { 'Idempotency-Key': idempotencyKey });
      }
      return { ...portal, idempotencyKey };
    },
    ...(openapiUrl && { documentedPortal: () => documented({ openapiUrl }) }),
    undocumentedPortal: () => documented({}),
    undocumentablePortal: () => documented({ openapiUrl: deadUrl }),
    session,
    async usedSession() {
      const facts = await session();
      await call('portal.exchangeSession', { sessionId: facts.sessionId });
      return facts;
    },
    browserSession,
    previewBrowserSession: () => browserSession({ preview: true }),
    async endedBrowserSession() {
      const facts = await browserSession();
      await call('portal.endSession', {}, `Bearer ${facts.token}`);
      return facts;
    },
  };

  return {
    name,
    baseUrl,
    isMock: false,
    async arrange(state) {
      const arranger = arrangers[state];
      if (arranger === undefined) throw new Unavailable('no HTTP call can create this state');
      return arranger();
    },
  };
}

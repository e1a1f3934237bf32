import { fullPolicy } from '../cases/policy-common.ts';
import type { Fixture, State } from '../engine/case.ts';
import type { ApiResponse } from '../engine/check-response.ts';
import { newHostname, newId } from '../engine/ids.ts';
import { refuseWrite } from '../engine/run.ts';
import { sendPatiently } from '../engine/send.ts';
import { emptyFixture, type Target, Unavailable } from '../engine/target.ts';
import { keyStates } from './key-states.ts';

/** What the suite needs to know to test a server from outside. */
export interface BlackBoxOptions {
  name: string;
  baseUrl: string;
  rootKey: string;
  /** Slug of an enabled portal in the root key's workspace. */
  slug: string;
  /** Slug of a disabled portal in the root key's workspace. */
  disabledSlug?: string;
  /** A root key of another workspace. */
  foreignRootKey?: string;
  /** A root key of the same workspace with only portal.*.create_session and api.*.read_analytics. */
  limitedRootKey?: string;
  /** A root key of the same workspace with permissions on the keys of one API, which the suite does not use. */
  otherApiRootKey?: string;
  /** An OpenAPI document that the server can fetch. */
  openapiUrl?: string;
  /** Judges the responses with which it creates states; without it, they are used as they are. */
  isAsPromised?: (operation: string, response: ApiResponse) => boolean;
  /** Whether the target understands a request of a state; by default it does. */
  understands?: (operation: string, body: unknown) => boolean;
}

/** The user and permissions of its sessions; the cases expect these. */
const sessionGrant = { externalId: 'user_123', permissions: ['api.*.read_key', 'api.*.read_analytics'] };

/** What a person who shares an account gets; the cases expect the name. */
const personGrant = {
  permissions: ['api.*.read_key', 'portal.*.read_account'],
  actor: { id: 'person_7', name: 'Ada Lovelace' },
};

/** Every setting of a user, so that responses contain every field. */
const fullIdentity = {
  name: 'Acme Ltd',
  meta: { plan: 'pro' },
  policy: fullPolicy,
};

/** Every setting of a portal, so that responses contain every field. */
const fullSettings = {
  name: 'Acme',
  returnUrl: 'https://app.acme.example',
  supportUrl: 'https://help.acme.example',
  embeddingOrigins: ['https://app.acme.example'],
  allowedOrigins: ['https://keys.acme.example'],
  openapiUrl: 'https://api.acme.example/openapi.json',
  branding: {
    logoUrl: 'https://cdn.acme.example/logo.svg',
    logoDarkUrl: 'https://cdn.acme.example/logo-dark.svg',
    faviconUrl: 'https://cdn.acme.example/favicon.svg',
    showPoweredBy: true,
    ...{ primaryColorDark: '#7aa2f7', logoShowsName: true, title: 'Acme for developers', colorScheme: 'auto' },
    ...{ font: 'inter', fontUrl: 'https://cdn.acme.example/brand.woff2', radius: 'large', density: 'compact' },
    ...{ neutral: 'stone', header: 'compact', language: 'en', tabs: [{ tab: 'keys', label: 'Keys' }] },
    links: [{ label: 'Terms of service', url: 'https://acme.example/terms' }],
    variables: [
      { name: '--portico-ground', light: '#fffaf0', dark: '#14110c' },
      { name: '--portico-radius', value: '4px' },
    ],
  },
};

/** The states that need an option, and what the option is. */
const needs: Partial<Record<State, string>> = {
  disabledPortal: '--disabled-slug, a disabled portal',
  foreignRootKey: '--foreign-root-key, a root key of another workspace',
  foreignWorkspaceKey: '--foreign-root-key, a root key of another workspace',
  limitedRootKey: '--limited-root-key, a root key with few permissions',
  otherApiRootKey: '--other-api-root-key, a root key with permissions on one API alone',
  portalWithDocument: '--openapi-url, a document that the server can fetch',
};

/** Nothing listens there. A server that does not call private addresses does not call it. */
const unreachableUrl = 'http://127.0.0.1:1/openapi.json';

interface Envelope {
  data: unknown;
  pagination?: { cursor?: string };
}

/** Why a state is unavailable on a target of an earlier contract. */
const laterState = (operation: string) =>
  `the state needs a request to ${operation} that the contract did not have yet`;

/** Any server that implements the contract, over HTTP only. */
export function blackBox(options: BlackBoxOptions): Target {
  const { name, baseUrl, rootKey, slug, disabledSlug, foreignRootKey, otherApiRootKey, limitedRootKey, openapiUrl } =
    options;
  const { isAsPromised = () => true, understands = () => true } = options;
  const portal: Fixture = { ...emptyFixture, rootKey, slug };

  async function sendFor(
    operation: string,
    body: unknown,
    authorization?: string,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse> {
    refuseWrite(operation);
    if (!understands(operation, body)) throw new Unavailable(laterState(operation));
    const path = `/v2/${operation}`;
    const request = { body, headers, ...(authorization && { authorization }) };
    const response = await sendPatiently(baseUrl, { method: 'post', path }, request).catch((error: Error) => {
      throw new Unavailable(`${operation} did not respond, so the state is unavailable: ${error.message}`);
    });
    // A field that is not there would look like a mistake of the suite later. The checks of this operation report it.
    const hasData = (response.body as Partial<Envelope> | undefined)?.data !== undefined;
    if (response.status === 200 && !(hasData && isAsPromised(operation, response))) {
      throw new Unavailable(`${operation} returned what the contract does not promise, so the state is unavailable`);
    }
    return response;
  }

  async function post(...request: Parameters<typeof sendFor>): Promise<Envelope> {
    const { status, body } = await sendFor(...request);
    if (status !== 200) throw new Unavailable(`${request[0]} returned ${status}, so the state is unavailable`);
    return body as Envelope;
  }

  const call = async <T>(operation: string, body: unknown, authorization?: string) =>
    (await post(operation, body, authorization)).data as T;
  const callWithRootKey = <T>(operation: string, body: unknown) => call<T>(operation, body, `Bearer ${rootKey}`);
  const newPortal = (settings: object = { ...fullSettings, hostname: newHostname() }) =>
    callWithRootKey<{ portalId: string; slug: string }>('portal.createConfiguration', {
      slug: `portal-${newId()}`,
      ...settings,
    });
  const newApi = (more: object = {}) =>
    callWithRootKey<{ apiId: string }>('apis.createApi', { name: 'Payments', prefix: 'acme', ...more });
  const cursorOf = async (list: string, body: object = {}) =>
    (await post(list, { ...body, limit: 1 }, `Bearer ${rootKey}`)).pagination?.cursor ?? '';
  /** Creates two items of a list, and returns the cursor after the first. */
  async function many(create: () => Promise<unknown>, list: string): Promise<Fixture> {
    for (const _ of [1, 2]) await create();
    return { ...portal, cursor: await cursorOf(list) };
  }

  async function session(over: Record<string, unknown> = {}): Promise<Fixture> {
    const body = { slug, ...sessionGrant, ...over };
    const { sessionId } = await call<{ sessionId: string }>('portal.createSession', body, `Bearer ${rootKey}`);
    return { ...portal, sessionId };
  }

  async function browserSession(over: Record<string, unknown> = {}): Promise<Fixture> {
    const fixture = await session(over);
    const { token } = await call<{ token: string }>('portal.exchangeSession', { sessionId: fixture.sessionId });
    return { ...fixture, token };
  }

  /** A session of a person, of a user with another session, and the cursor after the first item of their list. */
  async function account(list: string): Promise<Fixture> {
    const grant = { externalId: `user-${newId()}`, ...personGrant };
    await browserSession(grant);
    const fixture = await browserSession(grant);
    const { pagination } = await post(list, { limit: 1 }, `Bearer ${fixture.token}`);
    return { ...fixture, externalId: grant.externalId, cursor: pagination?.cursor ?? '' };
  }

  /** A session of a new portal with this `openapiUrl`. */
  async function documented(settings: { openapiUrl?: string }): Promise<Fixture> {
    const { slug: own } = await newPortal(settings);
    return { ...(await browserSession({ slug: own })), ...settings, slug: own };
  }

  /** A new portal, a session of it from `begin`, and then a host name for it, which is not the one of the suite's requests. */
  async function movedAfter(begin: (over: Record<string, unknown>) => Promise<Fixture>): Promise<Fixture> {
    const { slug: own, portalId } = await newPortal({});
    const fixture = await begin({ slug: own });
    const change = { portal: portalId, version: 1, hostname: newHostname() };
    await callWithRootKey('portal.updateConfiguration', change);
    return { ...fixture, slug: own };
  }

  const callWithBearer = (operation: string, body: unknown, bearer: string, headers?: Record<string, string>) =>
    sendFor(operation, body, `Bearer ${bearer}`, headers);
  const keyArrangers = keyStates(callWithBearer, rootKey);

  const arrangers: Partial<Record<State, (operation?: string) => Promise<Fixture>>> = {
    ...keyArrangers,
    ...(foreignRootKey && {
      foreignWorkspaceKey: async () => ({ ...((await keyArrangers.key?.()) ?? emptyFixture), rootKey: foreignRootKey }),
    }),
    ...(otherApiRootKey && {
      otherApiRootKey: async () => ({ ...((await keyArrangers.key?.()) ?? emptyFixture), rootKey: otherApiRootKey }),
    }),
    ...(limitedRootKey && { limitedRootKey: async () => ({ ...portal, rootKey: limitedRootKey }) }),
    nothing: async () => emptyFixture,
    portal: async () => portal,
    ...(disabledSlug && { disabledPortal: async () => ({ ...portal, slug: disabledSlug }) }),
    ...(foreignRootKey && { foreignRootKey: async () => ({ ...portal, rootKey: foreignRootKey }) }),
    async freshPortal() {
      const { portalId, slug: fresh } = await newPortal();
      return { ...portal, portalId, slug: fresh };
    },
    async freshPortalForSessions() {
      const { portalId, slug: fresh } = await newPortal(fullSettings);
      return { ...portal, portalId, slug: fresh };
    },
    manyPortals: () => many(() => newPortal(), 'portal.listConfigurations'),
    api: async () => ({ ...portal, apiId: (await newApi()).apiId }),
    governedApi: async () => ({ ...portal, apiId: (await newApi({ policy: fullPolicy })).apiId }),
    manyApis: () => many(() => newApi({ policy: fullPolicy }), 'apis.listApis'),
    async sessionsOfUser() {
      const externalId = `user-${newId()}`;
      for (const _ of [1, 2]) await session({ externalId });
      const [listed] = await callWithRootKey<{ handle: string }[]>('portal.listSessions', { externalId });
      const cursor = await cursorOf('portal.listSessions', { externalId });
      return { ...portal, externalId, handle: listed?.handle ?? '', cursor };
    },
    async identity() {
      const externalId = `user-${newId()}`;
      await callWithRootKey('identities.updateIdentity', { externalId, ...fullIdentity });
      return { ...portal, externalId };
    },
    manyIdentities: () =>
      many(
        () => callWithRootKey('identities.updateIdentity', { externalId: `user-${newId()}` }),
        'identities.listIdentities',
      ),
    accountOfUser: () => account('portal.listUserSessions'),
    auditedAccount: () => account('portal.listAuditEntries'),
    async auditedChanges() {
      const { apiId } = await newApi();
      await browserSession();
      const { slug: changed } = await newPortal();
      await callWithRootKey('portal.updateConfiguration', { portal: changed, version: 1, name: 'New' });
      return { ...portal, apiId, cursor: await cursorOf('auditLogs.listEntries') };
    },
    async usedIdempotencyKey(operation) {
      const idempotencyKey = newId();
      const newUser = async () => ({ apiId: (await newApi()).apiId, externalId: `user-${newId()}` });
      const newKey = async () => (await callWithRootKey<{ keyId: string }>('keys.createKey', await newUser())).keyId;
      const repeatable: Record<string, () => unknown> = {
        'keys.createKey': newUser,
        'keys.rerollKey': async () => ({ keyId: await newKey(), expiration: 0 }),
        'portal.createSession': () => ({ slug, ...sessionGrant }),
        'portal.createConfiguration': () => ({ slug: `portal-${newId()}` }),
        'apis.createApi': () => ({ name: 'Payments' }),
      };
      for (const [used, body] of Object.entries(repeatable)) {
        if (operation !== undefined && operation !== used) continue;
        await post(used, await body(), `Bearer ${rootKey}`, { 'Idempotency-Key': idempotencyKey });
      }
      return { ...portal, idempotencyKey };
    },
    ...(openapiUrl && { portalWithDocument: () => documented({ openapiUrl }) }),
    portalWithoutDocument: () => documented({}),
    portalWithUnavailableDocument: () => documented({ openapiUrl: unreachableUrl }),
    session: () => session(),
    async sessionOfAnotherUser() {
      const { token } = await browserSession({ externalId: `user-${newId()}` });
      return { ...(await session()), token };
    },
    sessionOfOtherHost: () => movedAfter(session),
    browserSessionOfOtherHost: () => movedAfter(browserSession),
    async takenHostname() {
      const hostname = newHostname();
      await newPortal({ hostname });
      const { portalId, slug: fresh } = await newPortal({});
      return { ...portal, portalId, slug: fresh, hostname };
    },
    async usedSession() {
      const fixture = await session();
      await call('portal.exchangeSession', { sessionId: fixture.sessionId });
      return fixture;
    },
    browserSession: () => browserSession(),
    previewBrowserSession: () => browserSession({ preview: true }),
    async endedBrowserSession() {
      const fixture = await browserSession();
      await call('portal.endSession', {}, `Bearer ${fixture.token}`);
      return fixture;
    },
  };

  return {
    name,
    baseUrl,
    isMock: false,
    async arrange(state, operation) {
      const arranger = arrangers[state];
      if (arranger === undefined) {
        const option = needs[state];
        throw new Unavailable(
          option === undefined ? 'no HTTP call can create this state' : `it needs the option ${option}`,
        );
      }
      return arranger(operation);
    },
  };
}

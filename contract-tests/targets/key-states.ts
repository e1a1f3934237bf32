import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fullPolicy } from '../cases/policy-common.ts';
import type { Fixture, State } from '../engine/case.ts';
import type { ApiResponse } from '../engine/check-response.ts';
import { newId } from '../engine/ids.ts';
import { inSharedScope } from '../engine/run.ts';
import { Unavailable } from '../engine/target.ts';

/** Calls an operation, with a bearer token. */
type Call = (
  operation: string,
  body: unknown,
  bearer: string,
  headers?: Record<string, string>,
) => Promise<ApiResponse>;

const everything = [
  ...['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map((action) => `api.*.${action}`),
  'portal.*.read_account',
];

/** How many keys the suite creates at most to reach the limit of keys per user and API. */
const maxKeysTried = 1000;

/** How long the suite waits until a key has expired whose end is 2.5 s ahead, in ms. */
const expiryPatienceMs = 10_000;

/** The quota of each user. */
const quota = 1_000_000;

/** Every setting of a key, so that responses contain every field. */
const fullSettings = {
  name: 'Production',
  expires: 4_070_908_800_000,
  meta: { team: 'billing' },
  ratelimit: { limit: 100, duration: 60_000 },
  scopes: ['invoices:read'],
};

/** A range of addresses from which nobody calls. */
const inRanges = { ipRanges: ['192.0.2.0/24'] };

/** Creates the states of API keys over HTTP: one portal with an API, and a new user per state. */
export function keyStates(
  call: Call,
  rootKey: string,
): Partial<Record<State, (operation?: string) => Promise<Fixture>>> {
  async function data<T>(
    operation: string,
    body: unknown,
    bearer = rootKey,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await call(operation, body, bearer, headers);
    if (response.status !== 200)
      throw new Unavailable(`${operation} returned ${response.status}, so the state is unavailable`);
    return (response.body as { data: T }).data;
  }

  let portalWithApi: Promise<{ slug: string; apiId: string }> | undefined;
  const portal = () => {
    portalWithApi ??= inSharedScope('portal of keys', async () => {
      const { apiId } = await data<{ apiId: string }>('apis.createApi', {
        ...{ name: 'Keys', prefix: 'a_b' },
        policy: {
          scopes: ['invoices:read', 'invoices:write'],
          perUser: { ratelimit: { limit: 2 * quota, duration: 60_000 }, quota: { limit: quota, period: 'month' } },
        },
      });
      const slug = `keys-${newId()}`;
      await data('portal.createConfiguration', { slug, apiIds: [apiId] });
      return { slug, apiId };
    });
    return portalWithApi;
  };

  async function signIn(
    externalId = `user_${newId()}`,
    permissions = everything,
    own?: { slug: string; apiId: string },
  ): Promise<Fixture> {
    const { slug, apiId } = own ?? (await portal());
    const { sessionId } = await data<{ sessionId: string }>('portal.createSession', { slug, externalId, permissions });
    const { token } = await data<{ token: string }>('portal.exchangeSession', { sessionId });
    return { rootKey, slug, sessionId: '', token, apiId, externalId };
  }

  async function withKey(settings: object = fullSettings): Promise<Fixture> {
    const fixture = await signIn();
    const body = { apiId: fixture.apiId, ...settings };
    const { keyId, key } = await data<{ keyId: string; key: string }>('portal.createKey', body, fixture.token);
    return { ...fixture, keyId, apiKey: key };
  }

  const verify = ({ apiKey }: Fixture) => data<{ code: string }>('keys.verifyKey', { key: apiKey });

  async function createUpToLimit({ apiId, token }: Fixture): Promise<void> {
    for (let made = 0; made < maxKeysTried; made++) {
      const { status } = await call('portal.createKey', { apiId }, token);
      if (status === 409) return;
    }
    throw new Unavailable(`a user can have ${maxKeysTried} or more keys, so the suite does not look for the limit`);
  }

  return {
    keyUser: () => signIn(),
    async governedKeyUser() {
      const { apiId } = await data<{ apiId: string }>('apis.createApi', { name: 'Governed', policy: fullPolicy });
      const slug = `keys-${newId()}`;
      await data('portal.createConfiguration', { slug, apiIds: [apiId] });
      return signIn(undefined, everything, { slug, apiId });
    },
    key: () => withKey(),
    async foreignKey() {
      return { ...(await withKey()), token: (await signIn()).token };
    },
    async keyWithoutPermissions() {
      const fixture = await withKey();
      return { ...fixture, token: (await signIn(fixture.externalId, ['api.*.something_else'])).token };
    },
    async manyKeys() {
      const fixture = await withKey();
      await data(
        'portal.createKey',
        { apiId: fixture.apiId, name: 'Second', ipRanges: ['192.0.2.0/24'] },
        fixture.token,
      );
      const { body } = await call('portal.listKeys', { limit: 1 }, fixture.token);
      return { ...fixture, cursor: (body as { pagination: { cursor: string } }).pagination.cursor };
    },
    async managedKey() {
      const fixture = await signIn();
      const body = {
        apiId: fixture.apiId,
        externalId: fixture.externalId,
        managed: true,
        ...fullSettings,
        ...inRanges,
      };
      const { keyId, key } = await data<{ keyId: string; key: string }>('keys.createKey', body);
      return { ...fixture, keyId, apiKey: key };
    },
    async manyKeysOfApi() {
      const { apiId } = await data<{ apiId: string }>('apis.createApi', { name: 'Listed' });
      for (const i of [1, 2]) await data('keys.createKey', { apiId, externalId: `user_${i}_${newId()}` });
      const { body } = await call('apis.listKeys', { apiId, limit: 1 }, rootKey);
      const { cursor } = (body as { pagination: { cursor: string } }).pagination;
      return { ...(await signIn()), apiId, cursor };
    },
    async keyToImport() {
      const plaintext = `sk_live_${newId()}`;
      return { ...(await signIn()), apiKey: plaintext, hash: hash('sha256', plaintext, 'base64') };
    },
    disabledKey: () => withKey({ ...fullSettings, enabled: false }),
    async rerolledKey() {
      const fixture = await withKey();
      await data('portal.rerollKey', { keyId: fixture.keyId, expiration: 0 }, fixture.token);
      return fixture;
    },
    async usedSessionIdempotencyKey(operation) {
      const fixture = await withKey();
      const idempotencyKey = newId();
      const headers = { 'Idempotency-Key': idempotencyKey };
      const repeatable = {
        'portal.createKey': { apiId: fixture.apiId, name: 'First' },
        'portal.rerollKey': { keyId: fixture.keyId, expiration: 3_600_000 },
      };
      for (const [used, body] of Object.entries(repeatable)) {
        if (operation === undefined || operation === used) await data(used, body, fixture.token, headers);
      }
      return { ...fixture, idempotencyKey };
    },
    async rateLimitedKey() {
      const fixture = await withKey({ ...fullSettings, ratelimit: { limit: 1, duration: 600_000 } });
      await verify(fixture);
      return fixture;
    },
    async keyOverQuota() {
      const fixture = await withKey({});
      await data('keys.verifyKey', { key: fixture.apiKey, cost: quota });
      return fixture;
    },
    keyWithRanges: () => withKey({ ...fullSettings, ipRanges: ['192.0.2.0/24', '2001:db8::/32'] }),
    async usedKey() {
      const fixture = await withKey();
      await verify(fixture);
      return fixture;
    },
    async keyAtLimit() {
      const { headers } = await call('portal.getSession', {}, (await signIn()).token);
      // By the clock of the server, which reports whole seconds.
      const fixture = await withKey({ expires: Date.parse(String(headers['date'])) + 2500 });
      await createUpToLimit(fixture);
      const givenUpAt = Date.now() + expiryPatienceMs;
      while ((await verify(fixture)).code !== 'EXPIRED') {
        if (Date.now() > givenUpAt) throw new Unavailable('a key did not expire, so the state is unavailable');
        await sleep(100);
      }
      await createUpToLimit(fixture);
      return fixture;
    },
  };
}

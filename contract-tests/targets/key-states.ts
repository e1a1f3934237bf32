import { randomUUID } from 'node:crypto';
import type { Facts, State } from '../engine/case.ts';
import type { Answer } from '../engine/check-response.ts';
import { Unavailable } from '../engine/target.ts';

/** Calls an operation, with a bearer token. */
type Call = (operation: string, body: unknown, bearer: string) => Promise<Answer>;

const everything = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map(
  (action) => `api.*.${action}`,
);

/** More keys than any server can be expected to let one user have, for one that is to be found at its limit. */
const plenty = 1000;

/** Whatever a key may have, so that every field of the answers is seen. */
const furnished = {
  name: 'Production',
  expires: 4_070_908_800_000,
  meta: { team: 'billing' },
  ratelimit: { limit: 100, duration: 60_000 },
};

/** The states about API keys, brought about over HTTP alone: a portal with an API, and users of their own. */
export function keyStates(call: Call, rootKey: string): Partial<Record<State, () => Promise<Facts>>> {
  async function data<T>(operation: string, body: unknown, bearer = rootKey): Promise<T> {
    const answer = await call(operation, body, bearer);
    if (answer.status !== 200)
      throw new Unavailable(`${operation} returned ${answer.status}, so the state is unavailable`);
    return (answer.body as { data: T }).data;
  }

  let place: Promise<{ slug: string; apiId: string }> | undefined;
  const portal = () => {
    place ??= (async () => {
      const { apiId } = await data<{ apiId: string }>('apis.createApi', { name: 'Keys', prefix: 'a_b' });
      const slug = `keys-${randomUUID()}`;
      await data('portal.createConfiguration', { slug, apiIds: [apiId] });
      return { slug, apiId };
    })();
    return place;
  };

  async function enter(externalId = `user_${randomUUID()}`, permissions = everything): Promise<Facts> {
    const { slug, apiId } = await portal();
    const { sessionId } = await data<{ sessionId: string }>('portal.createSession', { slug, externalId, permissions });
    const { token } = await data<{ token: string }>('portal.exchangeSession', { sessionId });
    return { rootKey, slug, sessionId: '', token, apiId, externalId };
  }

  async function withKey(settings: object = furnished): Promise<Facts> {
    const facts = await enter();
    const body = { apiId: facts.apiId, ...settings };
    const { keyId, key } = await data<{ keyId: string; key: string }>('portal.createKey', body, facts.token);
    return { ...facts, keyId, apiKey: key };
  }

  const verify = ({ apiKey }: Facts) => data('keys.verifyKey', { key: apiKey });

  return {
    keyUser: () => enter(),
    key: () => withKey(),
    async foreignKey() {
      return { ...(await withKey()), token: (await enter()).token };
    },
    async keyOfPowerless() {
      const facts = await withKey();
      return { ...facts, token: (await enter(facts.externalId, ['api.*.something_else'])).token };
    },
    async manyKeys() {
      const facts = await withKey();
      await data('portal.createKey', { apiId: facts.apiId, name: 'Second' }, facts.token);
      const { body } = await call('portal.listKeys', { limit: 1 }, facts.token);
      return { ...facts, cursor: (body as { pagination: { cursor: string } }).pagination.cursor };
    },
    disabledKey: () => withKey({ ...furnished, enabled: false }),
    async rerolledKey() {
      const facts = await withKey();
      await data('portal.rerollKey', { keyId: facts.keyId, expiration: 0 }, facts.token);
      return facts;
    },
    async exhaustedKey() {
      const facts = await withKey({ ...furnished, ratelimit: { limit: 1, duration: 600_000 } });
      await verify(facts);
      return facts;
    },
    async usedKey() {
      const facts = await withKey();
      await verify(facts);
      return facts;
    },
    async keyAtLimit() {
      const facts = await withKey();
      const body = { apiId: facts.apiId };
      for (let made = 1; made < plenty; made++) {
        const { status } = await call('portal.createKey', body, facts.token);
        if (status === 409) {
          // A reroll may go one beyond the limit, for the key that it replaces.
          await call('portal.rerollKey', { keyId: facts.keyId, expiration: 3_600_000 }, facts.token);
          const { body: listed } = await call('portal.listKeys', { limit: 2 }, facts.token);
          const [, second] = (listed as { data: { keyId: string }[] }).data;
          return { ...facts, keyId: String(second?.keyId) };
        }
      }
      throw new Unavailable(`a user can have ${plenty} or more keys, so the suite does not look for the limit`);
    },
  };
}

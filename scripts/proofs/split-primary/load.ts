/** Users before, during and after the cut: what they were promised, and what is left of it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { usersOf } from '../../../tests/support/store.ts';
import { call, type Reply, type Tenant } from '../../../tests/support/tenant.ts';

/** What a user has before the cut: a link, a browser session and a key. */
interface User {
  externalId: string;
  sessionId: string;
  token: string;
  keyId: string;
  key: string;
}

/** What users do on the old side. */
const kinds = ['exchange', 'delete', 'end', 'create'] as const;
type Kind = (typeof kinds)[number];

/** What a server of the old side has acknowledged to a user. */
export interface Acknowledged {
  kind: Kind;
  user: User;
  /** The token of an exchange, or the key that was created. */
  credential: string;
}

const permissions = ['api.*.read_key', 'api.*.create_key'];
const slug = 'my-portal';

/** Repeats a call until it has a response that is not a 503. */
async function insist(send: () => Promise<Reply>): Promise<Reply> {
  for (let attempts = 0; ; attempts++) {
    const reply = await send();
    if ((reply.status !== 503 && reply.status !== 0) || attempts === 200) return reply;
    await sleep(100);
  }
}

const dataOf = ({ status, data, broken }: Reply) => {
  if (status !== 200) throw new Error(broken ?? `a call was refused with ${status}`);
  return data as Record<string, string>;
};

/** Users of one tenant. All belong to the first primary of a cluster, which is the one that is cut off. */
export function usersOfTenant({ workspaceId, rootKey, apiId }: Tenant, most: number) {
  const names = usersOf({ workspaceId, partition: 0 }, most);
  const manage = (url: string, operation: string, body: object) => call(url, operation, rootKey, body);
  const open = (url: string, externalId: string) =>
    manage(url, 'portal.createSession', { slug, externalId, permissions });
  const exchange = (url: string, sessionId: string, headers = {}) =>
    call(url, 'portal.exchangeSession', '', { sessionId }, headers);
  const getSession = (url: string, token: string) => call(url, 'portal.getSession', token, {});
  const verify = async (url: string, key: string) => {
    const { status, data } = await insist(() => manage(url, 'keys.verifyKey', { key, apiId }));
    return status === 200 ? String(data['code']) : String(status);
  };
  const createKey = (url: string, externalId: string) => manage(url, 'keys.createKey', { apiId, externalId });

  async function prepare(url: string): Promise<User> {
    const externalId = names.pop() ?? '';
    const insistOn = async (send: () => Promise<Reply>) => dataOf(await insist(send));
    const { sessionId: used = '' } = await insistOn(() => open(url, externalId));
    // An attempt whose response was too late may have been the exchange.
    const repeatable = { 'Idempotency-Key': randomUUID() };
    const { token = '' } = await insistOn(() => exchange(url, used, repeatable));
    const { sessionId = '' } = await insistOn(() => open(url, externalId));
    const { keyId = '', key = '' } = await insistOn(() => createKey(url, externalId));
    return { externalId, sessionId, token, keyId, key };
  }

  /** Does one thing on a server, as a client that repeats a 503 once. Undefined if it is not acknowledged. */
  async function act(url: string, kind: Kind, user: User, mayRevoke: boolean): Promise<Acknowledged | undefined> {
    const done = (credential: unknown = ''): Acknowledged => ({ kind, user, credential: String(credential) });
    if (kind === 'exchange') {
      const { status, data } = await exchange(url, user.sessionId);
      return status === 200 ? done(data['token']) : undefined;
    }
    if (kind === 'create') {
      const { status, data } = await createKey(url, user.externalId);
      return status === 200 ? done(data['key']) : undefined;
    }
    const send = () => {
      if (kind === 'delete') return manage(url, 'keys.deleteKey', { keyId: user.keyId });
      if (mayRevoke) return manage(url, 'portal.revokeSessions', { externalId: user.externalId, slug });
      return call(url, 'portal.endSession', user.token, {});
    };
    let { status } = await send();
    // Only calls whose repetition says that the change was made.
    if (status === 503 && (kind === 'delete' || mayRevoke)) {
      await sleep(100);
      ({ status } = await send());
    }
    return status === 200 || (kind === 'delete' && status === 404) ? done() : undefined;
  }

  return {
    async prepareMany(url: string, many: number): Promise<User[]> {
      const users: User[] = [];
      for (let i = 0; i < many; i++) users.push(await prepare(url));
      return users;
    },

    /**
     * Everything that these users do on one server, at random times: every third user before the cut, because a server that waits
     * acknowledges little after it, and the others after it.
     */
    async during(
      url: string,
      users: User[],
      { beforeMs, afterMs }: { beforeMs: number; afterMs: number },
      random: () => number,
    ): Promise<Acknowledged[]> {
      const timeOf = (i: number) => (i % 3 === 0 ? random() * beforeMs : beforeMs + random() * afterMs);
      const acts = users.flatMap((user, i) =>
        // A revocation ends the link as well, so that user does not exchange it.
        kinds
          .filter((kind) => kind !== 'exchange' || i % 5 !== 4)
          .map((kind) => ({ kind, user, isRevoked: i % 5 === 4, at: timeOf(i) })),
      );
      const done = await Promise.all(
        acts.map(async ({ kind, user, isRevoked, at }) => {
          await sleep(at);
          return act(url, kind, user, isRevoked);
        }),
      );
      return done.filter((one) => one !== undefined);
    },

    /** Creates sessions, one after another, until it is stopped. Returns when each was acknowledged, by performance.now(). */
    async knock(url: string, signal: AbortSignal): Promise<number[]> {
      const times: number[] = [];
      while (!signal.aborted) {
        const { status, at } = await open(url, `${names[0]}`);
        if (status === 200) times.push(at);
        await sleep(50);
      }
      return times;
    },

    /** Waits until a server acknowledges changes. */
    served: (url: string): Promise<unknown> => insist(() => open(url, `${names[0]}`)),

    /** Ends what the users have on a server. Returns those for whom it was acknowledged. */
    async endAll(url: string, users: User[]): Promise<User[]> {
      const ended: User[] = [];
      for (const user of users) {
        const replies = [
          await manage(url, 'keys.deleteKey', { keyId: user.keyId }),
          await manage(url, 'portal.revokeSessions', { externalId: user.externalId, slug }),
        ];
        if (replies.every(({ status }) => status === 200)) ended.push(user);
      }
      return ended;
    },

    /** How many keys and sessions of users a server takes. */
    async accepted(url: string, users: User[]): Promise<{ keys: number; sessions: number }> {
      const taken = { keys: 0, sessions: 0 };
      for (const { key, token } of users) {
        const { status, data } = await manage(url, 'keys.verifyKey', { key, apiId });
        if (status === 200 && data['code'] === 'VALID') taken.keys += 1;
        if ((await getSession(url, token)).status === 200) taken.sessions += 1;
      }
      return taken;
    },

    /** Opens the links of users on a server. Returns those who got a session. */
    async openLinks(url: string, users: User[]): Promise<User[]> {
      const opened: User[] = [];
      for (const user of users) if ((await exchange(url, user.sessionId)).status === 200) opened.push(user);
      return opened;
    },

    /** Whether a server knows nothing of what another one has acknowledged. */
    async isUndone(url: string, { kind, user, credential }: Acknowledged): Promise<boolean> {
      if (kind === 'delete') return (await verify(url, user.key)) === 'VALID';
      if (kind === 'create') return (await verify(url, credential)) !== 'VALID';
      const { status } = await insist(() => getSession(url, kind === 'end' ? user.token : credential));
      return (status === 200) === (kind === 'end');
    },
  };
}

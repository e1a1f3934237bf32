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
}

/** What the sessions that it mints grant; the cases know these. */
const grant = { externalId: 'user_123', permissions: ['api.*.read_key', 'api.*.read_analytics'] };

/** Any server that claims to keep the contract, over HTTP alone. */
export function blackBox(options: BlackBoxOptions): Target {
  const { name, baseUrl, rootKey, slug, disabledSlug, foreignRootKey } = options;
  const portal: Facts = { ...noFacts, rootKey, slug };

  async function call<T>(operation: string, body: unknown, authorization?: string): Promise<T> {
    const path = `/v2/${operation}`;
    const answer = await send(baseUrl, { method: 'post', path }, { body, ...(authorization && { authorization }) });
    const data = (answer.body as { data?: T } | undefined)?.data;
    if (answer.status !== 200 || data === undefined) {
      throw new Unavailable(`${operation} answered ${answer.status}, so there is no such state`);
    }
    return data;
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
      if (arranger === undefined) throw new Unavailable('cannot be brought about from outside');
      return arranger();
    },
  };
}

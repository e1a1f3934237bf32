/** A portal with users and their sessions. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sessionRef } from '../../../src/server/domain/credentials.ts';
import { type Caller, callOf, type Received, recent } from './client.ts';
import { type Call, fingerprint, unknown } from './history.ts';
import { objectsPerRound, type Step } from './plan.ts';

/** A session, as far as the clients know it, and the calls about it. */
interface Session {
  sessionId?: string;
  tokens: string[];
  calls: Call[];
}

interface User {
  externalId: string;
  sessions: Session[];
}

const model = 'session';

/** The portal of a round. */
export function portalOf(name: string, { send, manage, arrange, apiId }: Caller) {
  const slug = `histories-${name}`;
  const users = Array.from(
    { length: objectsPerRound.user },
    (_, i): User => ({ externalId: `${name}-user-${i}`, sessions: [] }),
  );
  /** Calls about the configuration of the portal, and calls that change all sessions. */
  const configuration: Call[] = [];
  const changes: Call[] = [];
  const objectOf = (user: User, part: number) => `session ${user.externalId}.${part}`;

  async function createSession(client: number, user: User): Promise<void> {
    const session: Session = { tokens: [], calls: [] };
    const part = user.sessions.push(session) - 1;
    const { externalId } = user;
    const body = { slug, externalId, permissions: ['api.*.read_key'] };
    const reply = await manage(client, 'portal.createSession', body);
    // Nobody knows the id of a session whose response was lost, so it is not part of the history.
    if (reply === undefined || reply.result === unknown) return;
    session.calls.push(callOf(objectOf(user, part), reply, { model, op: 'createSession' }));
    if (reply.result === 'ok') session.sessionId = String(reply.data['sessionId']);
  }

  async function exchangeSession(client: number, user: User, part: number, key: string | undefined): Promise<void> {
    const session = user.sessions[part];
    if (session?.sessionId === undefined) return;
    const { sessionId } = session;
    const headers = key === undefined ? {} : { 'Idempotency-Key': key.repeat(32) };
    const reply = await send(client, { operation: 'portal.exchangeSession', body: { sessionId }, headers });
    if (reply === undefined) return;
    const token = reply.result === 'ok' ? String(reply.data['token']) : undefined;
    if (token !== undefined && !session.tokens.includes(token)) session.tokens.push(token);
    const value = token === undefined ? {} : { value: fingerprint(token) };
    const call = { model, op: 'exchangeSession', with: key ?? '', ...value } as const;
    session.calls.push(callOf(objectOf(user, part), reply, call));
  }

  /** Calls an operation with the token of a session. */
  async function inSession(
    client: number,
    user: User,
    part: number,
    op: string,
    token: string | undefined,
  ): Promise<void> {
    if (token === undefined) return;
    const reply = await send(client, { operation: `portal.${op}`, body: {}, bearer: token });
    if (reply === undefined || (op === 'getSession' && reply.result === unknown)) return;
    user.sessions[part]?.calls.push(callOf(objectOf(user, part), reply, { model, op, with: fingerprint(token) }));
  }

  async function revoke(client: number, user: User, part: number, op: string): Promise<void> {
    const handle = sessionRef('pst', user.sessions[part]?.sessionId ?? '')?.handle;
    if (op === 'revokeSession' && handle === undefined) return;
    const { externalId } = user;
    const bodies: Record<string, object> = {
      revokeSession: { handle },
      revokeUser: { externalId, slug },
      revokePortal: { slug },
    };
    const reply = await manage(client, 'portal.revokeSessions', bodies[op] ?? {});
    if (reply === undefined) return;
    if (op === 'revokePortal') changes.push(callOf(slug, reply, { model, op }));
    // The sessions of a user end one by one.
    for (const [each, { calls }] of user.sessions.entries())
      if (op === 'revokeUser' || (op === 'revokeSession' && each === part))
        calls.push(callOf(objectOf(user, each), reply, { model, op: 'revokeSession' }));
  }

  async function getConfiguration(client: number): Promise<string | undefined> {
    const reply = await manage(client, 'portal.getConfiguration', { portal: slug });
    if (reply === undefined || reply.result === unknown) return undefined;
    const { version, enabled } = reply.data;
    const value = `${enabled ? 'enabled' : 'disabled'} ${version}`;
    configuration.push(callOf(`portal ${name}`, reply, { model: 'portal', op: 'getConfiguration', value }));
    return String(version);
  }

  /** Disables or enables the portal, unless somebody else changes it at the same time. */
  async function configure(client: number, op: 'disable' | 'enable'): Promise<void> {
    const version = await getConfiguration(client);
    if (version === undefined) return;
    const body = { portal: slug, version: Number(version), enabled: op === 'enable' };
    const reply: Received | undefined = await manage(client, 'portal.updateConfiguration', body);
    if (reply === undefined) return;
    const value = reply.result === 'ok' ? { value: String(reply.data['version']) } : {};
    configuration.push(callOf(`portal ${name}`, reply, { model: 'portal', op, with: version, ...value }));
    if (reply.result === 'ok' || reply.result === unknown) changes.push(callOf(slug, reply, { model, op }));
  }

  /**
   * Everything that a session depends on: the calls about it, the changes of its portal, and whether another session of its user could
   * be created while it was used.
   */
  function historyOf(user: User, part: number): Call[] {
    const { calls, sessionId } = user.sessions[part] as Session;
    const [created] = calls;
    if (created === undefined || sessionId === undefined) return [];
    const last = Math.max(...calls.filter(({ result }) => result !== unknown).map(({ until }) => until));
    const others = user.sessions
      .flatMap((other) => (other.calls[0]?.op === 'createSession' && other.calls !== calls ? [other.calls[0]] : []))
      .filter(({ at, until }) => until >= created.at && until <= last && at <= last)
      .map((call) => ({ ...call, op: 'createOther' }));
    const { object } = created;
    return [...calls, ...others, ...changes.filter(({ at }) => at <= last)].map((call) => ({ ...call, object }));
  }

  return {
    prepare: () => arrange('portal.createConfiguration', { slug, apiIds: [apiId] }),

    async step(client: number, { object, part: fraction, credential, key, op }: Step): Promise<void> {
      const user = users[object] as User;
      const part = recent(user.sessions, fraction);
      const { tokens = [] } = user.sessions[part] ?? {};
      const token = tokens[Math.floor(credential * tokens.length)];
      if (part < 0 || op === 'createSession') await createSession(client, user);
      else if (op === 'exchangeSession') await exchangeSession(client, user, part, key);
      else if (op === 'getSession' || op === 'endSession') await inSession(client, user, part, op, token);
      else if (op.startsWith('revoke')) await revoke(client, user, part, op);
      else {
        if (op === 'blink') {
          await configure(client, 'disable');
          await sleep(credential * 50);
        }
        await configure(client, 'enable');
      }
    },

    /** Reads everything with one client. */
    async settle(client: number): Promise<void> {
      await getConfiguration(client);
      for (const user of users)
        for (const [part, { tokens }] of user.sessions.entries())
          for (const token of tokens) await inSession(client, user, part, 'getSession', token);
    },

    history: (): Call[] => [
      ...configuration,
      ...users.flatMap((user) => user.sessions.flatMap((_, part) => historyOf(user, part))),
    ],
  };
}

/** The mixed load: the requests of backends, users and APIs, with the response that each one expects. */
import type { Judge } from './judge.ts';
import { drop, type Key, type Ledger, pick, type Session, type SessionLink } from './ledger.ts';
import type { Call, Reply } from './servers.ts';

/** The environment of the load. */
export interface World {
  rootKey: string;
  slug: string;
  apiId: string;
  ledger: Ledger;
  judge: Judge;
  /** Users for `revokeSessions` only. One action at a time uses each of them. */
  guests: { externalId: string; alive: 'yes'; busy: boolean }[];
  send(call: Call): Promise<Reply>;
  /** Returns a number from 0 inclusive to 1 exclusive. */
  random(): number;
}

/** The number of users, and the maximum numbers of concurrent sessions and of keys. */
const users = 200;
const maxSessions = 400;
const maxKeys = 400;

const permissions = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map(
  (action) => `api.*.${action}`,
);

const dataOf = <T>({ body }: Reply) => (body as { data: T }).data;

/** Sends a call and checks the reply. Returns the reply, or undefined if the outcome of the request is unknown. */
async function sendAndCheck(world: World, call: Call): Promise<Reply | undefined> {
  const reply = await world.send(call);
  return world.judge.checkReply(call.operation, reply) ? reply : undefined;
}

/** Runs work that has exclusive use of a resource. */
async function withExclusive<T extends { busy: boolean }>(
  resource: T | undefined,
  work: (resource: T) => Promise<void>,
): Promise<void> {
  if (resource === undefined) return;
  resource.busy = true;
  await work(resource);
  resource.busy = false;
}

/** Checks the result of a read: an acknowledged resource must exist. */
function expectAlive(world: World, what: string, resource: SessionLink | Session | Key, exists: boolean): void {
  if (resource.alive === 'yes' && !exists) world.judge.addViolation(`${what}: acknowledged, but not found`);
  // The outcome is known now, unless an earlier change can still be in a socket of Redis.
  if (resource.alive === 'yes' || world.judge.isFaultFree()) resource.alive = exists ? 'yes' : 'no';
}

const isActive = ({ alive }: Session) => alive === 'yes';

async function createSession(world: World): Promise<void> {
  const { ledger, rootKey, slug } = world;
  const externalId = `user_${Math.floor(world.random() * users)}`;
  const at = Date.now();
  const body = { slug, externalId, permissions };
  const reply = await sendAndCheck(world, { operation: 'portal.createSession', body, bearer: rootKey });
  if (reply === undefined) ledger.uncertain.push({ kind: 'link', at });
  else if (reply.status !== 200) world.judge.addViolation(`createSession returned ${reply.status}`);
  else {
    const { sessionId, expiresAt } = dataOf<{ sessionId: string; expiresAt: number }>(reply);
    ledger.made.links++;
    ledger.links.push({ externalId, sessionId, expiresAt, alive: 'yes', busy: false });
  }
}

const exchange = (world: World) => {
  const { ledger, judge } = world;
  // A link is valid for 15 minutes. The load does not use a link that is about to expire.
  const soon = Date.now() + 30_000;
  return withExclusive(
    pick(ledger.links, world.random, ({ expiresAt }) => expiresAt > soon),
    async (link) => {
      const at = Date.now();
      const { sessionId, externalId } = link;
      const reply = await sendAndCheck(world, { operation: 'portal.exchangeSession', body: { sessionId } });
      if (reply === undefined) {
        // The server may have exchanged the id for a token that the load does not have.
        ledger.uncertain.push({ kind: 'session', at });
        link.alive = 'uncertain';
        return;
      }
      if (reply.status === 200) {
        ledger.made.sessions++;
        ledger.sessions.push({ externalId, token: dataOf<{ token: string }>(reply).token, alive: 'yes', busy: false });
        // Sometimes exchange the id again: the second exchange must fail.
        if (world.random() < 0.1) {
          const again = await sendAndCheck(world, { operation: 'portal.exchangeSession', body: { sessionId } });
          if (again?.status === 200) judge.addViolation('exchangeSession: an id was exchanged twice');
        }
      } else if (link.alive === 'yes') judge.addViolation(`exchangeSession: acknowledged id returned ${reply.status}`);
      drop(ledger.links, link);
    },
  );
};

const getSession = (world: World) =>
  withExclusive(pick(world.ledger.sessions, world.random), async (session) => {
    const reply = await sendAndCheck(world, { operation: 'portal.getSession', body: {}, bearer: session.token });
    if (reply === undefined) return;
    expectAlive(world, 'session', session, reply.status === 200);
    if (session.alive === 'no') drop(world.ledger.sessions, session);
  });

const endSession = (world: World) =>
  withExclusive(pick(world.ledger.sessions, world.random, isActive), async (session) => {
    const reply = await sendAndCheck(world, { operation: 'portal.endSession', body: {}, bearer: session.token });
    if (reply === undefined) session.alive = 'uncertain';
    else {
      if (reply.status !== 200) world.judge.addViolation(`endSession returned ${reply.status}`);
      drop(world.ledger.sessions, session);
    }
  });

/** Runs a call of a user with an active session. */
const asUser = (world: World, work: (session: Session) => Promise<void>) =>
  withExclusive(pick(world.ledger.sessions, world.random, isActive), work);

const read = (operation: string, body: () => object) => (world: World) =>
  asUser(world, async ({ token }) => {
    const reply = await sendAndCheck(world, { operation, body: body(), bearer: token });
    if (reply !== undefined && reply.status !== 200) world.judge.addViolation(`${operation} returned ${reply.status}`);
  });

const createKey = (world: World) =>
  asUser(world, async ({ token, externalId }) => {
    const { ledger, apiId } = world;
    const at = Date.now();
    const reply = await sendAndCheck(world, {
      operation: 'portal.createKey',
      body: { apiId, name: 'Soak' },
      bearer: token,
    });
    if (reply === undefined) ledger.uncertain.push({ kind: 'key', at });
    else if (reply.status !== 200) world.judge.addViolation(`createKey returned ${reply.status}`);
    else {
      ledger.made.keys++;
      ledger.keys.push({ ...dataOf<{ keyId: string; key: string }>(reply), externalId, alive: 'yes', busy: false });
    }
  });

/** Runs a change of a key by a user with an active session and a key. */
const withKey = (world: World, work: (key: Key, token: string) => Promise<void>) =>
  asUser(world, ({ externalId, token }) =>
    withExclusive(
      pick(world.ledger.keys, world.random, (key) => key.externalId === externalId && key.alive === 'yes') ??
        world.ledger.keys.find((key) => key.externalId === externalId && key.alive === 'yes' && !key.busy),
      (key) => work(key, token),
    ),
  );

const updateKey = (world: World) =>
  withKey(world, async ({ keyId }, token) => {
    const body = { keyId, name: `Soak ${Date.now()}` };
    const reply = await sendAndCheck(world, { operation: 'portal.updateKey', body, bearer: token });
    if (reply !== undefined && reply.status !== 200) world.judge.addViolation(`updateKey returned ${reply.status}`);
  });

const deleteKey = (world: World) =>
  withKey(world, async (key, token) => {
    const reply = await sendAndCheck(world, {
      operation: 'portal.deleteKey',
      body: { keyId: key.keyId },
      bearer: token,
    });
    if (reply === undefined) key.alive = 'uncertain';
    else if (reply.status !== 200) world.judge.addViolation(`deleteKey returned ${reply.status}`);
    else {
      drop(world.ledger.keys, key);
      const gone = await verify(world, key.key);
      if (gone === 'VALID') world.judge.addViolation('deleteKey: the key was still valid');
    }
  });

const rerollKey = (world: World) =>
  withKey(world, async (key, token) => {
    const { ledger } = world;
    const at = Date.now();
    const body = { keyId: key.keyId, expiration: 0 };
    const reply = await sendAndCheck(world, { operation: 'portal.rerollKey', body, bearer: token });
    if (reply === undefined) {
      key.alive = 'uncertain';
      ledger.uncertain.push({ kind: 'key', at });
    } else if (reply.status !== 200) world.judge.addViolation(`rerollKey returned ${reply.status}`);
    else {
      ledger.made.keys++;
      drop(ledger.keys, key);
      const { keyId, key: plaintext } = dataOf<{ keyId: string; key: string }>(reply);
      ledger.keys.push({ keyId, key: plaintext, externalId: key.externalId, alive: 'yes', busy: false });
      const old = await verify(world, key.key);
      if (old !== undefined && old !== 'EXPIRED') world.judge.addViolation(`rerollKey: the old key was ${old}`);
      // A replaced key stays in the user's list until the user deletes it.
      const gone = await sendAndCheck(world, {
        operation: 'portal.deleteKey',
        body: { keyId: key.keyId },
        bearer: token,
      });
      if (gone?.status !== 200) ledger.uncertain.push({ kind: 'key', at });
    }
  });

/** Verifies a key. Returns the code, or undefined if the outcome is unknown. */
async function verify(world: World, key: string): Promise<string | undefined> {
  const { ledger, rootKey } = world;
  const reply = await sendAndCheck(world, { operation: 'keys.verifyKey', body: { key }, bearer: rootKey });
  if (reply === undefined) {
    ledger.uncertainVerifications++;
    return undefined;
  }
  if (reply.status !== 200) {
    world.judge.addViolation(`verifyKey returned ${reply.status}`);
    return undefined;
  }
  const { code } = dataOf<{ code: string }>(reply);
  if (code !== 'NOT_FOUND') ledger.verified++;
  return code;
}

const verifyKey = (world: World) =>
  withExclusive(pick(world.ledger.keys, world.random), async (key) => {
    const code = await verify(world, key.key);
    if (code === undefined) return;
    expectAlive(world, 'key', key, code === 'VALID');
    if (key.alive === 'no') drop(world.ledger.keys, key);
  });

/** Creates two sessions of a guest, exchanges one, and revokes both. Neither must work afterwards. */
const revokeSessions = (world: World) =>
  withExclusive(pick(world.guests, world.random), async ({ externalId }) => {
    const { rootKey, slug, judge, ledger } = world;
    const ids: string[] = [];
    for (const _ of [1, 2]) {
      const at = Date.now();
      const body = { slug, externalId, permissions };
      const reply = await sendAndCheck(world, { operation: 'portal.createSession', body, bearer: rootKey });
      if (reply?.status === 200) ids.push(dataOf<{ sessionId: string }>(reply).sessionId);
      else ledger.uncertain.push({ kind: 'link', at });
    }
    const [first, second] = ids;
    const at = Date.now();
    const entered =
      first && (await sendAndCheck(world, { operation: 'portal.exchangeSession', body: { sessionId: first } }));
    const revoked = await sendAndCheck(world, {
      operation: 'portal.revokeSessions',
      body: { externalId },
      bearer: rootKey,
    });
    if (revoked?.status !== 200 || !entered) {
      // Some of the sessions may still exist.
      ledger.uncertain.push({ kind: 'link', at }, { kind: 'link', at }, { kind: 'session', at });
      return;
    }
    const { token } = dataOf<{ token: string }>(entered);
    const inside = await sendAndCheck(world, { operation: 'portal.getSession', body: {}, bearer: token });
    if (inside?.status === 200) judge.addViolation('revokeSessions: a session was still active');
    const outside =
      second && (await sendAndCheck(world, { operation: 'portal.exchangeSession', body: { sessionId: second } }));
    if (outside && outside.status === 200) judge.addViolation('revokeSessions: a session id was still valid');
  });

async function badInput(world: World): Promise<void> {
  const { rootKey, slug } = world;
  const bad: [call: Call, expected: number][] = [
    [{ operation: 'portal.createSession', body: { slug }, bearer: rootKey }, 400],
    [{ operation: 'portal.createSession', body: {}, raw: '{"slug":', bearer: rootKey }, 400],
    [{ operation: 'portal.createSession', body: { slug, externalId: 'u', permissions }, bearer: 'rk_nobody' }, 401],
    [{ operation: 'portal.exchangeSession', body: { sessionId: 'pst_nobody' } }, 401],
    [{ operation: 'portal.exchangeSession', body: { sessionId: 42 } }, 400],
    [{ operation: 'portal.getSession', body: {}, bearer: 'ps_nobody' }, 401],
    [{ operation: 'keys.verifyKey', body: { key: 'x', surprise: 1 }, bearer: rootKey }, 400],
    [{ operation: 'keys.verifyKey', body: {}, raw: JSON.stringify('x'.repeat(102_400)), bearer: rootKey }, 413],
  ];
  const [call, expected] = bad[Math.floor(world.random() * bad.length)] ?? [];
  if (call === undefined) return;
  const reply = await sendAndCheck(world, call);
  if (reply !== undefined && reply.status !== expected) {
    world.judge.addViolation(`${call.operation}: bad input returned ${reply.status} and not ${expected}`);
  }
}

const listSessions = async (world: World) => {
  const externalId = `user_${Math.floor(world.random() * users)}`;
  await sendAndCheck(world, { operation: 'portal.listSessions', body: { externalId }, bearer: world.rootKey });
};

const hour = 3_600_000;
const window = () => ({ startTime: Date.now() - hour, endTime: Date.now() + 60_000 });

/** The share of each action, in percent. */
const mix: [share: number, action: (world: World) => Promise<void>][] = [
  [12, createSession],
  [10, (world) => (world.ledger.sessions.length < maxSessions ? exchange(world) : endSession(world))],
  [20, getSession],
  [30, verifyKey],
  [5, read('portal.listKeys', () => ({}))],
  [6, (world) => (world.ledger.keys.length < maxKeys ? createKey(world) : deleteKey(world))],
  [2, updateKey],
  [2, rerollKey],
  [4, read('portal.getVerifications', window)],
  [1, listSessions],
  [1, revokeSessions],
  [7, badInput],
];

/** Runs one random action of the mix. */
export async function act(world: World): Promise<void> {
  let at = world.random() * 100;
  for (const [share, action] of mix) {
    at -= share;
    if (at < 0) return action(world);
  }
}

/** Reads every acknowledged session and key again. Returns how many of each exist. */
export async function findAcknowledged(world: World): Promise<{ sessions: number; keys: number }> {
  const { ledger } = world;
  const found = { sessions: 0, keys: 0 };
  for (const session of [...ledger.sessions]) {
    const reply = await sendAndCheck(world, { operation: 'portal.getSession', body: {}, bearer: session.token });
    if (reply === undefined) continue;
    expectAlive(world, 'session at the end', session, reply.status === 200);
    if (session.alive === 'yes') found.sessions++;
    else drop(ledger.sessions, session);
  }
  for (const key of [...ledger.keys]) {
    const code = await verify(world, key.key);
    if (code === undefined) continue;
    expectAlive(world, 'key at the end', key, code === 'VALID');
    if (key.alive === 'yes') found.keys++;
    else drop(ledger.keys, key);
  }
  return found;
}

/** The mixed load: what backends, users and APIs do, each knowing what it may expect. */
import type { Judge } from './judge.ts';
import { drop, type Key, type Ledger, type Minted, pick, type Session } from './ledger.ts';
import type { Call, Reply } from './servers.ts';

/** What the load has to work with. */
export interface World {
  rootKey: string;
  slug: string;
  apiId: string;
  ledger: Ledger;
  judge: Judge;
  /** Users of whom each is let in and sent away by one request at a time. */
  guests: { externalId: string; alive: 'yes'; busy: boolean }[];
  send(call: Call): Promise<Reply>;
  /** From 0 on and below 1. */
  random(): number;
}

/** How many users there are, how many of them are in the portal at once, and how many keys they have together. */
const users = 200;
const mostSessions = 400;
const mostKeys = 400;

const permissions = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map(
  (action) => `api.*.${action}`,
);

const dataOf = <T>({ body }: Reply) => (body as { data: T }).data;

/** Sends, has the answer judged, and says what it is if it says what became of the request. */
async function ask(world: World, call: Call): Promise<Reply | undefined> {
  const reply = await world.send(call);
  return world.judge.hear(call.operation, reply) ? reply : undefined;
}

/** Does something with a thing that nobody else uses meanwhile. */
async function using<T extends { busy: boolean }>(
  thing: T | undefined,
  work: (thing: T) => Promise<void>,
): Promise<void> {
  if (thing === undefined) return;
  thing.busy = true;
  await work(thing);
  thing.busy = false;
}

/** A use that changes nothing: what is known to be there must be, and what is known to be gone must not. */
function expectAlive(world: World, what: string, thing: Minted | Session | Key, isThere: boolean): void {
  if (thing.alive === 'yes' && !isThere) world.judge.accuse(`${what}: acknowledged, and not found again`);
  // What was not known is known now, but not while Redis may still find a change of before in its sockets.
  if (thing.alive === 'yes' || world.judge.isCalm()) thing.alive = isThere ? 'yes' : 'no';
}

const liveSession = ({ alive }: Session) => alive === 'yes';

async function mint(world: World): Promise<void> {
  const { ledger, rootKey, slug } = world;
  const externalId = `user_${Math.floor(world.random() * users)}`;
  const at = Date.now();
  const body = { slug, externalId, permissions };
  const reply = await ask(world, { operation: 'portal.createSession', body, bearer: rootKey });
  if (reply === undefined) ledger.unsure.push({ kind: 'minted', at });
  else if (reply.status !== 200) world.judge.accuse(`createSession answered ${reply.status}`);
  else {
    const { sessionId, expiresAt } = dataOf<{ sessionId: string; expiresAt: number }>(reply);
    ledger.made.minted++;
    ledger.minted.push({ externalId, sessionId, expiresAt, alive: 'yes', busy: false });
  }
}

const exchange = (world: World) => {
  const { ledger, judge } = world;
  // A link is good for 15 minutes; one that is about to end is left to.
  const soon = Date.now() + 30_000;
  return using(
    pick(ledger.minted, world.random, ({ expiresAt }) => expiresAt > soon),
    async (minted) => {
      const at = Date.now();
      const { sessionId, externalId } = minted;
      const reply = await ask(world, { operation: 'portal.exchangeSession', body: { sessionId } });
      if (reply === undefined) {
        // It may have been exchanged for a token that nobody has.
        ledger.unsure.push({ kind: 'session', at });
        minted.alive = 'unsure';
        return;
      }
      if (reply.status === 200) {
        ledger.made.sessions++;
        ledger.sessions.push({ externalId, token: dataOf<{ token: string }>(reply).token, alive: 'yes', busy: false });
        // Once more, now and then: a second time it must not work.
        if (world.random() < 0.1) {
          const again = await ask(world, { operation: 'portal.exchangeSession', body: { sessionId } });
          if (again?.status === 200) judge.accuse('exchangeSession: an id was exchanged twice');
        }
      } else if (minted.alive === 'yes') judge.accuse(`exchangeSession: acknowledged id answered ${reply.status}`);
      drop(ledger.minted, minted);
    },
  );
};

const getSession = (world: World) =>
  using(pick(world.ledger.sessions, world.random), async (session) => {
    const reply = await ask(world, { operation: 'portal.getSession', body: {}, bearer: session.token });
    if (reply === undefined) return;
    expectAlive(world, 'session', session, reply.status === 200);
    if (session.alive === 'no') drop(world.ledger.sessions, session);
  });

const endSession = (world: World) =>
  using(pick(world.ledger.sessions, world.random, liveSession), async (session) => {
    const reply = await ask(world, { operation: 'portal.endSession', body: {}, bearer: session.token });
    if (reply === undefined) session.alive = 'unsure';
    else {
      if (reply.status !== 200) world.judge.accuse(`endSession answered ${reply.status}`);
      drop(world.ledger.sessions, session);
    }
  });

/** A call of a user who is in the portal. */
const asUser = (world: World, work: (session: Session) => Promise<void>) =>
  using(pick(world.ledger.sessions, world.random, liveSession), work);

const read = (operation: string, body: () => object) => (world: World) =>
  asUser(world, async ({ token }) => {
    const reply = await ask(world, { operation, body: body(), bearer: token });
    if (reply !== undefined && reply.status !== 200) world.judge.accuse(`${operation} answered ${reply.status}`);
  });

const createKey = (world: World) =>
  asUser(world, async ({ token, externalId }) => {
    const { ledger, apiId } = world;
    const at = Date.now();
    const reply = await ask(world, { operation: 'portal.createKey', body: { apiId, name: 'Soak' }, bearer: token });
    if (reply === undefined) ledger.unsure.push({ kind: 'key', at });
    else if (reply.status !== 200) world.judge.accuse(`createKey answered ${reply.status}`);
    else {
      ledger.made.keys++;
      ledger.keys.push({ ...dataOf<{ keyId: string; key: string }>(reply), externalId, alive: 'yes', busy: false });
    }
  });

/** A change of a key by a user who is in the portal and has one. */
const withKey = (world: World, work: (key: Key, token: string) => Promise<void>) =>
  asUser(world, ({ externalId, token }) =>
    using(
      pick(world.ledger.keys, world.random, (key) => key.externalId === externalId && key.alive === 'yes') ??
        world.ledger.keys.find((key) => key.externalId === externalId && key.alive === 'yes' && !key.busy),
      (key) => work(key, token),
    ),
  );

const updateKey = (world: World) =>
  withKey(world, async ({ keyId }, token) => {
    const body = { keyId, name: `Soak ${Date.now()}` };
    const reply = await ask(world, { operation: 'portal.updateKey', body, bearer: token });
    if (reply !== undefined && reply.status !== 200) world.judge.accuse(`updateKey answered ${reply.status}`);
  });

const deleteKey = (world: World) =>
  withKey(world, async (key, token) => {
    const reply = await ask(world, { operation: 'portal.deleteKey', body: { keyId: key.keyId }, bearer: token });
    if (reply === undefined) key.alive = 'unsure';
    else if (reply.status !== 200) world.judge.accuse(`deleteKey answered ${reply.status}`);
    else {
      drop(world.ledger.keys, key);
      const gone = await verify(world, key.key);
      if (gone === 'VALID') world.judge.accuse('deleteKey: the key was still good');
    }
  });

const rerollKey = (world: World) =>
  withKey(world, async (key, token) => {
    const { ledger } = world;
    const at = Date.now();
    const body = { keyId: key.keyId, expiration: 0 };
    const reply = await ask(world, { operation: 'portal.rerollKey', body, bearer: token });
    if (reply === undefined) {
      key.alive = 'unsure';
      ledger.unsure.push({ kind: 'key', at });
    } else if (reply.status !== 200) world.judge.accuse(`rerollKey answered ${reply.status}`);
    else {
      ledger.made.keys++;
      drop(ledger.keys, key);
      const { keyId, key: plaintext } = dataOf<{ keyId: string; key: string }>(reply);
      ledger.keys.push({ keyId, key: plaintext, externalId: key.externalId, alive: 'yes', busy: false });
      const old = await verify(world, key.key);
      if (old !== undefined && old !== 'EXPIRED') world.judge.accuse(`rerollKey: the old key was ${old}`);
      // What was replaced stays in the user's list until they delete it.
      const gone = await ask(world, { operation: 'portal.deleteKey', body: { keyId: key.keyId }, bearer: token });
      if (gone?.status !== 200) ledger.unsure.push({ kind: 'key', at });
    }
  });

/** The outcome of a verification, or undefined where nobody knows. */
async function verify(world: World, key: string): Promise<string | undefined> {
  const { ledger, rootKey } = world;
  const reply = await ask(world, { operation: 'keys.verifyKey', body: { key }, bearer: rootKey });
  if (reply === undefined) {
    ledger.unsureVerifications++;
    return undefined;
  }
  if (reply.status !== 200) {
    world.judge.accuse(`verifyKey answered ${reply.status}`);
    return undefined;
  }
  const { code } = dataOf<{ code: string }>(reply);
  if (code !== 'NOT_FOUND') ledger.verified++;
  return code;
}

const verifyKey = (world: World) =>
  using(pick(world.ledger.keys, world.random), async (key) => {
    const code = await verify(world, key.key);
    if (code === undefined) return;
    expectAlive(world, 'key', key, code === 'VALID');
    if (key.alive === 'no') drop(world.ledger.keys, key);
  });

/** A guest, whom nobody else acts for, is let in and sent away by the backend: both of their sessions are over then. */
const revokeSessions = (world: World) =>
  using(pick(world.guests, world.random), async ({ externalId }) => {
    const { rootKey, slug, judge, ledger } = world;
    const ids: string[] = [];
    for (const _ of [1, 2]) {
      const at = Date.now();
      const body = { slug, externalId, permissions };
      const reply = await ask(world, { operation: 'portal.createSession', body, bearer: rootKey });
      if (reply?.status === 200) ids.push(dataOf<{ sessionId: string }>(reply).sessionId);
      else ledger.unsure.push({ kind: 'minted', at });
    }
    const [first, second] = ids;
    const at = Date.now();
    const entered = first && (await ask(world, { operation: 'portal.exchangeSession', body: { sessionId: first } }));
    const revoked = await ask(world, { operation: 'portal.revokeSessions', body: { externalId }, bearer: rootKey });
    if (revoked?.status !== 200 || !entered) {
      // Some of it may still be there.
      ledger.unsure.push({ kind: 'minted', at }, { kind: 'minted', at }, { kind: 'session', at });
      return;
    }
    const { token } = dataOf<{ token: string }>(entered);
    const inside = await ask(world, { operation: 'portal.getSession', body: {}, bearer: token });
    if (inside?.status === 200) judge.accuse('revokeSessions: a session was still good');
    const outside = second && (await ask(world, { operation: 'portal.exchangeSession', body: { sessionId: second } }));
    if (outside && outside.status === 200) judge.accuse('revokeSessions: a session id was still good');
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
  const reply = await ask(world, call);
  if (reply !== undefined && reply.status !== expected) {
    world.judge.accuse(`${call.operation}: bad input answered ${reply.status} and not ${expected}`);
  }
}

const listSessions = async (world: World) => {
  const externalId = `user_${Math.floor(world.random() * users)}`;
  await ask(world, { operation: 'portal.listSessions', body: { externalId }, bearer: world.rootKey });
};

const hour = 3_600_000;
const window = () => ({ startTime: Date.now() - hour, endTime: Date.now() + 60_000 });

/** How often each comes, of a hundred. */
const mix: [share: number, action: (world: World) => Promise<void>][] = [
  [12, mint],
  [10, (world) => (world.ledger.sessions.length < mostSessions ? exchange(world) : endSession(world))],
  [20, getSession],
  [30, verifyKey],
  [5, read('portal.listKeys', () => ({}))],
  [6, (world) => (world.ledger.keys.length < mostKeys ? createKey(world) : deleteKey(world))],
  [2, updateKey],
  [2, rerollKey],
  [4, read('portal.getVerifications', window)],
  [1, listSessions],
  [1, revokeSessions],
  [7, badInput],
];

/** Does one thing of the mix. */
export async function act(world: World): Promise<void> {
  let at = world.random() * 100;
  for (const [share, action] of mix) {
    at -= share;
    if (at < 0) return action(world);
  }
}

/** Everything that is known to be there, looked at once more. Returns how many of each were found. */
export async function findAgain(world: World): Promise<{ sessions: number; keys: number }> {
  const { ledger } = world;
  const found = { sessions: 0, keys: 0 };
  for (const session of [...ledger.sessions]) {
    const reply = await ask(world, { operation: 'portal.getSession', body: {}, bearer: session.token });
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

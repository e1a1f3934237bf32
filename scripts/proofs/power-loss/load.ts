/** A small load on a real server, with a record of what it acknowledged and when. */
import { sessionRef } from '../../../src/server/domain/credentials.ts';
import { randomOf } from '../../../tests/support/random.ts';
import { call, type Tenant } from '../../../tests/support/tenant.ts';

/** What an operation writes: the same names are in the append-only file. */
type Effect =
  | { kind: 'create-session' | 'exchange' | 'end-session'; handle: string }
  | { kind: 'create-key' | 'delete-key' | 'verify'; keyId: string };

/** An operation that the server acknowledged with a 200. */
export type Acknowledged = Effect & {
  /** When the response was there, in Unix ms. */
  at: number;
};

/** What the load did. */
export interface Recording {
  acknowledged: Acknowledged[];
  /** The tokens that were issued for each session id. */
  winners: Map<string, string[]>;
  /** Keys that were created, with their secrets. */
  keys: Map<string, { key: string; externalId: string }>;
  /** Responses with another status. */
  failures: string[];
}

/** Which operations the load uses, besides creating and exchanging sessions. */
export interface LoadOptions {
  users: number;
  /** How often each user begins again. */
  rounds: number;
  seed: number;
  /** Whether users log out, and whether they delete keys. */
  logOut?: boolean;
  deleteKeys?: boolean;
}

const permissions = ['create_key', 'read_key', 'delete_key'].map((action) => `api.*.${action}`);
/** A rate limit that nobody reaches, so that each verification also counts in a window. */
const ratelimit = { limit: 1_000_000, duration: 3_600_000 };

/** The time in Unix ms, with fractions: Date.now() alone would round an acknowledgement down to before it came. */
function clock(): () => number {
  const first = Date.now();
  let [tick, at] = [Date.now(), performance.now()];
  while (tick === first) [tick, at] = [Date.now(), performance.now()];
  const start = tick - at;
  return () => performance.now() + start;
}

/** Runs users at the same time. Each session id is exchanged twice at the same time: at most one exchange can win. */
export async function runLoad(
  url: string,
  { rootKey, apiId }: Tenant,
  { users, rounds, seed, logOut = true, deleteKeys = true }: LoadOptions,
): Promise<Recording> {
  const now = clock();
  const recording: Recording = { acknowledged: [], winners: new Map(), keys: new Map(), failures: [] };
  const handleOf = (prefix: 'pst' | 'ps', credential: unknown) => sessionRef(prefix, String(credential))?.handle ?? '';

  /** Calls an operation, and records its effect if it is acknowledged. */
  async function send(
    operation: string,
    bearer: string,
    body: object,
    effect: (data: Record<string, unknown>) => Effect | undefined,
    expected = [200],
  ): Promise<Record<string, unknown> | undefined> {
    const { status, data, broken } = await call(url, operation, bearer, body);
    const at = now();
    if (!expected.includes(status)) recording.failures.push(`${operation}: ${broken ?? status}`);
    if (status !== 200) return undefined;
    const seen = effect(data);
    if (seen !== undefined) recording.acknowledged.push({ ...seen, at });
    return data;
  }

  async function round(externalId: string, random: () => number): Promise<void> {
    const session = { slug: 'my-portal', externalId, permissions };
    const created = await send('portal.createSession', rootKey, session, ({ sessionId }) => ({
      kind: 'create-session',
      handle: handleOf('pst', sessionId),
    }));
    if (created === undefined) return;
    const sessionId = String(created['sessionId']);
    const exchange = () =>
      send(
        'portal.exchangeSession',
        '',
        { sessionId },
        ({ token }) => ({ kind: 'exchange', handle: handleOf('ps', token) }),
        [200, 401],
      );
    const tokens = (await Promise.all([exchange(), exchange()])).flatMap((data) => data?.['token'] ?? []).map(String);
    recording.winners.set(sessionId, tokens);
    const [token = ''] = tokens;
    const made = await send('portal.createKey', token, { apiId, ratelimit }, ({ keyId }) => ({
      kind: 'create-key',
      keyId: String(keyId),
    }));
    if (made === undefined) return;
    const [keyId, key] = [String(made['keyId']), String(made['key'])];
    recording.keys.set(keyId, { key, externalId });
    for (let i = 0; i < 2 + random() * 3; i++) {
      await send('keys.verifyKey', rootKey, { key }, () => ({ kind: 'verify', keyId }));
    }
    if (deleteKeys && random() < 0.5) {
      await send('portal.deleteKey', token, { keyId }, () => ({ kind: 'delete-key', keyId }));
    }
    if (logOut && random() < 0.5) {
      const handle = handleOf('ps', token);
      await send('portal.endSession', token, {}, () => ({ kind: 'end-session', handle }));
    }
  }

  await Promise.all(
    Array.from({ length: users }, async (_, user) => {
      const random = randomOf(seed + user);
      for (let i = 0; i < rounds; i++) await round(`user_${user}`, random);
    }),
  );
  return recording;
}

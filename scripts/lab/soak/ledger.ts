/** What the load knows of the world: whatever was acknowledged must be found again; what nobody knows may be either way. */

/** `unsure`: a change was sent, and its answer did not come, or was 503. */
type Known = 'yes' | 'no' | 'unsure';

/** Something that was made, which one request at a time may use. */
interface Thing {
  /** Whether it is there: an id that can be exchanged, a session that is live, a key that is good. */
  alive: Known;
  busy: boolean;
}

/** A session id that was minted. */
export interface Minted extends Thing {
  externalId: string;
  sessionId: string;
  /** Unix ms. */
  expiresAt: number;
}

/** A browser session. */
export interface Session extends Thing {
  externalId: string;
  token: string;
}

/** An API key. */
export interface Key extends Thing {
  externalId: string;
  keyId: string;
  key: string;
}

/** One at random that is not in use and is wanted, or undefined where a few tries find none. */
export function pick<T extends Thing>(things: T[], random: () => number, wanted = (_: T) => true): T | undefined {
  for (let tries = 0; tries < 10; tries++) {
    const thing = things[Math.floor(random() * things.length)];
    if (thing !== undefined && !thing.busy && wanted(thing)) return thing;
  }
  return undefined;
}

/** Leaves it out, in a moment, whatever the number of others. */
export function drop<T>(things: T[], thing: T): void {
  const last = things.pop();
  if (last === undefined || last === thing) return;
  const at = things.indexOf(thing);
  if (at < 0) things.push(last);
  else things[at] = last;
}

/** Everything that is not known to be over. */
export interface Ledger {
  minted: Minted[];
  sessions: Session[];
  keys: Key[];
  /** Makings of which nobody knows whether they happened, by kind, with when they were sent, in Unix ms. */
  unsure: { kind: 'minted' | 'session' | 'key'; at: number }[];
  /** Answers that were made of things. */
  made: { minted: number; sessions: number; keys: number };
  /** Verifications of keys that exist: how many were answered, and of how many nobody knows whether they were counted. */
  verified: number;
  unsureVerifications: number;
}

/** Nothing yet. */
export const newLedger = (): Ledger => ({
  minted: [],
  sessions: [],
  keys: [],
  unsure: [],
  made: { minted: 0, sessions: 0, keys: 0 },
  verified: 0,
  unsureVerifications: 0,
});

/** The state that the load expects: acknowledged changes must exist; changes with an unknown outcome can exist or not. */

/** `uncertain`: a change was sent, and its response was missing or a 503. */
type Certainty = 'yes' | 'no' | 'uncertain';

/** Something that the load created. Only one request at a time uses it. */
interface Resource {
  /** Whether it exists: a session id that can be exchanged, an active session, or a valid key. */
  alive: Certainty;
  busy: boolean;
}

/** A session id that was not exchanged yet. */
export interface SessionLink extends Resource {
  externalId: string;
  sessionId: string;
  /** Unix ms. */
  expiresAt: number;
}

/** A browser session. */
export interface Session extends Resource {
  externalId: string;
  token: string;
}

/** An API key. */
export interface Key extends Resource {
  externalId: string;
  keyId: string;
  key: string;
}

/** Returns a random resource that is free and wanted, or undefined if ten tries find none. */
export function pick<T extends Resource>(resources: T[], random: () => number, wanted = (_: T) => true): T | undefined {
  for (let tries = 0; tries < 10; tries++) {
    const resource = resources[Math.floor(random() * resources.length)];
    if (resource !== undefined && !resource.busy && wanted(resource)) return resource;
  }
  return undefined;
}

/** Removes a resource by moving the last one into its place. */
export function drop<T>(resources: T[], resource: T): void {
  const last = resources.pop();
  if (last === undefined || last === resource) return;
  const at = resources.indexOf(resource);
  if (at < 0) resources.push(last);
  else resources[at] = last;
}

/** Everything that can still exist. */
export interface Ledger {
  links: SessionLink[];
  sessions: Session[];
  keys: Key[];
  /** Create requests with an unknown outcome, with the time of the request in Unix ms. */
  uncertain: { kind: 'link' | 'session' | 'key'; at: number }[];
  /** The number of acknowledged creations. */
  made: { links: number; sessions: number; keys: number };
  /** Verifications of existing keys: how many have a response, and how many have an unknown outcome. */
  verified: number;
  uncertainVerifications: number;
}

/** Creates an empty ledger. */
export const newLedger = (): Ledger => ({
  links: [],
  sessions: [],
  keys: [],
  uncertain: [],
  made: { links: 0, sessions: 0, keys: 0 },
  verified: 0,
  uncertainVerifications: 0,
});

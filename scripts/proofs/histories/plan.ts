/** The plan of a round: what each client does, on which of the objects, and which faults happen. A seed gives all of it. */

/** What a step is about. Sessions and the portal belong to a user. */
export const kinds = ['user', 'keys', 'limits', 'window'] as const;
export type Kind = (typeof kinds)[number];

/** How many objects of a kind a round has. So few that several clients use each at the same time. */
export const objectsPerRound: Record<Kind, number> = { user: 3, keys: 2, limits: 1, window: 1 };

/** The limits of checker/models.go: of a key in its window, and of a user in the period. */
export const limitOfKey = 12;
export const quotaOfUser = 18;

/** How often a client does what, relative to the other operations of the kind. */
const operations: Record<Kind, Record<string, number>> = {
  user: {
    createSession: 16,
    exchangeSession: 24,
    getSession: 30,
    endSession: 5,
    revokeSession: 4,
    revokeUser: 3,
    revokePortal: 2,
    /** Disables the portal, and enables it again after a pause. */
    blink: 4,
    enable: 1,
  },
  keys: { createKey: 8, verifyKey: 44, rerollKey: 14, deleteKey: 5, disableKey: 6, enableKey: 6 },
  limits: { verifyKey: 1 },
  window: { verifyKey: 1 },
};

/** One step of a client. */
export interface Step {
  kind: Kind;
  op: string;
  /** Which object of the kind, and which of its sessions or keys: a fraction of those that exist at that moment. */
  object: number;
  part: number;
  /** Which credential, as such a fraction. */
  credential: number;
  /** Which Idempotency-Key, if any. */
  key: 'a' | 'b' | undefined;
  cost: number;
  /** How long the client waits before. */
  pauseMs: number;
}

/** A fault: when it begins, how long it lasts, and which server it hits. */
interface PlannedFault {
  name: string;
  atMs: number;
  forMs: number;
  server: number;
}

/** A round. */
export interface Plan {
  clients: Step[][];
  faults: PlannedFault[];
}

/** What a plan depends on besides the seed. */
export interface Shape {
  kinds: readonly Kind[];
  servers: number;
  clients: number;
  stepsPerClient: number;
}

/** One of the names, with the chance of its weight. */
function weighted<Name extends string>(random: () => number, weights: Record<Name, number>): Name {
  const entries = Object.entries<number>(weights) as [Name, number][];
  let at = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of entries) {
    at -= weight;
    if (at < 0) return name;
  }
  throw new Error('the weights have a sum');
}

const oneOf = <Item>(random: () => number, items: readonly Item[]): Item | undefined =>
  items[Math.floor(random() * items.length)];

/** How often a step is about which kind. */
const share: Record<Kind, number> = { user: 6, keys: 3, limits: 1, window: 1 };

/** Gives each name once, in a random order, before one comes again. */
export function inTurn<Name>(names: readonly Name[]): (random: () => number) => Name | undefined {
  let left: Name[] = [];
  return (random) => {
    if (left.length === 0) left = [...names];
    return left.splice(Math.floor(random() * left.length), 1)[0];
  };
}

/** The plan of the next round. @param name its fault, if any */
export function planOf(random: () => number, shape: Shape, name: string | undefined): Plan {
  const shares = Object.fromEntries(shape.kinds.map((kind) => [kind, share[kind]])) as Record<Kind, number>;
  const step = (): Step => {
    const kind = weighted(random, shares);
    return {
      kind,
      op: weighted(random, operations[kind]),
      object: Math.floor(random() * objectsPerRound[kind]),
      part: random(),
      credential: random(),
      key: oneOf(random, ['a', 'b', undefined] as const),
      cost: Math.floor(random() * 4),
      pauseMs: Math.floor(random() ** 2 * 40),
    };
  };
  const clients = Array.from({ length: shape.clients }, () => Array.from({ length: shape.stepsPerClient }, step));
  const fault = {
    atMs: Math.floor(50 + random() * 400),
    forMs: Math.floor(200 + random() * 700),
    server: Math.floor(random() * shape.servers),
  };
  return { clients, faults: name === undefined ? [] : [{ name, ...fault }] };
}

/** Keys with their successors, and keys with limits. */
import { type Caller, callOf, recent } from './client.ts';
import { type Call, fingerprint, unknown } from './history.ts';
import { type Kind, limitOfKey, objectsPerRound, type Step } from './plan.ts';

interface ApiKey {
  keyId: string;
  key: string;
}

/** Keys of one user. */
interface KeysOfUser {
  object: string;
  externalId: string;
  keys: (ApiKey | undefined)[];
}

/** The most successors that the checker's model has room for. */
const mostSuccessors = 14;

const usersOf = (kind: Kind, name: string): KeysOfUser[] =>
  Array.from({ length: objectsPerRound[kind] }, (_, i) => ({
    object: `${kind} ${name}-${i}`,
    externalId: `${name}-${kind}-${i}`,
    keys: [],
  }));

/** The keys of a round that are created, rerolled, disabled and deleted. */
export function chainsOf(name: string, { manage, apiId }: Caller) {
  const chains = usersOf('keys', name);
  const calls: Call[] = [];
  const model = 'keys';

  async function verify(client: number, chain: KeysOfUser, part: number): Promise<void> {
    const known = chain.keys[part];
    if (known === undefined) return;
    const reply = await manage(client, 'keys.verifyKey', { key: known.key, apiId });
    if (reply === undefined || reply.result === unknown) return;
    const result = reply.result === 'ok' ? String(reply.data['code']) : reply.result;
    calls.push(
      callOf(chain.object, { ...reply, result }, { model, op: 'verifyKey', part, with: fingerprint(known.key) }),
    );
  }

  /** Creates the first key, always with the same Idempotency-Key, or the successor of a key, with one of two. */
  async function makeKey(client: number, chain: KeysOfUser, part: number, key: string): Promise<void> {
    const { object, externalId, keys } = chain;
    const isFirst = part < 0;
    const keyId = keys[part]?.keyId;
    if (!isFirst && (keyId === undefined || part >= mostSuccessors)) return;
    // The two that compete differ in the overlap, so that each is a request of its own.
    const cost = key === 'a' ? 0 : 1;
    const reply = isFirst
      ? await manage(client, 'keys.createKey', { apiId, externalId }, object)
      : await manage(client, 'keys.rerollKey', { keyId, expiration: cost * 3_600_000 }, `${object} ${part} ${key}`);
    // Another request with the same Idempotency-Key is under way, so this one did nothing.
    if (reply === undefined || reply.result === 'request_in_progress') return;
    const made = reply.result === 'ok' ? (reply.data as unknown as ApiKey) : undefined;
    if (made !== undefined) keys[part + 1] ??= made;
    const value = made === undefined ? {} : { value: fingerprint(made.key) };
    const call = isFirst ? { op: 'createKey', part: 0 } : { op: 'rerollKey', part, with: key, cost };
    calls.push(callOf(object, reply, { model, ...call, ...value }));
  }

  async function changeKey(client: number, { object, keys }: KeysOfUser, part: number, op: string): Promise<void> {
    const keyId = keys[part]?.keyId;
    if (keyId === undefined) return;
    const reply =
      op === 'deleteKey'
        ? await manage(client, 'keys.deleteKey', { keyId })
        : await manage(client, 'keys.updateKey', { keyId, enabled: op === 'enableKey' });
    if (reply !== undefined) calls.push(callOf(object, reply, { model, op, part }));
  }

  return {
    async step(client: number, { object, op, part: fraction, key = 'a' }: Step): Promise<void> {
      const chain = chains[object] as KeysOfUser;
      const part = recent(chain.keys, fraction);
      if (op === 'createKey' || part < 0) await makeKey(client, chain, -1, key);
      else if (op === 'rerollKey') await makeKey(client, chain, part, key);
      else if (op === 'verifyKey') await verify(client, chain, part);
      else await changeKey(client, chain, part, op);
    },

    async settle(client: number): Promise<void> {
      for (const chain of chains) for (const part of chain.keys.keys()) await verify(client, chain, part);
    },

    history: (): Call[] => calls,
  };
}

/** The keys of a round with rate limits: of an hour and with a quota of their user, and of a second. */
export function limitsOf(name: string, { manage, arrange, apiId, quotaApiId }: Caller) {
  const limits = usersOf('limits', name);
  const windows = usersOf('window', name);
  const calls: Call[] = [];
  /** Calls of a key with short windows: each may have consumed in any of them. */
  const unknownInWindows: Call[] = [];

  async function newKey(user: KeysOfUser, api: string, duration: number): Promise<void> {
    const body = { apiId: api, externalId: user.externalId, ratelimit: { limit: limitOfKey, duration } };
    user.keys.push((await arrange('keys.createKey', body)) as unknown as ApiKey);
  }

  async function use(
    client: number,
    user: KeysOfUser,
    part: number,
    model: 'limits' | 'window',
    cost: number,
  ): Promise<void> {
    const body = { key: user.keys[part]?.key, cost, apiId: model === 'limits' ? quotaApiId : apiId };
    const reply = await manage(client, 'keys.verifyKey', body);
    if (reply === undefined) return;
    type Left = { remaining: number; reset: number };
    const { code, ratelimit, quota } = reply.data as { code?: string; ratelimit?: Left; quota?: Left };
    const call = callOf(user.object, reply, {
      ...{ model, op: 'verifyKey', part, cost, result: code ?? reply.result },
      ...(ratelimit && { remaining: ratelimit.remaining, reset: ratelimit.reset }),
      ...(quota && { quota: quota.remaining }),
    });
    if (model === 'limits') calls.push(call);
    else if (call.result === unknown) unknownInWindows.push(call);
    else calls.push({ ...call, object: `${user.object} until ${call.reset}` });
  }

  return {
    prepare: () =>
      Promise.all([
        ...limits.flatMap((user) => [newKey(user, quotaApiId, 3_600_000), newKey(user, quotaApiId, 3_600_000)]),
        ...windows.map((user) => newKey(user, apiId, 1000)),
      ]),

    async step(client: number, { kind, object, part, cost }: Step): Promise<void> {
      if (kind === 'limits') await use(client, limits[object] as KeysOfUser, part < 0.5 ? 0 : 1, kind, cost);
      else await use(client, windows[object] as KeysOfUser, 0, 'window', Math.max(cost, 1));
    },

    /** A cost of 0 reads what is left. */
    async settle(client: number): Promise<void> {
      for (const user of limits) for (const part of user.keys.keys()) await use(client, user, part, 'limits', 0);
    },

    history(): Call[] {
      const objects = new Set(calls.filter(({ model }) => model === 'window').map(({ object }) => object));
      const copies = [...objects].flatMap((object) =>
        unknownInWindows.filter((call) => object.startsWith(`${call.object} `)).map((call) => ({ ...call, object })),
      );
      return [...calls, ...copies];
    },
  };
}

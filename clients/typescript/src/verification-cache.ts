/** A cache of `keys.verifyKey`, for APIs whose keys may work for a moment after they are deleted. */
import { keysVerifyKey } from '../../../generated/client/sdk.gen.ts';
import type { Verification, VerifyKeyRequest } from '../../../generated/client/types.gen.ts';
import type { Connection } from './connection.ts';
import type { CallLimits } from './options.ts';
import { stopwatch } from './stopwatch.ts';
import { type OnLost, VerificationReports } from './verification-reports.ts';

/** The options of a cache. */
export interface VerificationCacheOptions {
  /**
   * How old a cached result may be, in ms. For up to this time after a key is deleted, disabled or limited, the cache still
   * accepts it. Default 0: the cache asks Portico every time.
   */
  staleMs?: number | undefined;
  /** Maximum number of cached keys, and of keys that wait for a report. Default 10,000. */
  maxKeys?: number | undefined;
  /**
   * Called with the reason and the number of verifications that will never be counted: Portico has refused their report, or
   * was unreachable for four minutes. By default, `console.error` gets both.
   */
  onLost?: OnLost | undefined;
}

/** A result as JSON, so that no caller can change it. No JSON: do not cache this key. */
interface Entry {
  json: string | undefined;
  /** Since the request for it was sent, in ms. */
  age: () => number;
}

/** A request that is under way. */
interface Pending {
  done: Promise<Verification>;
  age: () => number;
}

// biome-ignore lint/suspicious/noConsole: the default for a program that passes no log; otherwise it would lose counts without a trace
const log: OnLost = (error, count) => console.error(`Portico did not count ${count} verifications:`, error);

/** @throws TypeError if an option is no number in its range */
function requireOption(name: keyof VerificationCacheOptions, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) throw new TypeError(`${name} must be an integer from ${least} on`);
}

/**
 * Verifies keys, and caches valid results in memory. It caches no key that is invalid, or has a rate limit or a quota, and
 * none beyond its expiry. A result is for the same scopes, operation and address only. It counts the verifications that it decides, and reports them in the background, at most once per second. Call
 * `flush` before your program ends.
 */
export class VerificationCache {
  // Private at run time too, so that a program that logs a cache does not log keys.
  readonly #portico: Connection;
  readonly #staleMs: number;
  readonly #maxKeys: number;
  readonly #reports: VerificationReports;
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Map<string, Pending>();

  /** @throws TypeError if an option is invalid, or the connection has no root key */
  constructor(portico: Connection, options: VerificationCacheOptions = {}) {
    const { staleMs = 0, maxKeys = 10_000, onLost = log } = options;
    requireOption('staleMs', staleMs, 0);
    requireOption('maxKeys', maxKeys, 1);
    portico.requireRootKey();
    this.#portico = portico;
    this.#staleMs = staleMs;
    this.#maxKeys = maxKeys;
    this.#reports = new VerificationReports(portico, maxKeys, onLost);
  }

  /**
   * Verifies a key as `portico.keys.verifyKey` does. Calls for the same key at the same time share one request, with the
   * limits of the first of them.
   *
   * @throws PorticoError, PorticoUnreachable
   */
  async verifyKey(body: VerifyKeyRequest, limits: CallLimits = {}): Promise<Verification> {
    const ask = () => this.#portico.call(keysVerifyKey, body, limits);
    if (this.#staleMs === 0) return ask();
    // Not the cost: only limits depend on it, and a result with a limit is not cached. A later field may decide too.
    const { cost: _, ...decides } = body;
    const id = JSON.stringify(Object.entries(decides).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.#fresh(this.#entries, id);
    // A key that has a limit: each call must ask, so sharing a request would only cost time.
    if (known !== undefined && known.json === undefined) return ask();
    const hit = this.#hit(id, body.key);
    if (hit !== undefined) return hit;
    const shared = this.#fresh(this.#pending, id);
    if (shared === undefined) return this.#fetch(id, ask);
    await shared.done;
    return this.#hit(id, body.key) ?? ask();
  }

  /**
   * Reports all verifications now, 100 keys per request, also if less than a second has passed since the last report. Call it
   * before your program ends.
   *
   * @throws the error of a report that fails; the verifications are reported later, if the program still runs
   */
  flush(): Promise<void> {
    return this.#reports.flush();
  }

  #fresh<Aged extends { age: () => number }>(map: Map<string, Aged>, id: string): Aged | undefined {
    const found = map.get(id);
    return found !== undefined && found.age() < this.#staleMs ? found : undefined;
  }

  /** The cached result, if it can be used and counted. */
  #hit(id: string, key: string): Verification | undefined {
    const entry = this.#fresh(this.#entries, id);
    if (entry?.json === undefined) return undefined;
    const verification: Verification = JSON.parse(entry.json);
    if (verification.expires !== undefined && verification.expires <= Date.now()) return undefined;
    if (!this.#reports.add(key)) return undefined;
    // The first key in the map is the one that was not used for longest.
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return verification;
  }

  async #fetch(id: string, ask: () => Promise<Verification>): Promise<Verification> {
    const age = stopwatch();
    const store = async () => {
      const verification = await ask();
      const { valid, code, ratelimit, quota } = verification;
      this.#entries.delete(id);
      if (ratelimit !== undefined || quota !== undefined) this.#entries.set(id, { json: undefined, age });
      else if (valid && code === 'VALID') this.#entries.set(id, { json: JSON.stringify(verification), age });
      const [oldest = id] = this.#entries.keys();
      if (this.#entries.size > this.#maxKeys) this.#entries.delete(oldest);
      return verification;
    };
    const pending = { done: store(), age };
    this.#pending.set(id, pending);
    try {
      return await pending.done;
    } finally {
      if (this.#pending.get(id) === pending) this.#pending.delete(id);
    }
  }
}

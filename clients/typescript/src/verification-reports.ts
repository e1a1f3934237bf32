/** Counts the verifications that a cache has decided, and reports them to Portico. */
import { keysReportVerifications } from '../../../generated/client/sdk.gen.ts';
import type { ReportedVerification } from '../../../generated/client/types.gen.ts';
import type { Connection } from './connection.ts';
import { PorticoError } from './errors.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import { stopwatch } from './stopwatch.ts';

/** The least time between two reports, and the longest pause after failures, in ms. */
const intervalMs = 1000;
const longestPauseMs = 30_000;
/** The time limit of one report, in ms. */
const timeoutMs = 10_000;
/** How long a report is repeated, in ms. With the time limit, it is less than the five minutes for which Portico recognizes it. */
const repeatedMs = 240_000;
/** The limits of the contract. */
const maxItems = 100;
const maxCount = 1_000_000;

/** Called with the reason and the number of verifications that will never be counted. */
export type OnLost = (error: unknown, count: number) => void;

/** A report that Portico has not confirmed. Its contents never change, so that it can be sent again. */
interface Report {
  idempotencyKey: string;
  verifications: ReportedVerification[];
  age: () => number;
}

/** Whether Portico has refused the report. A proxy that refuses it may be repaired soon. */
const isRefused = (error: unknown) =>
  error instanceof PorticoError && error.code !== undefined && error.status < 500 && error.status !== 429;

/** The verifications that Portico does not know yet, by key. */
export class VerificationReports {
  readonly #portico: Connection;
  readonly #maxKeys: number;
  readonly #onLost: OnLost;
  readonly #counts = new Map<string, number>();
  #report: Report | undefined;
  #sending: Promise<void> | undefined;
  #timer: unknown;
  #failures = 0;
  #pauseMs = intervalMs;

  constructor(portico: Connection, maxKeys: number, onLost: OnLost) {
    this.#portico = portico;
    this.#maxKeys = maxKeys;
    this.#onLost = onLost;
  }

  /** Counts one verification. @returns whether it is counted: there is a limit of keys that wait for a report */
  add(key: string): boolean {
    const count = this.#counts.get(key);
    if (count === undefined && this.#counts.size >= this.#maxKeys) return false;
    this.#counts.set(key, (count ?? 0) + 1);
    this.#schedule();
    return true;
  }

  /** Reports what waits now, in one request after another. @throws the error of the first report that fails */
  async flush(): Promise<void> {
    // While the program accepts requests, there would always be more.
    const reports = Math.ceil(this.#counts.size / maxItems) + (this.#report === undefined ? 0 : 1);
    for (let i = 0; i < reports && this.#hasMore(); i++) await this.#run();
  }

  #hasMore(): boolean {
    return this.#report !== undefined || this.#counts.size > 0;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#sending !== undefined || !this.#hasMore()) return;
    const timer: unknown = setTimeout(() => {
      this.#timer = undefined;
      // `#send` handles the error, and a later report repeats what failed.
      this.#run().catch(() => {});
    }, this.#pauseMs);
    // A program can end although verifications wait. Not every runtime has timers that can be detached.
    (timer as { unref?: () => void }).unref?.();
    this.#timer = timer;
  }

  /** Sends one report, unless one is under way. */
  #run(): Promise<void> {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
      this.#schedule();
    });
    return this.#sending;
  }

  /** Takes what a report can have. */
  #take(): Report | undefined {
    const verifications: ReportedVerification[] = [];
    for (const [key, waiting] of this.#counts) {
      if (verifications.length === maxItems) break;
      const count = Math.min(waiting, maxCount);
      verifications.push({ key, count });
      this.#counts.delete(key);
      if (waiting > count) this.#counts.set(key, waiting - count);
    }
    return verifications.length === 0
      ? undefined
      : { idempotencyKey: newIdempotencyKey(), verifications, age: stopwatch() };
  }

  async #send(): Promise<void> {
    this.#report ??= this.#take();
    const report = this.#report;
    if (report === undefined) return;
    const { idempotencyKey, verifications } = report;
    try {
      await this.#portico.call(
        keysReportVerifications,
        { verifications },
        { idempotencyKey, maxAttempts: 1, timeoutMs },
      );
      this.#report = undefined;
      this.#failures = 0;
      this.#pauseMs = intervalMs;
    } catch (error) {
      const wanted = error instanceof PorticoError ? (error.retryAfter ?? 0) * 1000 : 0;
      this.#pauseMs = Math.max(wanted, Math.min(intervalMs * 2 ** this.#failures++, longestPauseMs));
      if (isRefused(error) || report.age() + this.#pauseMs > repeatedMs) {
        this.#report = undefined;
        this.#onLost(
          error,
          verifications.reduce((sum, { count }) => sum + count, 0),
        );
      }
      throw error;
    }
  }
}

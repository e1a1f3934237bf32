/** Holds every answer against the contract, and against what the load knows. */
import { type ApiResponse, responseChecker } from '../../../contract-tests/engine/check-response.ts';
import { readSpec, specOperations } from '../../../contract-tests/engine/spec.ts';
import type { Stall } from './measure.ts';
import type { Reply } from './servers.ts';

/** What a fault may bring about while it lasts and for a moment after. */
export interface Tolerance {
  /** Answers of 503. */
  unavailable: boolean;
  /** Requests without an answer, of the server of this name. */
  silent?: string;
}

/** Everything that was seen. */
export interface Tally {
  requests: number;
  /** How often each status came, by operation; status 0 is no answer. */
  byStatus: Record<string, number>;
  /** Whatever must not be, each told once with how often it was. */
  violations: Record<string, number>;
  /** Failures that the fault of the moment explains, or a moment in which Redis or a server stood still. */
  explained: { unavailable: number; silent: number; stalled: number };
}

/** A judge of answers. */
export interface Judge {
  tally: Tally;
  /** When a failure was last seen, in Unix ms. */
  lastFailureAt(): number;
  /** What is tolerated from now on; undefined: nothing. */
  tolerate(tolerance: Tolerance | undefined): void;
  /** Whether no fault is, or was a moment ago. */
  isCalm(): boolean;
  /** Notes what must not be. */
  accuse(violation: string): void;
  /** Answers of 503 that no fault explains are excused where Redis or a server stood still. */
  excuse(stalls: Stall[]): void;
  /** Holds an answer against the contract, and says whether it tells what became of the request. */
  hear(operation: string, reply: Reply): boolean;
}

/** Reads the contract and begins. */
export async function newJudge(): Promise<Judge> {
  const spec = await readSpec();
  const operations = new Map(specOperations(spec).map((operation) => [operation.operationId, operation]));
  const check = responseChecker(spec);
  const tally: Tally = {
    requests: 0,
    byStatus: {},
    violations: {},
    explained: { unavailable: 0, silent: 0, stalled: 0 },
  };
  let tolerated: Tolerance | undefined;
  let lastFailureAt = 0;
  let pending: { operation: string; at: number }[] = [];
  const accuse = (violation: string) => {
    tally.violations[violation] = (tally.violations[violation] ?? 0) + 1;
  };

  return {
    tally,
    lastFailureAt: () => lastFailureAt,
    tolerate(tolerance) {
      tolerated = tolerance;
    },
    isCalm: () => tolerated === undefined,
    accuse,
    hear(operation, reply) {
      const { status, failure, server } = reply;
      tally.requests++;
      tally.byStatus[status] = (tally.byStatus[status] ?? 0) + 1;
      if (status === 0) {
        lastFailureAt = Date.now();
        if (tolerated?.silent === server) tally.explained.silent++;
        else accuse(`${operation}: no answer (${failure})`);
        return false;
      }
      const found = operations.get(operation);
      if (found === undefined) throw new Error(`no operation ${operation}`);
      for (const problem of check(found, reply as ApiResponse)) accuse(`${operation}: ${status} ${problem}`);
      if (status < 500) return true;
      if (status !== 503 || tolerated !== undefined) lastFailureAt = Date.now();
      if (status === 503 && tolerated?.unavailable) tally.explained.unavailable++;
      else if (status === 503) pending.push({ operation, at: Date.now() / 1000 });
      else accuse(`${operation}: ${status}`);
      return false;
    },
    excuse(stalls) {
      for (const { operation, at } of pending) {
        if (stalls.some((stall) => at > stall.at - stall.before && at < stall.at + 2)) tally.explained.stalled++;
        else accuse(`${operation}: 503 at ${Math.round(at)} while nothing was wrong`);
      }
      pending = [];
    },
  };
}

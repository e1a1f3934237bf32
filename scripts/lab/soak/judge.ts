/** Validates every response against the contract, and collects the violations. */
import { type ApiResponse, everyFault, responseChecker } from '../../../contract-tests/engine/check-response.ts';
import { readSpec, specOperations } from '../../../contract-tests/engine/spec.ts';
import type { Stall } from './measure.ts';
import type { Reply } from './servers.ts';

/** The failures that a fault explains while it lasts and for two seconds after. */
export interface Tolerance {
  /** Whether it explains responses of 503. */
  unavailable: boolean;
  /** The name of the server whose requests can get no response. */
  silent?: string;
}

/** The results so far. */
export interface Tally {
  requests: number;
  /** The number of responses by status. Status 0 means no response. */
  byStatus: Record<string, number>;
  /** Broken promises, with how often each occurred. */
  violations: Record<string, number>;
  /** Failures that the current fault, or a stall of Redis or of a server, explains. */
  explained: { unavailable: number; silent: number; stalled: number };
}

/** Judges responses. */
export interface Judge {
  tally: Tally;
  /** The time of the last failure, in Unix ms. */
  lastFailureAt(): number;
  /** Sets which failures are tolerated from now on; undefined tolerates none. */
  tolerate(tolerance: Tolerance | undefined): void;
  /** Whether no fault is in progress or was in progress in the last two seconds. */
  isFaultFree(): boolean;
  /** Records a violation. */
  addViolation(violation: string): void;
  /** Explains responses of 503 outside the faults by stalls, and records the others as violations. */
  explainByStalls(stalls: Stall[]): void;
  /** Validates a response against the contract. Returns whether the outcome of the request is known. */
  checkReply(operation: string, reply: Reply): boolean;
}

/** Reads the contract, and creates a judge without results. */
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
  const addViolation = (violation: string) => {
    tally.violations[violation] = (tally.violations[violation] ?? 0) + 1;
  };

  return {
    tally,
    lastFailureAt: () => lastFailureAt,
    tolerate(tolerance) {
      tolerated = tolerance;
    },
    isFaultFree: () => tolerated === undefined,
    addViolation,
    checkReply(operation, reply) {
      const { status, failure, server } = reply;
      tally.requests++;
      tally.byStatus[status] = (tally.byStatus[status] ?? 0) + 1;
      if (status === 0) {
        lastFailureAt = Date.now();
        if (tolerated?.silent === server) tally.explained.silent++;
        else addViolation(`${operation}: no response (${failure})`);
        return false;
      }
      const found = operations.get(operation);
      if (found === undefined) throw new Error(`no operation ${operation}`);
      const faults = check(found, reply as ApiResponse);
      for (const problem of [...everyFault(faults), ...faults.undocumented])
        addViolation(`${operation}: ${status} ${problem}`);
      if (status < 500) return true;
      if (status !== 503 || tolerated !== undefined) lastFailureAt = Date.now();
      if (status === 503 && tolerated?.unavailable) tally.explained.unavailable++;
      else if (status === 503) pending.push({ operation, at: Date.now() / 1000 });
      else addViolation(`${operation}: ${status}`);
      return false;
    },
    explainByStalls(stalls) {
      for (const { operation, at } of pending) {
        if (stalls.some((stall) => at > stall.at - stall.before && at < stall.at + 2)) tally.explained.stalled++;
        else addViolation(`${operation}: 503 at ${Math.round(at)} while nothing was wrong`);
      }
      pending = [];
    },
  };
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomInt } from 'node:crypto';
import type { Created } from './created.ts';

/** One run of the suite: what all of its checks share. */
export interface Run {
  /** Decides the order of the checks and the ids that they create. */
  seed: number;
  /** Start of the run, in Unix ms. */
  startedAt: number;
  /** Whether it may change nothing on the target. */
  readOnly: boolean;
  /** How long its checks together may still wait for a target that refuses too many calls, in ms. */
  patienceMs?: number;
  /** The credentials that the target has issued, to hide them. */
  issued?: Set<string>;
  /** What it has created on the target, to delete it. */
  created?: Created | undefined;
}

/** A part of a run that has ids of its own, such as a check. */
interface Scope {
  run: Run;
  name: string;
  /** How many ids it has. */
  ids: number;
}

const scopes = new AsyncLocalStorage<Scope>();

/** The greatest seed: one that is easy to type again. */
export const maxSeed = 999_999_999;

/** A random seed. */
export const newSeed = (): number => randomInt(1, maxSeed + 1);

/** Runs `work` as a part of a run. */
export const inScope = <T>(run: Run, name: string, work: () => T): T => scopes.run({ run, name, ids: 0 }, work);

/** Runs `work`, whose result several checks share, in a scope of its own: its ids do not depend on which check is the first. */
export function inSharedScope<T>(name: string, work: () => T): T {
  const scope = scopes.getStore();
  return scope === undefined ? work() : inScope(scope.run, name, work);
}

/** The scope that the caller runs in; undefined outside of a run, such as in a test that calls a step alone. */
export const currentScope = (): Scope | undefined => scopes.getStore();

/**
 * Whether an operation only reads. A verification of a key counts, so it does not.
 *
 * @param operation such as `portal.listKeys`
 */
export const isReading = (operation: string): boolean =>
  /^\w+\.(get|list)[A-Z]/.test(operation) || ['liveness', 'readiness'].includes(operation);

/** @throws Error if a read-only run is about to call an operation that changes something: a check says by mistake that it only reads */
export function refuseWrite(operation: string): void {
  if (scopes.getStore()?.run.readOnly && !isReading(operation)) {
    throw new Error(`${operation} can change the target, and the run is read-only`);
  }
}

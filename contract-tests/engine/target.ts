import type { Case, Facts, State } from './case.ts';

/** The target cannot be brought into this state; the message says why. */
export class Unavailable extends Error {}

/** Something that claims to keep the contract. */
export interface Target {
  name: string;
  baseUrl: string;
  /** A mock answers with the contract's examples: what it says of state means nothing. */
  isMock: boolean;
  /**
   * Brings a state about, afresh for every call.
   *
   * @throws Unavailable with the reason, where it cannot
   */
  arrange(state: State): Promise<Facts>;
  /** Extra headers that make this target give the answer, such as a mock's `Prefer`. */
  steer?(row: Case): Record<string, string>;
}

/** A target that the tests have started, and stop. */
export interface StartedTarget extends Target {
  stop(): Promise<void>;
}

/** Facts with nothing in them. */
export const noFacts: Facts = { rootKey: '', slug: '', sessionId: '', token: '' };

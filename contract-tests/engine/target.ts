import type { Case, Fixture, State } from './case.ts';

/** The target cannot create this state; the message says why. */
export class Unavailable extends Error {}

/** Why a check that needs an operation which the target does not have is skipped. */
export const notImplemented = (operation: string): string => `${operation} is not implemented`;

/** A server, or a mock, that implements the contract. */
export interface Target {
  name: string;
  baseUrl: string;
  /** Whether it is a mock, which returns the contract's examples and has no state. */
  isMock: boolean;
  /**
   * Creates a new instance of a state for every call.
   *
   * @param operation the only one that the state is needed for; without it, every one. A state can need requests to several operations,
   *   and the target can lack the others
   * @throws Unavailable with the reason, if it cannot
   */
  arrange(state: State, operation?: string): Promise<Fixture>;
  /** Extra headers that make this target return the expected response, such as a mock's `Prefer`. */
  steer?(row: Case): Record<string, string>;
}

/** A target that the tests start and stop. */
export interface StartedTarget extends Target {
  stop(): Promise<void>;
}

/** A fixture without data. */
export const emptyFixture: Fixture = { rootKey: '', slug: '', sessionId: '', token: '' };

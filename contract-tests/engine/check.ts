import type { Case } from './case.ts';
import type { Target } from './target.ts';
import type { Trial } from './trial.ts';

/** One promise of the contract, and how to see whether it is kept. */
export interface Check {
  operation: string;
  /** The promise, in words. Unique within its operation. */
  name: string;
  kind: 'case' | 'constraint' | 'flow';
  /** The status whose documentation the promise stands in, for the report's line. */
  status: number;
  /** Why a mock that is made from the contract cannot be asked this. */
  notOnMock?: string | undefined;
  /** @throws Broken, Unavailable */
  run(trial: Trial): Promise<void>;
  /** Extra headers that make this target give the answer, such as a mock's `Prefer`. */
  steer?(target: Target): Record<string, string> | undefined;
}

/** `operation › promise`: what a check is called everywhere. */
export const titleOf = ({ operation, name }: Pick<Check, 'operation' | 'name'>): string => `${operation} › ${name}`;

/** A case as a check. */
export function caseCheck(row: Case, kind: 'case' | 'constraint'): Check {
  return {
    operation: row.operation,
    name: row.name,
    kind,
    status: row.answer.status,
    notOnMock: row.notOnMock,
    async run(trial) {
      const facts = await trial.arrange(row.given);
      await trial.call(row.operation, row.request(facts), row.answer, facts);
    },
    steer: (target) => target.steer?.(row),
  };
}

/** A promise that takes more than one request to see. A mock has no state, so it keeps none of them. */
export interface Flow {
  operation: string;
  name: string;
  run(trial: Trial): Promise<void>;
}

/** A flow as a check. */
export const flowCheck = ({ operation, name, run }: Flow): Check => ({
  operation,
  name,
  kind: 'flow',
  status: 200,
  notOnMock: 'a mock stores no state between requests',
  run,
});

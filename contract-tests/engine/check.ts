import type { Case, CaseResponse, State } from './case.ts';
import { type Profile, profileOf } from './profile.ts';
import { isReading } from './run.ts';
import type { Source } from './source.ts';
import type { Target } from './target.ts';
import type { Trial } from './trial.ts';

/** One promise of the contract. */
interface Promised {
  operation: string;
  /** The promise in words, unique within its operation. */
  name: string;
  /** The profile that makes the promise, beside `full`. */
  profile: Profile;
  /** The public page that makes the promise; without one, the contract makes it. */
  source?: Source;
  /** The status that documents the promise, for the spec line in the report. */
  status: number;
  /** Whether it sends a request that changes the target, or that would change it if the target did not refuse it. */
  writes: boolean;
  /** Why a mock of the contract cannot run this check. */
  notOnMock?: string | undefined;
}

/** A promise, and how to test it. */
export interface Check extends Promised {
  kind: 'case' | 'constraint' | 'flow';
  /** The expected response, if the check is one request. */
  response?: CaseResponse;
  /** Values of open enums that it expects. A contract without one of them does not have the promise. */
  values?: readonly string[] | undefined;
  /** @throws ContractViolation or Unavailable */
  run(trial: Trial): Promise<void>;
  /** Extra headers that make this target return the expected response, such as a mock's `Prefer`. */
  steer?(target: Target): Record<string, string> | undefined;
}

/** A promise about a part of responses: a header, an exact text or the bounds of fields. It sends nothing, and judges what others get. */
export interface PartCheck extends Promised {
  kind: 'header' | 'text' | 'bound';
  /** The checks that get responses with this part. */
  shownBy: readonly Check[];
}

/** Any check. */
export type AnyCheck = Check | PartCheck;

/** Whether a check judges a part of the responses of others. */
export const isPart = (check: AnyCheck): check is PartCheck => 'shownBy' in check;

/** The title of a check in tests and reports: `operation › promise`. */
export const titleOf = ({ operation, name }: Pick<AnyCheck, 'operation' | 'name'>): string => `${operation} › ${name}`;

/** The states that are there before the run, or need nothing. To create any other one changes the target. */
const givenStates: ReadonlySet<State> = new Set<State>([
  ...(['nothing', 'portal', 'disabledPortal', 'foreignRootKey', 'limitedRootKey'] as const),
]);

/** Turns a case into a check. */
export function caseCheck(row: Case, kind: 'case' | 'constraint'): Check {
  return {
    operation: row.operation,
    name: row.name,
    kind,
    profile: profileOf(row.operation),
    status: row.response.status,
    response: row.response,
    writes: !isReading(row.operation) || !givenStates.has(row.given),
    notOnMock: row.notOnMock,
    async run(trial) {
      const fixture = await trial.arrange(row.given, row.operation);
      await trial.call(row.operation, row.request(fixture), row.response, fixture);
    },
    steer: (target) => target.steer?.(row),
  };
}

const noState = 'a mock stores no state between requests';

/** A promise that needs more than one request. A mock has no state, so it cannot run flows. */
export interface Flow {
  operation: string;
  name: string;
  /** Whether it changes nothing, also if the target is broken. */
  readOnly?: true | undefined;
  /** Values of open enums that it expects, if an earlier contract does not have them. */
  values?: readonly string[];
  run(trial: Trial): Promise<void>;
}

/** Turns a flow into a check. */
export const flowCheck = ({ operation, name, readOnly, values, run }: Flow): Check => ({
  operation,
  name,
  kind: 'flow',
  profile: profileOf(operation),
  status: 200,
  writes: readOnly !== true,
  notOnMock: noState,
  values,
  run,
});

/** A promise of a public page. The contract can make the same one, with more in it, so the names differ. */
export const sourcedCheck = ({ source, name, ...flow }: Flow & { source: Source }): Check => ({
  ...flowCheck({ ...flow, name: `public pages: ${name}` }),
  ...{ profile: 'seeds', source },
});

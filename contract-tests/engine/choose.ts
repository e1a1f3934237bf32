/** Reads the contract, and chooses checks of it. */
import { type AnyCheck, type Check, titleOf } from './check.ts';
import { type EarlierContract, earlierContract } from './earlier.ts';
import type { ConformanceOptions } from './options.ts';
import { SuiteError } from './preflight.ts';
import { isClaimed, type Profile } from './profile.ts';
import type { Source } from './source.ts';
import { specFile as ownSpecFile, readSpecWithLines, type Spec } from './spec.ts';

/** One check, as a list shows it. */
export interface ListedCheck {
  operation: string;
  promise: string;
  kind: AnyCheck['kind'];
  profile: Profile;
  /** Whether it can change the target, so that it does not run with `readOnly`. */
  writes: boolean;
  /** The public page that makes the promise; absent if the contract makes it. */
  source?: Source;
  /** The line of openapi.yaml that documents the promise. */
  specLine?: number;
}

/** The options that choose checks. */
export type Selection = Pick<ConformanceOptions, 'specFile' | 'contractVersion' | 'profile' | 'only' | 'readOnly'>;

/** The chosen checks, in the order of the contract, and what they need. */
export interface Choice {
  /** The contract that the target claims. */
  spec: Spec;
  earlier: EarlierContract | undefined;
  /** The line of openapi.yaml that documents a status of an operation. */
  lineOf: (operation: string, status: number) => number | undefined;
  /** All checks of the suite. */
  all: readonly AnyCheck[];
  chosen: readonly AnyCheck[];
  /** Whether a check that is not chosen may run because another one needs its responses. */
  mayShow: (check: Check) => boolean;
}

/** Makes the checks of a contract. */
export type ChecksOf = (spec: Spec) => AnyCheck[];

/** The contract of each file, and its checks. A program that runs the suite several times reads the file once. */
const suites = new Map<string, ReturnType<typeof readSuite>>();
async function readSuite(file: string, checksOf: ChecksOf) {
  const contract = await readSpecWithLines(file);
  return { ...contract, all: checksOf(contract.spec) };
}
function suiteOf(file: string, checksOf: ChecksOf): ReturnType<typeof readSuite> {
  const suite = suites.get(file) ?? readSuite(file, checksOf);
  suites.set(file, suite);
  return suite;
}

/**
 * Chooses the checks of a run.
 *
 * @throws SuiteError if there are none
 */
export async function choose(checksOf: ChecksOf, selection: Selection): Promise<Choice> {
  const { specFile = ownSpecFile, contractVersion, profile = 'full', only, readOnly = false } = selection;
  const suite = await suiteOf(specFile, checksOf);
  const earlier = contractVersion === undefined ? undefined : await earlierContract(contractVersion, suite.spec);
  const mayRun = (check: AnyCheck) => !(readOnly && check.writes) && earlier?.hasPromise(check) !== false;
  const chosen = suite.all.filter(
    (check) => isClaimed(profile, check.profile) && (only?.test(titleOf(check)) ?? true) && mayRun(check),
  );
  if (chosen.length === 0) {
    const matches = only === undefined ? '' : ` matches ${only} and`;
    throw new SuiteError(`no check${matches} is in the profile ${profile}${readOnly ? ' and only reads' : ''}`);
  }
  return { ...suite, spec: earlier?.spec ?? suite.spec, earlier, chosen, mayShow: mayRun };
}

/** The chosen checks, as a list shows them. */
export const listedOf = ({ chosen, lineOf }: Choice): ListedCheck[] =>
  chosen.map(({ operation, name: promise, kind, profile, writes, source, status }) => {
    const specLine = lineOf(operation, status);
    const place = source === undefined ? specLine !== undefined && { specLine } : { source };
    return { operation, promise, kind, profile, writes, ...place };
  });

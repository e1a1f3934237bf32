/**
 * The contract suite for any server that implements openapi.yaml: black box, over HTTP only.
 *
 * `runConformance` runs all checks and returns a report. `conformanceChecks` returns the checks one by one for your own
 * test runner. If the target cannot provide what a check needs, the check is skipped with a reason.
 */
import { allChecks } from './checks.ts';
import { type Check, titleOf } from './engine/check.ts';
import { type ApiResponse, responseChecker } from './engine/check-response.ts';
import { type Cleaned, prepareCleaning } from './engine/clean.ts';
import { nothingCreated } from './engine/created.ts';
import { quoted } from './engine/curl.ts';
import { type EarlierContract, earlierContract } from './engine/earlier.ts';
import { type ExpectedFailures, judgeByList, refuseUnknownChecks, titleOfResult } from './engine/expected-failures.ts';
import { shuffled } from './engine/ids.ts';
import { mapConcurrently } from './engine/pool.ts';
import { missingOperations, preflight, SuiteError } from './engine/preflight.ts';
import { isClaimed, type Profile } from './engine/profile.ts';
import { inScope, maxSeed, newSeed, type Run } from './engine/run.ts';
import { type CheckResult, notImplementedResult, runCheck } from './engine/run-check.ts';
import type { Source } from './engine/source.ts';
import { specFile as ownSpecFile, readSpecWithLines, type Spec, specOperations } from './engine/spec.ts';
import type { Target } from './engine/target.ts';
import { createTrialFactory } from './engine/trial.ts';
import { portalOperation } from './seeds/steps.ts';
import { blackBox } from './targets/black-box.ts';
import { suiteVersion } from './version.ts';

export { type ExpectedFailures, parseExpectedFailures } from './engine/expected-failures.ts';
export { SuiteError } from './engine/preflight.ts';
export { type Profile, profiles } from './engine/profile.ts';
export type { CheckResult } from './engine/run-check.ts';

/** The server and the credentials that the suite needs to test it. */
export interface ConformanceOptions {
  /** Base URL of the server, or a target of your own. */
  target: string | Target;
  /** A root key with all permissions; required if `target` is a URL. */
  rootKey?: string;
  /** Slug of an enabled portal in that workspace; required if `target` is a URL. */
  slug?: string;
  /** Slug of a disabled portal in that workspace; without it some checks are skipped. */
  disabledSlug?: string | undefined;
  /** A root key of another workspace; without it some checks are skipped. */
  foreignRootKey?: string | undefined;
  /**
   * A root key of the same workspace that can read, create, update, delete and import the keys of one API, which can be any; without it some
   * checks are skipped.
   */
  otherApiRootKey?: string | undefined;
  /**
   * A root key of the same workspace with only `portal.*.create_session` and `api.*.read_analytics`; without it the checks of
   * `insufficient_permissions` are skipped, because no operation creates root keys.
   */
  limitedRootKey?: string | undefined;
  /** An OpenAPI document that the server can fetch; without it some checks are skipped. */
  openapiUrl?: string | undefined;
  /**
   * The version of the contract that the server claims, if it is the one of the last release: `0.1.0`. By default the present contract.
   */
  contractVersion?: string | undefined;
  /** The version of the target, for the report. */
  targetVersion?: string | undefined;
  /** Path of the contract, an OpenAPI YAML file; the openapi.yaml of this project by default. */
  specFile?: string;
  /** The part of the contract that the server claims; the whole contract by default. */
  profile?: Profile | undefined;
  /** Runs only the checks whose `operation › promise` matches. */
  only?: RegExp | undefined;
  /**
   * Whether a response with a field or an enum value that the contract does not document fails its check. By default it is a
   * warning: the contract allows what a later version may add.
   */
  strictResponses?: boolean | undefined;
  /** Decides the order of the checks and the ids that they create, an integer from 0 to 999,999,999; random by default. */
  seed?: number | undefined;
  /** The checks that are known to fail. One that passes is `unexpected`. */
  expectedFailures?: ExpectedFailures | undefined;
  /** Runs only the checks that cannot change the target, and sends it nothing else. */
  readOnly?: boolean | undefined;
  /**
   * Deletes what the run has created, in `runConformance`: portals, APIs, users with their sessions and keys. No operation deletes entries
   * of the audit log, stored responses of an Idempotency-Key (they expire) and the usage of deleted APIs.
   */
  clean?: boolean | undefined;
  /** Maximum number of checks that run at once; 4 by default. */
  concurrency?: number;
  /** Ends the run early: no more checks begin, and `clean` deletes what there is. */
  signal?: AbortSignal | undefined;
  /** Called with each result when its check ends. */
  onResult?: (result: CheckResult) => void;
}

/** The result of a run. */
export interface ConformanceReport {
  target: string;
  profile: Profile;
  /** The version of the target: as the options give it, or else its header `Server`; absent if it is not known. */
  targetVersion?: string;
  /** The version of this suite. */
  suiteVersion: string;
  /** The version of the contract, as `info.version` of openapi.yaml has it. */
  contractVersion: string;
  /** The seed of the run. With it, another run has the same order and the same ids, except for their first 48 bits, which are its start. */
  seed: number;
  /** Whether only checks ran that cannot change the target. */
  readOnly: boolean;
  /** What was deleted after the run; absent without `clean`. */
  cleaned?: Cleaned;
  /** The operations that the profile has and the target does not. */
  notImplemented: string[];
  /** Start of the run, ISO 8601. */
  startedAt: string;
  durationMs: number;
  passed: number;
  failed: number;
  skipped: number;
  /** Number of checks that failed and are in the list of expected failures. */
  expected: number;
  /** Number of checks that passed and are in that list. */
  unexpected: number;
  /** Number of checks with warnings. */
  warned: number;
  results: CheckResult[];
}

/** One check, as a list shows it. */
export interface ListedCheck {
  operation: string;
  promise: string;
  kind: Check['kind'];
  profile: Profile;
  /** Whether it can change the target, so that it does not run with `readOnly`. */
  writes: boolean;
  /** The public page that makes the promise; absent if the contract makes it. */
  source?: Source;
  /** The line of openapi.yaml that documents the promise. */
  specLine?: number;
}

/** One check, ready to run. */
export interface ConformanceCheck {
  /** `operation › promise` */
  name: string;
  /** @throws Error if the suite itself fails; a failure of the target is a result */
  run(): Promise<CheckResult>;
}

/** Whether a response is what the contract documents for an operation. */
function promisedBy(spec: Spec): (operation: string, response: ApiResponse) => boolean {
  const checkResponse = responseChecker(spec);
  const operations = new Map(specOperations(spec).map((operation) => [operation.operationId, operation]));
  return (name, response) => {
    const operation = operations.get(name);
    return operation === undefined || checkResponse(operation, response).failures.length === 0;
  };
}

function targetOf(options: ConformanceOptions, spec: Spec, earlier: EarlierContract | undefined): Target {
  const { target, rootKey, slug, disabledSlug, foreignRootKey, otherApiRootKey, limitedRootKey, openapiUrl } = options;
  if (typeof target !== 'string') return target;
  const url = URL.parse(target);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new SuiteError(`target "${target}" is not an http:// or https:// URL`);
  }
  if (!rootKey) throw new SuiteError('a root key is required');
  if (!slug) throw new SuiteError('the slug of an enabled portal is required');
  const optional = {
    ...(disabledSlug && { disabledSlug }),
    ...(foreignRootKey && { foreignRootKey }),
    ...(otherApiRootKey && { otherApiRootKey }),
    ...(limitedRootKey && { limitedRootKey }),
    ...(openapiUrl && { openapiUrl }),
    ...(earlier && { understands: earlier.understands }),
  };
  const own = { name: target, baseUrl: target.replace(/\/+$/, ''), rootKey, slug, ...optional };
  // A server that claims the pages alone does not claim the format of the contract.
  return blackBox(options.profile === 'seeds' ? own : { ...own, isAsPromised: promisedBy(spec) });
}

/** The contract of a file, and its checks. A program that runs the suite several times reads the file once. */
const suites = new Map<string, ReturnType<typeof readSuite>>();
async function readSuite(file: string) {
  const contract = await readSpecWithLines(file);
  return { ...contract, checks: allChecks(contract.spec) };
}
function suiteOf(file: string = ownSpecFile): ReturnType<typeof readSuite> {
  const suite = suites.get(file) ?? readSuite(file);
  suites.set(file, suite);
  return suite;
}

/** The options that choose checks. */
type Selection = Pick<ConformanceOptions, 'specFile' | 'contractVersion' | 'profile' | 'only' | 'readOnly'>;

/** The checks of a run, in the order of the contract. */
async function choose({ specFile, contractVersion, profile = 'full', only, readOnly = false }: Selection) {
  const suite = await suiteOf(specFile);
  const earlier = contractVersion === undefined ? undefined : await earlierContract(contractVersion, suite.spec);
  const chosen = suite.checks.filter(
    (check) =>
      isClaimed(profile, check.profile) &&
      (only?.test(titleOf(check)) ?? true) &&
      !(readOnly && check.writes) &&
      earlier?.hasPromise(check) !== false,
  );
  if (chosen.length === 0) {
    const matches = only === undefined ? '' : ` matches ${only} and`;
    throw new SuiteError(`no check${matches} is in the profile ${profile}${readOnly ? ' and only reads' : ''}`);
  }
  return { ...suite, spec: earlier?.spec ?? suite.spec, earlier, chosen };
}

/**
 * Returns the checks that a run with these options has, without a target.
 *
 * @throws SuiteError if there are none
 */
export async function listChecks(options: Selection = {}): Promise<ListedCheck[]> {
  const { chosen, lineOf } = await choose(options);
  return chosen.map((check) => {
    const { operation, name: promise, kind, profile, writes, source } = check;
    const specLine = lineOf(operation, check.status);
    const place = source === undefined ? specLine !== undefined && { specLine } : { source };
    return { operation, promise, kind, profile, writes, ...place };
  });
}

function startRun({ seed = newSeed(), readOnly = false, clean }: ConformanceOptions): Run {
  if (!Number.isInteger(seed) || seed < 0 || seed > maxSeed) {
    throw new SuiteError(`the seed is an integer from 0 to ${maxSeed}`);
  }
  return { seed, startedAt: Date.now(), readOnly, created: clean ? nothingCreated() : undefined };
}

/** The arguments that repeat one check, or undefined for a target that is no URL. */
function repeatArguments(options: ConformanceOptions, seed: number, title: string): string | undefined {
  const { target, slug, disabledSlug, openapiUrl, contractVersion, profile, strictResponses } = options;
  if (typeof target !== 'string') return undefined;
  const exactly = `^${title.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
  const named = {
    ...{
      target,
      slug,
      'disabled-slug': disabledSlug,
      'openapi-url': openapiUrl,
      profile,
      'contract-version': contractVersion,
    },
    ...{ seed: String(seed), only: exactly },
  };
  return [
    ...Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${quoted(value)}`])),
    ...(strictResponses ? ['--strict-responses'] : []),
  ].join(' ');
}

async function prepare(options: ConformanceOptions) {
  const run = startRun(options);
  const { spec, earlier, lineOf, checks: all, chosen } = await choose(options);
  const { rootKey, foreignRootKey, otherApiRootKey, limitedRootKey, expectedFailures = new Map() } = options;
  const secrets = [rootKey, foreignRootKey, otherApiRootKey, limitedRootKey].filter((secret) => secret !== undefined);
  const operations = specOperations(spec).map(({ operationId }) => titleOfResult(notImplementedResult(operationId)));
  refuseUnknownChecks(expectedFailures, new Set([...all.map(titleOf), ...operations]));
  const target = targetOf(options, spec, earlier);
  const missing = await missingOperations(target, spec, new Set(chosen.map(({ operation }) => operation)), run);
  const clean =
    run.created === undefined || target.isMock || !rootKey
      ? undefined
      : await prepareCleaning(target.baseUrl, rootKey, options.slug);
  await inScope(run, 'preflight', () => preflight(target, options, missing));
  const seen: { server?: string } = {};
  const newTrial = createTrialFactory(spec, {
    strictResponses: options.strictResponses,
    missing,
    earlier,
    onResponse: (_, { headers }) => {
      seen.server ??= String(headers['server'] ?? '');
    },
  });
  const checks = chosen.map((check) => {
    const title = titleOf(check);
    const settings = { secrets, missing, specLine: lineOf(check.operation, check.status) };
    let attempts = 0;
    return {
      title,
      // A test runner can repeat a check. Its ids have to be new then.
      run: async (): Promise<CheckResult> => {
        const scope = [title, ...(attempts++ === 0 ? [] : [attempts])].join(' ');
        const result = await inScope(run, scope, () => runCheck(check, target, newTrial, settings));
        const repeat = result.outcome === 'skipped' ? undefined : repeatArguments(options, run.seed, title);
        return judgeByList({ ...result, ...(repeat !== undefined && { repeat }) }, expectedFailures);
      },
    };
  });
  return { target, spec, missing, run, checks, expectedFailures, clean, seen };
}

/**
 * Returns the checks one by one, for a test runner.
 *
 * @throws SuiteError if the options are wrong or the target does not respond
 */
export async function conformanceChecks(options: ConformanceOptions): Promise<ConformanceCheck[]> {
  const { checks } = await prepare(options);
  return checks.map(({ title, run }) => ({ name: title, run }));
}

/**
 * Runs all checks and reports the result of each, in the order of the contract.
 *
 * @throws SuiteError if the suite could not run; a target that breaks the contract is a report with failures
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const { target, spec, missing, run, checks, expectedFailures, clean, seen } = await prepare(options);
  const { profile = 'full' } = options;
  const { seed, startedAt } = run;
  // The pages of the seeds name no operation that needs a session, so a server can have another one.
  const notImplemented = missing.filter((operation) => profile !== 'seeds' || operation !== portalOperation);
  const ended = new Map<string, CheckResult>();
  const inOrder = shuffled(checks, seed, ({ title }) => title);
  let defect: unknown;
  await mapConcurrently(inOrder, options.concurrency ?? 4, async (check) => {
    if (options.signal?.aborted || defect !== undefined) return;
    try {
      const result = await check.run();
      ended.set(check.title, result);
      options.onResult?.(result);
    } catch (error) {
      defect ??= error;
    }
  });
  const cleaned = run.created && (await clean?.(run.created));
  if (defect !== undefined) throw defect;
  if (options.signal?.aborted) throw new SuiteError('the run was interrupted');
  const results = [
    ...notImplemented.map((operation) => judgeByList(notImplementedResult(operation), expectedFailures)),
    ...checks.flatMap(({ title }) => ended.get(title) ?? []),
  ];
  const targetVersion = options.targetVersion ?? seen.server;
  const count = (outcome: CheckResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  return {
    target: target.name,
    ...(targetVersion && { targetVersion }),
    suiteVersion,
    profile,
    contractVersion: spec.info.version,
    seed,
    readOnly: run.readOnly,
    ...(cleaned && { cleaned }),
    notImplemented,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Date.now() - startedAt,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    expected: count('expected'),
    unexpected: count('unexpected'),
    warned: results.filter(({ warnings }) => warnings !== undefined).length,
    results,
  };
}

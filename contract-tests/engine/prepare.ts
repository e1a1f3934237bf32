/** Prepares a run: chooses the checks, looks for the operations of the target, and tries the credentials. */
import { type AnyCheck, isPart, titleOf } from './check.ts';
import { type ChecksOf, choose } from './choose.ts';
import { type Cleaned, prepareCleaning } from './clean.ts';
import { type Created, nothingCreated } from './created.ts';
import type { EarlierContract } from './earlier.ts';
import { judgeByList, refuseUnknownChecks, titleOfResult } from './expected-failures.ts';
import type { ConformanceOptions } from './options.ts';
import { missingOperations, preflight, SuiteError } from './preflight.ts';
import { isNamedBy } from './profile.ts';
import { repeatArguments } from './repeat.ts';
import { inScope, maxSeed, newSeed, type Run } from './run.ts';
import { type CheckResult, notImplementedResult } from './run-check.ts';
import { createRunner } from './runner.ts';
import { redact } from './show.ts';
import { type Spec, specOperations } from './spec.ts';
import type { Target } from './target.ts';
import { createTrialFactory } from './trial.ts';

/** What the engine does not know: the checks, and how to call a target. */
export interface Suite {
  checksOf: ChecksOf;
  targetOf(options: ConformanceOptions, spec: Spec, earlier: EarlierContract | undefined): Target;
}

/** A check that can run. */
export interface PreparedCheck {
  title: string;
  /** Whether it judges the responses that other checks get. */
  isPart: boolean;
  run(): Promise<CheckResult>;
}

/** A run before its first check. */
export interface Prepared {
  run: Run;
  target: Target;
  contractVersion: string;
  /** The operations of the profile, of those that are chosen, that the target does not have. */
  notImplemented: readonly string[];
  /** The results about whole operations: those that are missing, and those that the list of expected failures says are missing. */
  ofOperations: readonly CheckResult[];
  checks: readonly PreparedCheck[];
  clean: ((created: Created) => Promise<Cleaned>) | undefined;
  /** The version of the target, as its responses tell it. */
  seenVersion: () => string | undefined;
}

/** A target with usual limits refuses some calls of a run, for up to a minute each: all checks together wait no longer than this, in ms. */
const mostPatienceMs = 1_200_000;

function startRun({ seed = newSeed(), readOnly = false, clean }: ConformanceOptions): Run {
  if (!Number.isInteger(seed) || seed < 0 || seed > maxSeed) {
    throw new SuiteError(`the seed is an integer from 0 to ${maxSeed}`);
  }
  const created = clean ? nothingCreated() : undefined;
  return { seed, startedAt: Date.now(), readOnly, patienceMs: mostPatienceMs, issued: new Set(), created };
}

/** @throws SuiteError if the list of expected failures names a check that does not exist */
function judgeOf({ expectedFailures = new Map() }: ConformanceOptions, all: readonly AnyCheck[], spec: Spec) {
  const operations = specOperations(spec).map(({ operationId }) => titleOfResult(notImplementedResult(operationId)));
  refuseUnknownChecks(expectedFailures, new Set([...all.map(titleOf), ...operations]));
  return (result: CheckResult) => judgeByList(result, expectedFailures);
}

/** @throws SuiteError if the suite could not run */
export async function prepare(suite: Suite, options: ConformanceOptions): Promise<Prepared> {
  const run = startRun(options);
  const { spec, earlier, lineOf, all, chosen, mayShow } = await choose(suite.checksOf, options);
  const judged = judgeOf(options, all, spec);
  const { rootKey, foreignRootKey, otherApiRootKey, limitedRootKey, strictResponses } = options;
  const secrets = [rootKey, foreignRootKey, otherApiRootKey, limitedRootKey].filter((secret) => secret !== undefined);
  const hide = (text: string) => redact(text, secrets, run.issued);
  const target = suite.targetOf(options, spec, earlier);
  // Also those of other profiles: a check can need them.
  const missing = await missingOperations(target, spec, run);
  const named = new Set(chosen.map(({ operation }) => operation));
  const notImplemented = missing.filter((name) => named.has(name) && isNamedBy(options.profile ?? 'full', name));
  const clean =
    run.created === undefined || target.isMock || !rootKey
      ? undefined
      : await prepareCleaning(target.baseUrl, rootKey, options.slug);
  await inScope(run, 'preflight', () => preflight(target, options, missing));

  let server: string | undefined;
  const attempts = new Map<string, number>();
  const newTrial = createTrialFactory(spec, {
    ...{ strictResponses, missing, earlier },
    onResponse: (_, { headers }) => {
      server ??= String(headers['server'] ?? '');
    },
  });
  const runner = createRunner(newTrial, target, all, {
    mayShow,
    optionsOf: ({ operation, status }) => ({ hide, missing, specLine: lineOf(operation, status) }),
    around(check, runNow) {
      const title = titleOf(check);
      const attempt = attempts.get(title) ?? 0;
      attempts.set(title, attempt + 1);
      // A test runner can repeat a check. Its ids have to be new then.
      return inScope(run, [title, ...(attempt === 0 ? [] : [attempt])].join(' '), runNow);
    },
  });
  const checks = chosen.map((check): PreparedCheck => {
    const title = titleOf(check);
    return {
      title,
      isPart: isPart(check),
      async run() {
        const result = await runner.run(check);
        const repeat = result.outcome === 'skipped' ? undefined : repeatArguments(options, run.seed, title);
        return judged({ ...result, ...(repeat !== undefined && { repeat }) });
      },
    };
  });
  const seenVersion = () => options.targetVersion ?? server;
  const absent = notImplemented.map((operation) => judged(notImplementedResult(operation)));
  // Without the list, nobody asks whether an operation is there: its checks show it.
  const there = [...named]
    .filter((operation) => !missing.includes(operation))
    .map((operation) => notImplementedResult(operation))
    .filter((result) => options.expectedFailures?.has(titleOfResult(result)))
    .map((result) => judged({ ...result, outcome: 'passed', failures: [] }));
  const ofOperations = [...absent, ...there];
  const contractVersion = spec.info.version;
  return { run, target, contractVersion, notImplemented, ofOperations, checks, clean, seenVersion };
}

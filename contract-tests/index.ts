/**
 * The contract suite for any server that implements openapi.yaml: black box, over HTTP only.
 *
 * `runConformance` runs all checks and returns a report. `conformanceChecks` returns the checks one by one for your own
 * test runner. If the target cannot provide what a check needs, the check is skipped with a reason.
 */
import { allChecks } from './checks.ts';
import { type Check, titleOf } from './engine/check.ts';
import { mapConcurrently } from './engine/pool.ts';
import { type CheckResult, runCheck } from './engine/run-check.ts';
import { send } from './engine/send.ts';
import { specFile as ownSpecFile, readSpecWithLines } from './engine/spec.ts';
import type { Target } from './engine/target.ts';
import { createTrialFactory } from './engine/trial.ts';
import { blackBox } from './targets/black-box.ts';

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
  /** An OpenAPI document that the server can fetch; without it some checks are skipped. */
  openapiUrl?: string | undefined;
  /** Path of the contract, an OpenAPI YAML file; the openapi.yaml of this project by default. */
  specFile?: string;
  /** Runs only the checks whose `operation › promise` matches. */
  only?: RegExp | undefined;
  /**
   * Whether a response with a field or an enum value that the contract does not document fails its check. By default it is a
   * warning: the contract allows what a later version may add.
   */
  strictResponses?: boolean | undefined;
  /** Maximum number of checks that run at once; 4 by default. */
  concurrency?: number;
  /** Called with each result when its check ends. */
  onResult?: (result: CheckResult) => void;
}

/** The result of a run. */
export interface ConformanceReport {
  target: string;
  /** Start of the run, ISO 8601. */
  startedAt: string;
  durationMs: number;
  passed: number;
  failed: number;
  skipped: number;
  /** Number of checks with warnings. */
  warned: number;
  results: CheckResult[];
}

/** One check, ready to run. */
export interface ConformanceCheck {
  /** `operation › promise` */
  name: string;
  /** @throws Error if the suite itself fails; a failure of the target is a result */
  run(): Promise<CheckResult>;
}

/** The suite could not run: wrong options, or a target that does not respond. It says nothing about conformance. */
export class SuiteError extends Error {}

function targetOf(options: ConformanceOptions): Target {
  const { target, rootKey, slug, disabledSlug, foreignRootKey, otherApiRootKey, openapiUrl } = options;
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
    ...(openapiUrl && { openapiUrl }),
  };
  return blackBox({ name: target, baseUrl: target.replace(/\/+$/, ''), rootKey, slug, ...optional });
}

/**
 * Checks that the server responds and knows the root key and the slug. With wrong ones every check would fail although
 * the server works.
 *
 * @throws SuiteError
 */
async function preflight({ baseUrl, isMock }: Target, { rootKey, slug }: ConformanceOptions): Promise<void> {
  if (isMock) return;
  const body = { slug, externalId: 'conformance', permissions: ['api.*.read_key'] };
  const request = rootKey ? { authorization: `Bearer ${rootKey}`, body } : { body };
  const response = await send(baseUrl, { method: 'post', path: '/v2/portal.createSession' }, request).catch(
    (error: Error) => {
      throw new SuiteError(`no response from ${baseUrl}: ${error.message}`);
    },
  );
  const type = (response.body as { error?: { type?: unknown } } | undefined)?.error?.type;
  if (!rootKey || typeof type !== 'string') return;
  if (type.endsWith('/unkey/authentication/key_not_found'))
    throw new SuiteError('the target does not know the root key');
  if (type.endsWith('/unkey/data/portal_config_not_found')) {
    throw new SuiteError(`the root key's workspace has no portal "${slug}"`);
  }
}

interface Prepared {
  target: Target;
  checks: { check: Check; run: () => Promise<CheckResult> }[];
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

async function prepare(options: ConformanceOptions): Promise<Prepared> {
  const target = targetOf(options);
  const { spec, lineOf, checks: all } = await suiteOf(options.specFile);
  const newTrial = createTrialFactory(spec, { strictResponses: options.strictResponses });
  const { rootKey, foreignRootKey, otherApiRootKey } = options;
  const secrets = [rootKey, foreignRootKey, otherApiRootKey].filter((secret) => secret !== undefined);
  const chosen = all.filter((check) => options.only?.test(titleOf(check)) ?? true);
  if (chosen.length === 0) throw new SuiteError(`no check matches ${options.only}`);
  await preflight(target, options);
  const checks = chosen.map((check) => ({
    check,
    run: () => runCheck(check, target, newTrial, { secrets, specLine: lineOf(check.operation, check.status) }),
  }));
  return { target, checks };
}

/**
 * Returns the checks one by one, for a test runner.
 *
 * @throws SuiteError if the options are wrong or the target does not respond
 */
export async function conformanceChecks(options: ConformanceOptions): Promise<ConformanceCheck[]> {
  const { checks } = await prepare(options);
  return checks.map(({ check, run }) => ({ name: titleOf(check), run }));
}

/**
 * Runs all checks and reports the result of each.
 *
 * @throws SuiteError if the suite could not run; a target that breaks the contract is a report with failures
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const begun = Date.now();
  const { target, checks } = await prepare(options);
  const results = await mapConcurrently(checks, options.concurrency ?? 4, async ({ run }) => {
    const result = await run();
    options.onResult?.(result);
    return result;
  });
  const count = (outcome: CheckResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  return {
    target: target.name,
    startedAt: new Date(begun).toISOString(),
    durationMs: Date.now() - begun,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    warned: results.filter(({ warnings }) => warnings !== undefined).length,
    results,
  };
}

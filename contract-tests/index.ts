/**
 * The contract suite for any server that implements openapi.yaml: black box, over HTTP only.
 *
 * `runConformance` runs all checks and returns a report. `conformanceChecks` returns the checks one by one for your own
 * test runner. If the target cannot provide what a check needs, the check is skipped with a reason.
 */
import { allChecks } from './checks.ts';
import type { CaseRequest } from './engine/case.ts';
import { type Check, titleOf } from './engine/check.ts';
import { type ApiResponse, responseChecker } from './engine/check-response.ts';
import { mapConcurrently } from './engine/pool.ts';
import { isClaimed, type Profile } from './engine/profile.ts';
import { type CheckResult, notImplementedResult, runCheck } from './engine/run-check.ts';
import { send } from './engine/send.ts';
import { specFile as ownSpecFile, readSpecWithLines, type Spec, specOperations } from './engine/spec.ts';
import type { Target } from './engine/target.ts';
import { createTrialFactory } from './engine/trial.ts';
import { portalOperation } from './seeds/steps.ts';
import { blackBox } from './targets/black-box.ts';

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
  /** An OpenAPI document that the server can fetch; without it some checks are skipped. */
  openapiUrl?: string | undefined;
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
  /** Maximum number of checks that run at once; 4 by default. */
  concurrency?: number;
  /** Called with each result when its check ends. */
  onResult?: (result: CheckResult) => void;
}

/** The result of a run. */
export interface ConformanceReport {
  target: string;
  profile: Profile;
  /** The version of the contract, as `info.version` of openapi.yaml has it. */
  contractVersion: string;
  /** The operations that the profile has and the target does not. */
  notImplemented: string[];
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

/** Whether a response is what the contract documents for an operation. */
function promisedBy(spec: Spec): (operation: string, response: ApiResponse) => boolean {
  const checkResponse = responseChecker(spec);
  const operations = new Map(specOperations(spec).map((operation) => [operation.operationId, operation]));
  return (name, response) => {
    const operation = operations.get(name);
    return operation === undefined || checkResponse(operation, response).failures.length === 0;
  };
}

function targetOf(options: ConformanceOptions, spec: Spec): Target {
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
  const own = { name: target, baseUrl: target.replace(/\/+$/, ''), rootKey, slug, ...optional };
  // A server that claims the pages alone does not claim the format of the contract.
  return blackBox(options.profile === 'seeds' ? own : { ...own, isAsPromised: promisedBy(spec) });
}

/** The response to a request, or undefined if it is damaged. Throws if nothing at the address speaks HTTP. */
async function responseOf(
  baseUrl: string,
  operation: { method: string; path: string },
  request: CaseRequest,
): Promise<ApiResponse | undefined> {
  try {
    return await send(baseUrl, operation, request);
  } catch (error) {
    const speaksHttp = await fetch(baseUrl, { redirect: 'manual', signal: AbortSignal.timeout(10_000) }).then(
      () => true,
      () => false,
    );
    if (!speaksHttp) throw new SuiteError(`no response from ${baseUrl}: ${(error as Error).message}`);
    return undefined;
  }
}

/** What a server without the operation returns to a request without a credential. With the operation, it returns 400 or 401. */
const withoutOperation = [404, 405, 501];

/**
 * Returns the operations that the target does not have.
 *
 * @throws SuiteError if it has none: this is another server, or the path is wrong
 */
async function missingOperations({ baseUrl, isMock }: Target, spec: Spec, wanted: Set<string>): Promise<string[]> {
  if (isMock) return [];
  // The first one of the contract tells a server that has none from one that lacks what a single check needs.
  const operations = specOperations(spec).filter(
    ({ operationId }) => wanted.has(operationId) || operationId === 'portal.createSession',
  );
  const found = await mapConcurrently(operations, 8, async (operation) => {
    const response = await responseOf(baseUrl, operation, operation.method === 'get' ? {} : { body: {} });
    return response === undefined || !withoutOperation.includes(response.status);
  });
  const missing = operations.filter((_, i) => !found[i]).map(({ operationId }) => operationId);
  if (missing.length === operations.length) {
    throw new SuiteError(`${baseUrl} has no operation of the contract: check the address and its path`);
  }
  return missing;
}

/**
 * Checks that the server knows the root key and the slug. With wrong ones every check would fail although the server works.
 *
 * @throws SuiteError
 */
async function preflight({ baseUrl, isMock }: Target, { rootKey, slug }: ConformanceOptions): Promise<void> {
  if (isMock || !rootKey) return;
  const body = { slug, externalId: 'conformance', permissions: ['api.*.read_key'] };
  const request = { authorization: `Bearer ${rootKey}`, body };
  const response = await responseOf(baseUrl, { method: 'post', path: '/v2/portal.createSession' }, request);
  const reason = {
    401: 'the target does not know the root key',
    403: `the target refuses the root key, or the portal "${slug}" is disabled`,
    404: `the root key's workspace has no portal "${slug}"`,
  }[response?.status ?? 0];
  if (reason !== undefined) throw new SuiteError(reason);
}

interface Prepared {
  target: Target;
  spec: Spec;
  missing: string[];
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
  const { spec, lineOf, checks: all } = await suiteOf(options.specFile);
  const target = targetOf(options, spec);
  const { rootKey, foreignRootKey, otherApiRootKey, profile = 'full' } = options;
  const secrets = [rootKey, foreignRootKey, otherApiRootKey].filter((secret) => secret !== undefined);
  const chosen = all.filter(
    (check) => isClaimed(profile, check.profile) && (options.only?.test(titleOf(check)) ?? true),
  );
  if (chosen.length === 0) throw new SuiteError(`no check matches ${options.only} in the profile ${profile}`);
  const missing = await missingOperations(target, spec, new Set(chosen.map(({ operation }) => operation)));
  if (!missing.includes('portal.createSession')) await preflight(target, options);
  const newTrial = createTrialFactory(spec, { strictResponses: options.strictResponses, missing });
  const checks = chosen.map((check) => ({
    check,
    run: () => runCheck(check, target, newTrial, { secrets, missing, specLine: lineOf(check.operation, check.status) }),
  }));
  return { target, spec, missing, checks };
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
  const { target, spec, missing, checks } = await prepare(options);
  const { profile = 'full' } = options;
  // The pages of the seeds name no operation that needs a session, so a server can have another one.
  const notImplemented = missing.filter((operation) => profile !== 'seeds' || operation !== portalOperation);
  const run = await mapConcurrently(checks, options.concurrency ?? 4, async ({ run }) => {
    const result = await run();
    options.onResult?.(result);
    return result;
  });
  const results = [...notImplemented.map(notImplementedResult), ...run];
  const count = (outcome: CheckResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  return {
    target: target.name,
    profile,
    contractVersion: spec.info.version,
    notImplemented,
    startedAt: new Date(begun).toISOString(),
    durationMs: Date.now() - begun,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    warned: results.filter(({ warnings }) => warnings !== undefined).length,
    results,
  };
}

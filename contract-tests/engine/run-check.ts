import type { CaseRequest, CaseResponse } from './case.ts';
import { type Check, titleOf } from './check.ts';
import type { ApiResponse } from './check-response.ts';
import { type Target, Unavailable } from './target.ts';
import { ContractViolation, type SentRequest, type Trial } from './trial.ts';

/** The result of one check. */
export interface CheckResult {
  operation: string;
  promise: string;
  kind: Check['kind'];
  /** `skipped` if the target cannot run the check; `reason` says why. */
  outcome: 'passed' | 'failed' | 'skipped';
  reason?: string;
  /** One message per violation. */
  failures: string[];
  /** One message per field or enum value in a response that the contract does not document; absent if there are none. */
  warnings?: string[];
  /** Whether it failed because a response did not come in time: a busy machine can be the cause. */
  timedOut?: true;
  /** The request that failed and its response. Credentials are redacted. */
  sent?: string;
  received?: string;
  /** The expected response to that request. */
  promised?: string;
  /** The line of openapi.yaml that documents the promise. */
  specLine?: number;
}

const credential = /\b(rk|pst|ps)_[A-Za-z0-9_-]{3,}/g;
const short = (text: string) => (text.length > 400 ? `${text.slice(0, 400)}…` : text);

/** Redacts credentials: those in the contract's format, and those in the suite's options. */
function redact(text: string, secrets: string[]): string {
  const known = secrets
    .filter((secret) => secret.length > 3)
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  // Each API sets the prefix of its keys, so keys are recognized by their field name.
  return known.replaceAll(credential, '$1_[redacted]').replaceAll(/("key":\s?")[^"]+/g, '$1[redacted]');
}

function showRequest(operation: string, { body, rawBody, authorization, cookie, query = '' }: CaseRequest): string {
  const headers = [authorization && `Authorization: ${authorization}`, cookie && `session cookie: ${cookie}`];
  const raw = typeof rawBody === 'object' ? new TextDecoder().decode(rawBody) : rawBody;
  const sent = raw ?? (body === undefined ? '' : JSON.stringify(body));
  return [`${operation}${query}`, ...headers.filter(Boolean), short(sent)].join(' ').trim();
}

const showResponse = ({ status, body, headers }: ApiResponse) =>
  [
    `${status} ${short(JSON.stringify(body) ?? 'without a body')}`,
    headers['set-cookie'] && `Set-Cookie: ${headers['set-cookie']}`,
  ]
    .filter(Boolean)
    .join(' ');

function showPromise({ status, error, locations, headers }: CaseResponse): string {
  const parts = [
    status === 0 ? 'any documented response' : `${status}${error === undefined ? '' : ` ${error}`}`,
    locations && `naming ${locations.join(', ')}`,
    headers && `with ${Object.keys(headers).join(', ')}`,
  ];
  return parts.filter(Boolean).join(' ');
}

function lastRequest({ sentRequests }: Trial, secrets: string[]): Partial<CheckResult> {
  const last: SentRequest | undefined = sentRequests.at(-1);
  if (last === undefined) return {};
  return {
    sent: redact(showRequest(last.operation, last.request), secrets),
    promised: showPromise(last.promised),
    ...(last.response && { received: redact(showResponse(last.response), secrets) }),
  };
}

/**
 * Runs one check on one target. A failure of the target is a result. Any other failure is thrown, so that a defect of the
 * suite is not reported as a defect of the target.
 *
 * @param secrets strings to redact in the result, beside all credentials in the contract's format
 * @throws Error if the suite itself fails
 */
export async function runCheck(
  check: Check,
  target: Target,
  newTrial: (target: Target, steering?: Record<string, string>) => Trial,
  { secrets = [], specLine }: { secrets?: string[]; specLine?: number | undefined } = {},
): Promise<CheckResult> {
  const base = { operation: check.operation, promise: check.name, kind: check.kind, failures: [] as string[] };
  const at = specLine === undefined ? {} : { specLine };
  if (target.isMock && check.notOnMock !== undefined)
    return { ...base, ...at, outcome: 'skipped', reason: check.notOnMock };
  const trial = newTrial(target, check.steer?.(target));
  try {
    await check.run(trial);
    const warnings = trial.warnings.map((warning) => redact(warning, secrets));
    return { ...base, ...at, outcome: 'passed', ...(warnings.length > 0 && { warnings }) };
  } catch (error) {
    if (error instanceof Unavailable) return { ...base, ...at, outcome: 'skipped', reason: error.message };
    if (!(error instanceof ContractViolation))
      throw new Error(`the suite failed at ${titleOf(check)}`, { cause: error });
    const failures = trial.failures.map((failure) => redact(failure, secrets));
    const late = trial.timedOut ? ({ timedOut: true } as const) : {};
    return { ...base, ...at, outcome: 'failed', failures, ...late, ...lastRequest(trial, secrets) };
  }
}

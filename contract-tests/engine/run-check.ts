import type { CaseResponse } from './case.ts';
import { type Check, titleOf } from './check.ts';
import type { ApiResponse } from './check-response.ts';
import { curlCommand } from './curl.ts';
import { profileOf } from './profile.ts';
import { cookieHeader } from './send.ts';
import type { Source } from './source.ts';
import { notImplemented, type Target, Unavailable } from './target.ts';
import { ContractViolation, type SentRequest, type Trial } from './trial.ts';

/** The result of one check. */
export interface CheckResult {
  operation: string;
  promise: string;
  kind: Check['kind'];
  profile: Check['profile'];
  /** The public page that makes the promise; absent if the contract makes it. */
  source?: Source;
  /** The status that documents the promise: from 400 on, the promise is an error. */
  status: number;
  /** How long the check took, in ms. */
  durationMs: number;
  /**
   * `skipped` if the target cannot run the check. By a list of expected failures, a failure is `expected`, and a pass is `unexpected`.
   */
  outcome: 'passed' | 'failed' | 'skipped' | 'expected' | 'unexpected';
  /** Why the check is skipped, or why it is known to fail. */
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
  /** The arguments of the command that repeat this check alone, for a shell; root keys come from the environment. */
  repeat?: string;
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

/** The request as a command that anyone can repeat, with its credentials redacted. */
function showRequest({ method, url, request }: SentRequest, secrets: string[]): string {
  const { body, rawBody, authorization, cookie, headers = {} } = request;
  const raw = typeof rawBody === 'object' ? new TextDecoder().decode(rawBody) : rawBody;
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const all = {
    ...(sent !== undefined && { 'Content-Type': 'application/json' }),
    ...(authorization !== undefined && { Authorization: authorization }),
    ...(cookie !== undefined && { Cookie: cookieHeader(cookie) }),
    ...headers,
  };
  const shown = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, redact(value, secrets)]));
  return curlCommand(method, url, shown, sent === undefined ? undefined : short(redact(sent, secrets)));
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
    sent: showRequest(last, secrets),
    promised: showPromise(last.promised),
    ...(last.response && { received: redact(showResponse(last.response), secrets) }),
  };
}

/** The result that stands for all checks of an operation that the target does not have. */
export const notImplementedResult = (operation: string): CheckResult => ({
  operation,
  promise: 'is implemented',
  kind: 'flow',
  profile: profileOf(operation),
  status: 200,
  durationMs: 0,
  outcome: 'failed',
  failures: ['not implemented'],
});

interface RunOptions {
  /** Strings to redact in the result, beside all credentials in the contract's format. */
  secrets?: string[];
  specLine?: number | undefined;
  /** The operations that the target does not have. */
  missing?: readonly string[];
}

/**
 * Runs one check on one target. A failure of the target is a result. Any other failure is thrown, so that a defect of the
 * suite is not reported as a defect of the target.
 *
 * @throws Error if the suite itself fails
 */
export async function runCheck(
  check: Check,
  target: Target,
  newTrial: (target: Target, steering?: Record<string, string>) => Trial,
  { secrets = [], specLine, missing = [] }: RunOptions = {},
): Promise<CheckResult> {
  const begun = performance.now();
  const { operation, name: promise, kind, profile, source } = check;
  const at = source === undefined ? specLine !== undefined && { specLine } : { source };
  const result = <T extends Partial<CheckResult>>(more: T) => {
    const durationMs = Math.round(performance.now() - begun);
    const { status } = check;
    return { operation, promise, kind, profile, status, failures: [] as string[], durationMs, ...at, ...more };
  };
  if (target.isMock && check.notOnMock !== undefined) return result({ outcome: 'skipped', reason: check.notOnMock });
  if (missing.includes(operation)) return result({ outcome: 'skipped', reason: notImplemented(operation) });
  const trial = newTrial(target, check.steer?.(target));
  try {
    await check.run(trial);
    const warnings = trial.warnings.map((warning) => redact(warning, secrets));
    return result({ outcome: 'passed', ...(warnings.length > 0 && { warnings }) });
  } catch (error) {
    if (error instanceof Unavailable) return result({ outcome: 'skipped', reason: error.message });
    if (!(error instanceof ContractViolation))
      throw new Error(`the suite failed at ${titleOf(check)}`, { cause: error });
    const failures = trial.failures.map((failure) => redact(failure, secrets));
    const late = trial.timedOut ? ({ timedOut: true } as const) : {};
    return result({ outcome: 'failed', failures, ...late, ...lastRequest(trial, secrets) });
  }
}

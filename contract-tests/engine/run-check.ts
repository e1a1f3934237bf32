import type { CaseAnswer, CaseRequest } from './case.ts';
import { type Check, titleOf } from './check.ts';
import type { Answer } from './check-response.ts';
import { type Target, Unavailable } from './target.ts';
import { Broken, type Exchange, type Trial } from './trial.ts';

/** What became of one check. */
export interface CheckResult {
  operation: string;
  promise: string;
  kind: Check['kind'];
  /** `skipped` where the target cannot be asked this; the reason says why. */
  outcome: 'passed' | 'failed' | 'skipped';
  reason?: string;
  /** In which ways the promise was broken. */
  failures: string[];
  /** The request at which it was, and what came back. Credentials are blotted out. */
  sent?: string;
  received?: string;
  /** What the contract promises of that request. */
  promised?: string;
  /** Where the contract says so: a line of openapi.yaml. */
  specLine?: number;
}

const credential = /\b(rk|pst|ps)_[A-Za-z0-9_-]{3,}/g;
const short = (text: string) => (text.length > 400 ? `${text.slice(0, 400)}…` : text);

/** Credentials never reach a report: those of the contract's form, and those that the tester was given. */
function redact(text: string, secrets: string[]): string {
  const known = secrets
    .filter((secret) => secret.length > 3)
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  // API keys begin with whatever their API says, so they are known by the field that they stand in.
  return known.replaceAll(credential, '$1_[redacted]').replaceAll(/("key":\s?")[^"]+/g, '$1[redacted]');
}

function showRequest(operation: string, { body, rawBody, authorization, cookie, query = '' }: CaseRequest): string {
  const headers = [authorization && `Authorization: ${authorization}`, cookie && `Cookie: portal_session=${cookie}`];
  const sent = rawBody ?? (body === undefined ? '' : JSON.stringify(body));
  return [`${operation}${query}`, ...headers.filter(Boolean), short(sent)].join(' ').trim();
}

const showAnswer = ({ status, body, headers }: Answer) =>
  [
    `${status} ${short(JSON.stringify(body) ?? 'without a body')}`,
    headers['set-cookie'] && `Set-Cookie: ${headers['set-cookie']}`,
  ]
    .filter(Boolean)
    .join(' ');

function showPromise({ status, error, locations, headers }: CaseAnswer): string {
  const parts = [
    status === 0 ? 'any documented answer' : `${status}${error === undefined ? '' : ` ${error}`}`,
    locations && `naming ${locations.join(', ')}`,
    headers && `with ${Object.keys(headers).join(', ')}`,
  ];
  return parts.filter(Boolean).join(' ');
}

function lastExchange({ exchanges }: Trial, secrets: string[]): Partial<CheckResult> {
  const last: Exchange | undefined = exchanges.at(-1);
  if (last === undefined) return {};
  return {
    sent: redact(showRequest(last.operation, last.request), secrets),
    promised: showPromise(last.promised),
    ...(last.answer && { received: redact(showAnswer(last.answer), secrets) }),
  };
}

/**
 * Runs one check on one target. A failure of the target is a result; anything else that goes wrong is thrown, so that a
 * broken suite is never taken for a broken target.
 *
 * @param secrets what must not stand in the result, beside every credential of the contract's form
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
    return { ...base, ...at, outcome: 'passed' };
  } catch (error) {
    if (error instanceof Unavailable) return { ...base, ...at, outcome: 'skipped', reason: error.message };
    if (!(error instanceof Broken)) throw new Error(`the suite broke at ${titleOf(check)}`, { cause: error });
    const failures = trial.failures.map((failure) => redact(failure, secrets));
    return { ...base, ...at, outcome: 'failed', failures, ...lastExchange(trial, secrets) };
  }
}

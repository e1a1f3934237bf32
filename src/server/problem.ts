import { type ErrorCode, errors } from '../../generated/errors.ts';

/** One thing that is wrong with the input, as `error.errors` lists it. Never contains the value that was sent. */
export interface ValidationFailure {
  location: string;
  message: string;
  fix?: string;
}

/** What a Problem has beside its code. */
export interface ProblemOptions {
  /** Fills the `{parameters}` of the catalogue's detail. */
  parameters?: Record<string, string>;
  /** Every validation failure, for `invalid_input`. */
  failures?: ValidationFailure[];
  /** How long the caller should wait before it tries again, in ms. */
  retryAfterMs?: number;
  /** How many calls the limit allows in a window, of which `retryAfterMs` are left. */
  rateLimit?: number;
  /** For the log alone: the error, or, as a text, the state that the process is in on purpose. */
  cause?: unknown;
}

/**
 * An error of the catalogue: what the caller learns of a failure. Every room throws it for a failure that ends the call; the
 * error writer in http/ alone turns it into a response.
 */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly title: string;
  readonly failures: ValidationFailure[] | undefined;
  readonly retryAfterMs: number | undefined;
  readonly rateLimit: number | undefined;

  constructor(code: ErrorCode, { parameters = {}, failures, retryAfterMs, rateLimit, cause }: ProblemOptions = {}) {
    const { status, title, detail } = errors[code];
    super(
      detail.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? ''),
      { cause },
    );
    this.name = 'Problem';
    this.code = code;
    this.status = status;
    this.title = title;
    this.failures = failures;
    this.retryAfterMs = retryAfterMs;
    this.rateLimit = rateLimit;
  }
}

/** The number of failures that a response lists, as the contract says. One body can have thousands of unknown fields. */
export const maxFailures = 20;

/** A Problem for fields of the input. */
export function invalidInput(...failures: ValidationFailure[]): Problem {
  return new Problem('unkey/application/invalid_input', { failures: failures.slice(0, maxFailures) });
}

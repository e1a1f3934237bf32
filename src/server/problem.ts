import { type ErrorCode, errors } from '../../generated/errors.ts';

/** One thing that is wrong with the input, as `error.errors` lists it. Never holds the value that was sent. */
export interface ValidationFailure {
  location: string;
  message: string;
  fix?: string;
}

/** What a Problem carries beside its code. */
export interface ProblemOptions {
  /** Fills the `{parameters}` of the catalogue's detail. */
  parameters?: Record<string, string>;
  /** Every validation failure, for `invalid_input`. */
  failures?: ValidationFailure[];
  /** Response headers of this one problem, such as `Allow`. */
  headers?: Record<string, string>;
  /** For the log alone. */
  cause?: unknown;
}

/** An error of the catalogue: whatever the caller may be told of a failure. Knows no HTTP framework. */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly title: string;
  readonly failures: ValidationFailure[] | undefined;
  readonly headers: Record<string, string>;

  constructor(code: ErrorCode, { parameters = {}, failures, headers = {}, cause }: ProblemOptions = {}) {
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
    this.headers = headers;
  }
}

/** A Problem for one field of the input. */
export function invalidInput(...failures: ValidationFailure[]): Problem {
  return new Problem('unkey/application/invalid_input', { failures });
}

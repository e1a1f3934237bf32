import type { Problem, ValidationFailure } from '../../../generated/client/types.gen.ts';
import { type ErrorCode, errorCodes } from './generated/error-codes.ts';

export type { ErrorCode };

const isKnown = (code: string): code is ErrorCode => (errorCodes as readonly string[]).includes(code);

/** `…/errors/{system}/{category}/{code}` → the code, where this version of the client knows it. */
function codeOf(type: string | undefined): ErrorCode | undefined {
  const code = type?.split('/').slice(-3).join('/') ?? '';
  return isKnown(code) ? code : undefined;
}

/** What an answer that is no success says, as far as it can be read. */
export interface Failure {
  /** The operationId. */
  operation: string;
  status: number;
  problem: Partial<Problem> & { errors?: ValidationFailure[] };
  requestId: string | undefined;
  /** In seconds. */
  retryAfter: number | undefined;
}

/** Portico, or something in front of it, has answered that it did not do what was asked. */
export class PorticoError extends Error {
  override readonly name = 'PorticoError';
  /** The operationId, such as `portal.createSession`. */
  readonly operation: string;
  /** The HTTP status. */
  readonly status: number;
  /**
   * The error's code in the catalogue. Undefined where this version of the client does not know it, and where the answer
   * is not one of Portico, such as that of a proxy.
   */
  readonly code: ErrorCode | undefined;
  /** The address of the page that explains the error; ends with the code. */
  readonly type: string | undefined;
  readonly title: string;
  /** What happened, in one sentence, for people. */
  readonly detail: string;
  /** Names the request in the server's log and audit log. */
  readonly requestId: string | undefined;
  /** Everything that is wrong with the input, where that is what the error is. */
  readonly errors: readonly ValidationFailure[];
  /** Seconds to wait before the next try, where the answer says so. */
  readonly retryAfter: number | undefined;

  constructor({ operation, status, problem, requestId, retryAfter }: Failure) {
    const {
      type,
      title = `HTTP ${status}`,
      detail = 'The answer is not one of Portico.',
      errors: failures = [],
    } = problem;
    const code = codeOf(type);
    const named = [String(status), code ?? type, requestId].filter((part) => part !== undefined);
    super(`${operation}: ${detail} (${named.join(', ')})`);
    this.operation = operation;
    this.status = status;
    this.code = code;
    this.type = type;
    this.title = title;
    this.detail = detail;
    this.requestId = requestId;
    this.errors = failures;
    this.retryAfter = retryAfter;
  }
}

/**
 * There was no answer: the connection failed, or the deadline passed. What was asked may have been done.
 * `cause` is what `fetch` threw.
 */
export class PorticoUnreachable extends Error {
  override readonly name = 'PorticoUnreachable';
  /** The operationId, such as `portal.createSession`. */
  readonly operation: string;
  /** Whether the deadline passed. */
  readonly timedOut: boolean;

  constructor(operation: string, timedOut: boolean, cause: unknown) {
    super(`${operation}: ${timedOut ? 'no answer before the deadline' : 'no answer'}`, { cause });
    this.operation = operation;
    this.timedOut = timedOut;
  }
}

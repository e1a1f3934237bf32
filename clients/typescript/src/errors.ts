import type { ValidationFailure } from '../../../generated/client/types.gen.ts';
import { type ErrorCode, errorCodes } from '../../../generated/errors.ts';
import type { Failure, RateLimit } from './response.ts';

export type { ErrorCode };

const isKnown = (code: string): code is ErrorCode => (errorCodes as readonly string[]).includes(code);

/** `…/errors/{system}/{category}/{code}` → the code, if this version of the client knows it. */
function codeOf(type: string | undefined): ErrorCode | undefined {
  const code = type?.split('/').slice(-3).join('/') ?? '';
  return isKnown(code) ? code : undefined;
}

/** Portico, or a proxy in front of it, returned a failure. */
export class PorticoError extends Error {
  override readonly name = 'PorticoError';
  /** The operationId, such as `portal.createSession`. */
  readonly operation: string;
  /** The HTTP status. */
  readonly status: number;
  /**
   * The error's code in the catalogue. Undefined if this version of the client does not know the code, or if the response
   * is not from Portico, for example from a proxy.
   */
  readonly code: ErrorCode | undefined;
  /** The URL of the page that explains the error. It ends with the code. */
  readonly type: string | undefined;
  readonly title: string;
  /** What happened, in one sentence, for humans. Its text can change. */
  readonly detail: string;
  /** The id of the request in the server's log and audit log. */
  readonly requestId: string | undefined;
  /** All problems of the input if the input is invalid, otherwise empty. */
  readonly errors: readonly ValidationFailure[];
  /** Seconds to wait before the next attempt, if the response contains `Retry-After`. */
  readonly retryAfter: number | undefined;
  /** The state of the rate limit, if the response contains it. */
  readonly rateLimit: RateLimit | undefined;
  // Private at run time too, so that a program that logs an error does not log them.
  readonly #headers: Headers;
  readonly #idempotencyKey: string | undefined;

  constructor({ operation, status, problem, requestId, retryAfter, rateLimit, headers, idempotencyKey }: Failure) {
    const {
      type,
      title = `HTTP ${status}`,
      detail = 'The response is not from Portico.',
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
    this.rateLimit = rateLimit;
    this.#headers = headers;
    this.#idempotencyKey = idempotencyKey;
  }

  /** The headers of the response. */
  get headers(): Headers {
    return this.#headers;
  }

  /** The `Idempotency-Key` of the request, if it had one. With it and the same body, your program can repeat the call. */
  get idempotencyKey(): string | undefined {
    return this.#idempotencyKey;
  }
}

/**
 * No response arrived: the connection failed, or the deadline passed. The server may have completed the request.
 * `cause` is the error that `fetch` threw.
 */
export class PorticoUnreachable extends Error {
  override readonly name = 'PorticoUnreachable';
  /** The operationId, such as `portal.createSession`. */
  readonly operation: string;
  /** Whether the deadline passed. */
  readonly timedOut: boolean;
  readonly #idempotencyKey: string | undefined;

  constructor(operation: string, timedOut: boolean, cause: unknown, idempotencyKey?: string) {
    super(`${operation}: ${timedOut ? 'no response before the deadline' : 'no response'}`, { cause });
    this.operation = operation;
    this.timedOut = timedOut;
    this.#idempotencyKey = idempotencyKey;
  }

  /**
   * The `Idempotency-Key` of the request, if it had one. With it and the same body, your program can repeat the call: the
   * server returns the response that was lost, if it completed the request.
   */
  get idempotencyKey(): string | undefined {
    return this.#idempotencyKey;
  }
}

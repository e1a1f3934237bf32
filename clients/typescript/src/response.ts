/** Reads responses. */
import type { Problem, ValidationFailure } from '../../../generated/client/types.gen.ts';
import { readRetryAfter } from './retry.ts';

/** How a response is read: JSON by default. */
export type Format = 'json' | 'csv';

/** The state of a rate limit, from the `RateLimit-*` headers. */
export interface RateLimit {
  /** Calls per window. */
  limit: number;
  /** Calls that are left in the current window. */
  remaining: number;
  /** Seconds until the window ends. */
  reset: number;
}

/** What a response contains besides the result of the call. */
export interface ResponseInfo {
  /** The HTTP status. */
  readonly status: number;
  /** The id of the request in the server's log and audit log. Undefined for CSV. */
  readonly requestId: string | undefined;
  /** Undefined if the response has no `RateLimit-*` headers. Portico sends them with 429; a proxy may always do. */
  readonly rateLimit: RateLimit | undefined;
  /** All headers. Code in a page of another origin sees only those that the server exposes. */
  readonly headers: Headers;
}

/** The contents of a response that is not a success, as far as the client can read them. */
export interface Failure extends ResponseInfo {
  /** The operationId. */
  operation: string;
  problem: Partial<Problem> & { errors?: ValidationFailure[] };
  /** In seconds. */
  retryAfter: number | undefined;
  idempotencyKey: string | undefined;
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** The type of an error in the format of the contract; undefined for anything else, such as a page from a proxy. */
export function problemTypeOf(text: string): string | undefined {
  try {
    return textOf(objectOf(objectOf(JSON.parse(text))['error'])['type']);
  } catch {
    return undefined;
  }
}

/** The result of a successful response; undefined if the response is not from Portico. */
export function resultOf(body: unknown, format: Format, contentType: string): unknown {
  if (format === 'csv') return contentType.startsWith('text/csv') ? body : undefined;
  const { data, pagination } = objectOf(body);
  return data === undefined || pagination === undefined ? data : { data, pagination };
}

function rateLimitOf(headers: Headers): RateLimit | undefined {
  const [limit = Number.NaN, remaining = Number.NaN, reset = Number.NaN] = ['Limit', 'Remaining', 'Reset'].map((name) =>
    Number.parseInt(headers.get(`RateLimit-${name}`) ?? '', 10),
  );
  return Number.isNaN(limit + remaining + reset) ? undefined : { limit, remaining, reset };
}

/** @param body the parsed body of the response, or undefined */
export function infoOf({ status, headers }: Response, body: unknown): ResponseInfo {
  const { requestId } = objectOf(objectOf(body)['meta']);
  return { status, requestId: textOf(requestId), rateLimit: rateLimitOf(headers), headers };
}

/** The contents of a response that is not a success. */
export function failureOf(
  operation: string,
  response: Response,
  body: unknown,
  idempotencyKey: string | undefined,
): Failure {
  return {
    operation,
    ...infoOf(response, body),
    problem: objectOf(objectOf(body)['error']),
    retryAfter: readRetryAfter(response.headers.get('Retry-After'), Date.now()),
    idempotencyKey,
  };
}

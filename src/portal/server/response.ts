import type { ErrorResponse, InvalidInputResponse, ValidationFailure } from '../../../generated/client/types.gen.ts';

/** A failed call. The code is the server's, or 'unreachable' without a readable response. */
export class ApiError extends Error {
  /** The last part of `error.type`, such as `key_limit_exceeded`. */
  readonly code: string;
  /** HTTP status; 0 without a response. */
  readonly status: number;
  readonly requestId: string | undefined;
  readonly failures: ValidationFailure[];

  constructor(status: number, body: ErrorResponse | InvalidInputResponse | undefined) {
    const problem = body?.error;
    super(problem?.detail ?? 'unreachable');
    this.name = 'CallFailed';
    this.status = status;
    this.code = problem?.type.split('/').at(-1) ?? 'unreachable';
    this.requestId = body?.meta.requestId;
    this.failures = problem !== undefined && 'errors' in problem ? problem.errors : [];
  }

  /** Whether a retry of the same call may succeed. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The result type of the generated client. */
interface Result<Body> {
  data?: Body | undefined;
  error?: unknown;
  response?: Response | undefined;
}

/**
 * Returns the whole response body of a call.
 *
 * @throws ApiError
 */
export async function bodyOf<Body>(call: Promise<Result<Body>>): Promise<Body> {
  const { data, error, response } = await call.catch((): Result<Body> => ({}));
  if (response?.ok && data !== undefined) return data;
  const isEnvelope = typeof error === 'object' && error !== null && 'error' in error;
  throw new ApiError(response?.status ?? 0, isEnvelope ? (error as ErrorResponse) : undefined);
}

/**
 * Returns the `data` of a call's response body.
 *
 * @throws ApiError
 */
export const dataOf = async <Data>(call: Promise<Result<{ data: Data }>>): Promise<Data> => (await bodyOf(call)).data;

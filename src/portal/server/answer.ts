import type { ErrorResponse, InvalidInputResponse, ValidationFailure } from '../../../generated/client/types.gen.ts';

/** Why a call gave nothing: the server's own code, or 'unreachable' where it gave no answer that can be read. */
export class CallFailed extends Error {
  /** The last part of `error.type`, such as `key_limit_exceeded`. */
  readonly code: string;
  /** HTTP status, 0 without an answer. */
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

  /** Whether the same call may well succeed in a moment. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** What the generated client gives back. */
interface Result<Body> {
  data?: Body | undefined;
  error?: unknown;
  response?: Response | undefined;
}

/**
 * The whole answer of a call.
 *
 * @throws CallFailed
 */
export async function answerOf<Body>(call: Promise<Result<Body>>): Promise<Body> {
  const { data, error, response } = await call.catch((): Result<Body> => ({}));
  if (response?.ok && data !== undefined) return data;
  const isEnvelope = typeof error === 'object' && error !== null && 'error' in error;
  throw new CallFailed(response?.status ?? 0, isEnvelope ? (error as ErrorResponse) : undefined);
}

/**
 * The `data` of a call's answer.
 *
 * @throws CallFailed
 */
export const dataOf = async <Data>(call: Promise<Result<{ data: Data }>>): Promise<Data> => (await answerOf(call)).data;

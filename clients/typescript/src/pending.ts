import type { ResponseInfo } from './response.ts';

/** The result of a call with its response. */
export interface ResultWithResponse<Result> extends ResponseInfo {
  /** What the call itself returns. */
  readonly result: Result;
}

/** The result of a call that is under way: a promise of the result. */
export interface PendingResult<Result> extends Promise<Result> {
  /**
   * The result with the request id, the rate limit and the headers of its response:
   * `const { result, requestId } = await portico.portal.getSession().withResponse()`. Throws the errors of the call.
   */
  withResponse(): Promise<ResultWithResponse<Result>>;
}

/** A promise of the result, with a method that returns all of it. */
export function pendingResult<Result>(complete: Promise<ResultWithResponse<Result>>): PendingResult<Result> {
  const result = complete.then((each) => each.result);
  return Object.assign(result, {
    withResponse() {
      // The caller handles the errors of the other promise.
      result.catch(() => {});
      return complete;
    },
  });
}

import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import type { ErrorResponse, InvalidInputResponse } from '../../../generated/client/types.gen.ts';
import { Problem } from '../problem.ts';
import { RateLimited } from '../store/rate-limits.ts';
import { StoreUnavailable } from '../store/redis.ts';
import { noStore, requestIdOf } from './request.ts';

/** When to come again (RFC 9110, section 10.2.3), and how it stands (draft-ietf-httpapi-ratelimit-headers-06). */
function rateLimit({ limit, resetMs }: RateLimited): Record<string, string> {
  const seconds = String(Math.max(Math.ceil(resetMs / 1000), 1));
  return {
    'Retry-After': seconds,
    'RateLimit-Limit': String(limit),
    'RateLimit-Remaining': '0',
    'RateLimit-Reset': seconds,
  };
}

/** Whatever was thrown, as what the caller may be told of it. */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreUnavailable) {
    return new Problem('unkey/application/service_unavailable', { headers: { 'Retry-After': '1' }, cause: error });
  }
  if (error instanceof RateLimited)
    return new Problem('user/too_many_requests/rate_limited', { headers: rateLimit(error) });
  // A path whose percent-encoding is broken leads nowhere.
  if (error instanceof URIError) return new Problem('user/bad_request/route_not_found');
  return new Problem('unkey/application/unexpected_error', { cause: error });
}

/** The body of a failure, as the contract has it. */
export function errorBody(
  problem: Problem,
  requestId: string,
  docsBaseUrl: string,
): ErrorResponse | InvalidInputResponse {
  const { title, message: detail, status, code, failures } = problem;
  return {
    meta: { requestId },
    error: { title, detail, status, type: `${docsBaseUrl}/errors/${code}`, ...(failures && { errors: failures }) },
  };
}

/** The only writer of error bodies: everything thrown on the way of a request ends here. */
export function problemResponse(docsBaseUrl: string, log: Logger): ErrorRequestHandler {
  return (error, _req, res, next) => {
    const problem = toProblem(error);
    if (problem.status >= 500) log.error({ err: problem.cause, requestId: requestIdOf(res) }, problem.code);
    if (res.headersSent) {
      // Too late for an answer; Express then cuts the connection, which the client can tell from a complete one.
      next(error);
      return;
    }
    if (problem.status === 401) res.set('WWW-Authenticate', 'Bearer realm="portico"');
    noStore(res);
    res
      .status(problem.status)
      .set(problem.headers)
      .json(errorBody(problem, requestIdOf(res), docsBaseUrl));
  };
}

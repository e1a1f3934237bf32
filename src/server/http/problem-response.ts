import type { ErrorRequestHandler, Request, Response } from 'express';
import type { Logger } from 'pino';
import type { ErrorResponse, InvalidInputResponse } from '../../../generated/client/types.gen.ts';
import { Problem } from '../problem.ts';
import { noStore, requestIdOf, wantsHtml } from './request.ts';

/** The path exists, with another method. */
export class MethodNotAllowed extends Problem {
  readonly allowed: string;

  constructor(allowed: string) {
    super('user/bad_request/method_not_allowed');
    this.allowed = allowed;
  }
}

/** What was thrown, as the problem that the caller learns of. */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // A path whose percent-encoding is broken leads nowhere.
  if (error instanceof URIError) return new Problem('user/bad_request/route_not_found');
  return new Problem('unkey/application/unexpected_error', { cause: error });
}

/** When to try again (RFC 9110, section 10.2.3), and the state of the limit (draft-ietf-httpapi-ratelimit-headers-06). */
function retryHeaders({ retryAfterMs, rateLimit }: Problem): Record<string, string> {
  if (retryAfterMs === undefined) return {};
  const seconds = String(Math.max(Math.ceil(retryAfterMs / 1000), 1));
  if (rateLimit === undefined) return { 'Retry-After': seconds };
  return {
    'Retry-After': seconds,
    'RateLimit-Limit': String(rateLimit),
    'RateLimit-Remaining': '0',
    'RateLimit-Reset': seconds,
  };
}

/** The body of an error response, as the contract defines it. */
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

/**
 * Shows a problem to a person.
 *
 * @returns false if there is no page for it, so that the client gets JSON
 */
export type ShowProblem = (problem: Problem, req: Request, res: Response) => Promise<boolean>;

/** Whether a person reads the response: a browser asks for a page, and the path is none of the API or the assets. */
const isForPerson = (req: Request): boolean =>
  (req.method === 'GET' || req.method === 'HEAD') && wantsHtml(req) && !/^\/(v2|assets)(\/|$)/.test(req.path);

/** Options of the error writer. */
interface ProblemResponseOptions {
  docsBaseUrl: string;
  showProblem: ShowProblem;
  log: Logger;
}

/** The only writer of error responses: everything that is thrown during a request ends here, and becomes JSON or a page. */
export function problemResponse({ docsBaseUrl, showProblem, log }: ProblemResponseOptions): ErrorRequestHandler {
  async function write(error: unknown, req: Request, res: Response): Promise<void> {
    const problem = toProblem(error);
    const requestId = requestIdOf(res);
    // A state that the process is in on purpose, such as its start, is not a failure.
    if (typeof problem.cause === 'string') log.info({ reason: problem.cause, requestId }, problem.code);
    else if (problem.status >= 500) log.error({ err: problem.cause, requestId }, problem.code);
    // Too late for a response. Express cuts the connection, which the client can tell from a complete response.
    if (res.headersSent) throw error;
    noStore(res).set(retryHeaders(problem));
    if (isForPerson(req) && (await showProblem(problem, req, res))) return;
    if (problem.status === 401) res.set('WWW-Authenticate', 'Bearer realm="portico"');
    if (problem instanceof MethodNotAllowed) res.set('Allow', problem.allowed);
    res.status(problem.status).json(errorBody(problem, requestIdOf(res), docsBaseUrl));
  }

  return (error, req, res, next) => {
    // A page reads Redis, and may fail for another reason than the request did.
    write(error, req, res)
      .catch((failure: unknown) => (failure === error ? Promise.reject(failure) : write(failure, req, res)))
      .catch(next);
  };
}

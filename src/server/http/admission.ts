/**
 * A process serves so many requests at the same time, and refuses the others at once. Beyond its capacity, each request that begins makes
 * all others slower, until callers have given up before their responses come. So a refusal comes before everything that costs
 * time: before the body, the credential and the log.
 *
 * A request counts from the end of its body to its response, so a client that sends slowly takes no place.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { newId } from '../domain/credentials.ts';
import { requestRefused } from '../domain/events.ts';
import { Problem } from '../problem.ts';
import { errorBody } from './problem-response.ts';

type Listener = (req: IncomingMessage, res: ServerResponse) => void;

/** How long a refused caller waits, in ms, and how often the log counts refusals. */
const retryAfterMs = 1000;
const reportMs = 1000;

/** The requests of one process. */
export interface Admission {
  /** Wraps the listener of the server: a request that is refused does not reach it. Pages, assets and probes always do. */
  around(listener: Listener): Listener;
  /**
   * Begins the work of a request. Call `end` once for each.
   *
   * @throws Problem service_unavailable if the process works on as many as it can
   */
  begin(): void;
  end(): void;
}

const tooMany = () =>
  new Problem('unkey/application/service_unavailable', { retryAfterMs, cause: 'the process serves as many as it can' });

/** Whether a request is for an operation that can be refused. Probes must see the process itself. */
const canRefuse = ({ url = '' }: IncomingMessage): boolean =>
  url.startsWith('/v2/') && !url.startsWith('/v2/liveness') && !url.startsWith('/v2/readiness');

/**
 * @param limit the number of requests at the same time; 0 refuses none
 * @param headers of every response of an operation, as name, value, name, value …
 */
export function admissionOf(
  limit: number,
  { docsBaseUrl, headers, log }: { docsBaseUrl: string; headers: readonly string[]; log: Pick<Logger, 'warn'> },
): Admission {
  let working = 0;
  let refused = 0;
  let isReportDue = false;
  const isFull = () => limit > 0 && working >= limit;
  const [before = '', after = ''] = JSON.stringify(errorBody(tooMany(), 'req_id', docsBaseUrl)).split('req_id');
  const length = Buffer.byteLength(before + after) + newId('req').length;
  const fixed = [
    ...[...headers, 'Cache-Control', 'no-store', 'Retry-After', String(retryAfterMs / 1000)],
    ...['Content-Type', 'application/json; charset=utf-8', 'Content-Length', String(length)],
  ];

  function report(): void {
    refused += 1;
    requestRefused.publish(undefined);
    if (isReportDue) return;
    isReportDue = true;
    setTimeout(() => {
      log.warn({ refused }, 'requests were refused: the process serves as many as it can');
      refused = 0;
      isReportDue = false;
    }, reportMs).unref();
  }

  return {
    around: (listener) => (req, res) => {
      if (!isFull() || !canRefuse(req)) {
        listener(req, res);
        return;
      }
      report();
      res.writeHead(503, fixed);
      res.end(`${before}${newId('req')}${after}`);
    },
    begin() {
      if (isFull()) {
        report();
        throw tooMany();
      }
      working += 1;
    },
    end() {
      working -= 1;
    },
  };
}

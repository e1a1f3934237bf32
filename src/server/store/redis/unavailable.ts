import {
  AbortError,
  ClientClosedError,
  ClientOfflineError,
  ConnectionTimeoutError,
  DisconnectsClientError,
  ErrorReply,
  MaxCommandRedirectionsError,
  ReconnectStrategyError,
  RootNodesUnavailableError,
  SocketClosedUnexpectedlyError,
  SocketTimeoutError,
  TimeoutError,
} from 'redis';
import { Problem } from '../../problem.ts';

/** Redis is unavailable, or does not reply in time. A command that was under way may or may not have taken effect. */
export class StoreUnavailable extends Problem {
  /** For operators, never for callers. */
  readonly reason: string;
  /** What Redis replied, if it is reachable but refuses the login or a command; for operators, never for callers. */
  readonly refusal: string | undefined;

  constructor(reason: string, cause?: unknown) {
    super('unkey/application/service_unavailable', { retryAfterMs: 1000, cause: new Error(reason, { cause }) });
    this.reason = reason;
    this.refusal = cause instanceof ErrorReply && isForbidden(cause) ? cause.message : undefined;
  }
}

/** Whether Redis refuses the login, or a command that the ACL of its user forbids. It is not an outage. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof ErrorReply && /^(NOAUTH|WRONGPASS|NOPERM)\b/.test(error.message);

/** Redis replies that it cannot serve: it is loading, failing over, out of memory, or refuses the login. */
const unableReply =
  /^(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|NOREPLICAS|OOM|MISCONF|NOAUTH|WRONGPASS|NOPERM)\b/;

const unableErrors = [
  AbortError,
  ClientClosedError,
  ClientOfflineError,
  ConnectionTimeoutError,
  DisconnectsClientError,
  MaxCommandRedirectionsError,
  ReconnectStrategyError,
  RootNodesUnavailableError,
  SocketClosedUnexpectedlyError,
  SocketTimeoutError,
  TimeoutError,
];

/** Whether Redis cannot serve now, as opposed to refusing a wrong command. */
export function isUnable(error: unknown): boolean {
  if (error instanceof Problem) return false;
  // A failure inside a script has the name of the script in its message, so only the first word counts.
  if (error instanceof ErrorReply) return unableReply.test(error.message);
  // A socket that does not open fails with an error of Node, with a code such as ECONNREFUSED.
  return unableErrors.some((kind) => error instanceof kind) || (error instanceof Error && 'code' in error);
}

/** Whether a node replies that it is a replica: another node has become the primary. */
export const isDemoted = (error: unknown): boolean =>
  error instanceof ErrorReply && error.message.startsWith('READONLY');

/** The outcome of the promise. @throws TimeoutError if it takes longer */
export function deadline<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    // After a delay of this process, the reply may have come without being read yet. So it is read first.
    const judge = () => setImmediate(() => reject(new TimeoutError(`no answer within ${milliseconds} ms`)));
    const timer = setTimeout(judge, milliseconds);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

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

  constructor(reason: string, cause?: unknown) {
    super('unkey/application/service_unavailable', { retryAfterMs: 1000, cause: new Error(reason, { cause }) });
    this.reason = reason;
  }
}

/** Redis answers, but that it cannot serve: it is loading, failing over, out of memory, or refuses our password. */
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

/** Whether a failure is that Redis cannot serve now, and not that it was asked something wrong. */
export function isUnable(error: unknown): boolean {
  if (error instanceof Problem) return false;
  // A script's own commands fail with its name behind theirs, so that only the first word tells.
  if (error instanceof ErrorReply) return unableReply.test(error.message);
  // A socket that cannot be opened comes as Node's own error, with a code such as ECONNREFUSED.
  return unableErrors.some((kind) => error instanceof kind) || (error instanceof Error && 'code' in error);
}

/** Whether the node that we took for the primary says that it is not: another one is by now. */
export const isDemoted = (error: unknown): boolean =>
  error instanceof ErrorReply && error.message.startsWith('READONLY');

/** The promise's own outcome, or a TimeoutError where it takes longer than that. */
export function deadline<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    // Where the process itself was held up, the answer may have come and only not been read: read first, then judge.
    const judge = () => setImmediate(() => reject(new TimeoutError(`no answer within ${milliseconds} ms`)));
    const timer = setTimeout(judge, milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

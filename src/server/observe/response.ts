/** What metrics and traces read from a response. It works with any framework. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type OperationId, operations } from '../../../generated/operations.ts';

/** A listener of the HTTP server. */
export type Listener = (req: IncomingMessage, res: ServerResponse) => void;

/** What `http/` stores on a response. */
interface Marked extends ServerResponse {
  locals?: { operationId?: OperationId; requestId?: string };
}

/** The operation of the request; undefined for pages, assets and unknown paths. */
export const operationOf = (res: ServerResponse): OperationId | undefined => (res as Marked).locals?.operationId;

/** The request id that the server returns. */
export const requestIdOf = (res: ServerResponse): string | undefined => (res as Marked).locals?.requestId;

/** The path of the operation; undefined if the request has no operation. */
export function routeOf(res: ServerResponse): string | undefined {
  const id = operationOf(res);
  return id && operations[id].path;
}

/** The status; undefined if the client disconnected before the server had sent the whole response. */
export const statusOf = (res: ServerResponse): number | undefined =>
  res.writableFinished ? res.statusCode : undefined;

/** What is seen of a request from the HTTP server itself, whatever framework answers it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type OperationId, operations } from '../../../generated/operations.ts';

/** What answers requests. */
export type Listener = (req: IncomingMessage, res: ServerResponse) => void;

/** How the way of a request marks its answer: `http/` writes these, nobody else reads them. */
interface Marked extends ServerResponse {
  locals?: { operationId?: OperationId; requestId?: string };
}

/** The operation that answered, or undefined for pages, assets and whatever is nowhere. */
export const operationOf = (res: ServerResponse): OperationId | undefined => (res as Marked).locals?.operationId;

/** The request's id, as the caller was told it. */
export const requestIdOf = (res: ServerResponse): string | undefined => (res as Marked).locals?.requestId;

/** The operation's path; undefined where none answered. */
export function routeOf(res: ServerResponse): string | undefined {
  const id = operationOf(res);
  return id && operations[id].path;
}

/** The status that was sent, or undefined where the caller went before all of the answer was. */
export const statusOf = (res: ServerResponse): number | undefined =>
  res.writableFinished ? res.statusCode : undefined;

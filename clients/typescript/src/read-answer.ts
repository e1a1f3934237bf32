import type { Failure } from './errors.ts';
import { readRetryAfter } from './retry.ts';

/** What came back: what was asked for, or why not. */
export type Answer = { result: unknown } | { failure: Failure };

type Json = Record<string, unknown> | undefined;
const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : undefined);

function parsed(text: string): Json {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What a success returns; undefined where it is not one of Portico. */
function resultOf(text: string, kind: 'page' | 'csv' | undefined, contentType: string): unknown {
  if (kind === 'csv') return contentType.startsWith('text/csv') ? text : undefined;
  const envelope = parsed(text);
  if (kind !== 'page' || envelope?.['data'] === undefined) return envelope?.['data'];
  return { data: envelope['data'], pagination: envelope['pagination'] };
}

/**
 * Reads an answer to its end. Anything may have answered: a proxy's page is a failure without a code.
 *
 * @param operation the operationId
 * @throws what `fetch` throws where the connection breaks in the middle
 */
export async function readAnswer(
  operation: string,
  kind: 'page' | 'csv' | undefined,
  response: Response,
): Promise<Answer> {
  const { ok, status, headers } = response;
  const text = await response.text();
  const result = ok ? resultOf(text, kind, headers.get('Content-Type') ?? '') : undefined;
  if (result !== undefined) return { result };
  const envelope = ok ? undefined : parsed(text);
  const requestId = objectOf(envelope?.['meta'])?.['requestId'];
  return {
    failure: {
      operation,
      status,
      problem: (objectOf(envelope?.['error']) ?? {}) as Failure['problem'],
      requestId: typeof requestId === 'string' ? requestId : undefined,
      retryAfter: readRetryAfter(headers.get('Retry-After'), Date.now()),
    },
  };
}

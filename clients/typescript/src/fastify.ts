/** A Fastify hook that verifies the API key of each request with Portico. */
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { Connection } from './connection.ts';
import { keyVerifier, problemOf, type Refusal, type VerifiedKey, type VerifyKeyOptions } from './verification.ts';

export type { Refusal, VerifiedKey };

declare module 'fastify' {
  interface FastifyRequest {
    /** The API key of the request. `verifyKey` sets it. */
    portico?: VerifiedKey;
  }
}

/** The options of `verifyKey`. */
export interface FastifyVerifyKeyOptions extends VerifyKeyOptions<FastifyRequest> {
  /** Sends your own response instead of `application/problem+json`. The headers are already set. */
  respond?: (refusal: Refusal, request: FastifyRequest, reply: FastifyReply) => unknown;
}

/**
 * A Fastify hook that lets a request through only if its API key is valid, and sets `request.portico`:
 * `app.addHook('onRequest', verifyKey(portico, { apiId }))`. It responds as the middleware for Express does.
 *
 * @throws TypeError if an option is invalid, or the connection has no root key
 */
export function verifyKey(portico: Connection, options: FastifyVerifyKeyOptions): onRequestAsyncHookHandler {
  const decide = keyVerifier(portico, options);
  const { respond } = options;
  const readerOf =
    ({ headers }: FastifyRequest) =>
    (name: string) => {
      const value = headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(', ') : value;
    };
  return async (request, reply) => {
    const { key, refusal } = await decide(readerOf(request), request);
    if (refusal === undefined) {
      request.portico = key;
      return undefined;
    }
    const { headers, type, body } = problemOf(refusal);
    reply.headers(headers).code(refusal.status);
    if (respond === undefined) reply.type(type).send(body);
    else await respond(refusal, request, reply);
    return reply;
  };
}

import {
  type Client,
  createClient,
  createConfig,
  type RequestOptions,
} from '../../../generated/client/client/index.ts';
import { idempotencyKeyOperations, repeatableOperations } from '../../../generated/operations.ts';
import { fetchWithRetries } from './attempts.ts';
import { deadlineAfter } from './deadline.ts';
import { PorticoError, PorticoUnreachable } from './errors.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import type { IdOf, ParametersOf, ResultOf, SdkFunction } from './operation.ts';
import { type IdempotentCallOptions, originOf, type PorticoOptions, requireHeaderText } from './options.ts';
import { type PendingResult, pendingResult, type ResultWithResponse } from './pending.ts';
import { type Format, failureOf, infoOf, resultOf } from './response.ts';
import type { Repetition } from './retry.ts';

const includes = (operationIds: readonly string[], operationId: string) => operationIds.includes(operationId);
const repetitionOf = (operationId: string): Repetition => ({
  repeatable: includes(repeatableOperations, operationId),
  hasIdempotencyKey: includes(idempotencyKeyOperations, operationId),
});
const isTimeout = (error: unknown) => error instanceof Error && error.name === 'TimeoutError';
/** `https://portal.acme.example/v2/portal.createSession` → `portal.createSession`. */
const operationIdOf = ({ url }: Request) => new URL(url).pathname.replace('/v2/', '');

/**
 * A connection to one Portico server: the generated SDK's client, with credentials, retries and errors. It keeps no
 * socket open, so a program can share one connection and never needs to close it.
 */
export class Connection {
  // Private at run time too, so that a program that logs a connection does not log a credential.
  readonly #options: PorticoOptions;
  readonly #client: Client;

  /** @throws TypeError if an option is invalid */
  constructor(options: PorticoOptions) {
    requireHeaderText('rootKey', options.rootKey);
    requireHeaderText('sessionToken', options.sessionToken);
    this.#options = { ...options };
    const client = createClient(createConfig({ baseUrl: originOf(options.baseUrl), redirect: 'manual' }));
    const post: Client['post'] = (request) => client.post({ ...request, body: request.body ?? {} });
    this.#client = { ...client, post };
  }

  /**
   * Calls one operation: `portico.call(keysVerifyKey, { key })`. Sends it again after 429, 503 and a lost response if that is
   * safe.
   *
   * @throws PorticoError if the response is a failure
   * @throws PorticoUnreachable if no response arrives
   * @throws the reason of `options.signal` if it aborts
   */
  call<Sdk extends SdkFunction>(
    operation: Sdk,
    ...[body, options]: ParametersOf<IdOf<Sdk>>
  ): PendingResult<ResultOf<IdOf<Sdk>>> {
    return pendingResult(this.#call<ResultOf<IdOf<Sdk>>>(operation, body, options, 'json'));
  }

  /** Calls an operation that can also return CSV. Throws the same errors as `call`. */
  callForCsv<Sdk extends SdkFunction>(
    operation: Sdk,
    ...[body, options]: ParametersOf<IdOf<Sdk>>
  ): PendingResult<string> {
    return pendingResult(this.#call<string>(operation, body, options, 'csv'));
  }

  /**
   * Checks the connection of a middleware when the program starts, and not with the first request.
   *
   * @internal
   * @throws TypeError without a root key
   */
  requireRootKey(): void {
    if (this.#options.rootKey === undefined) throw new TypeError('the connection needs a rootKey');
  }

  async #call<Result>(
    operation: SdkFunction,
    body: unknown,
    options: IdempotentCallOptions = {},
    format: Format,
  ): Promise<ResultWithResponse<Result>> {
    const { rootKey, fetch = globalThis.fetch } = this.#options;
    const {
      sessionToken = this.#options.sessionToken,
      idempotencyKey = newIdempotencyKey(),
      maxAttempts = this.#options.maxAttempts ?? 3,
      timeoutMs = this.#options.timeoutMs ?? 10_000,
      attemptTimeoutMs = this.#options.attemptTimeoutMs ?? timeoutMs / 2,
    } = options;
    requireHeaderText('sessionToken', sessionToken);
    requireHeaderText('idempotencyKey', idempotencyKey);
    const deadline = deadlineAfter(timeoutMs, options.signal);
    const limits = { maxAttempts, attemptTimeoutMs, endsAt: Date.now() + timeoutMs };
    const sdkOptions: Omit<RequestOptions, 'url'> & { client: Client } = {
      client: this.#client,
      ...(body !== undefined && { body }),
      // The portal's operations accept a cookie or a bearer token; only the bearer token is sent.
      auth: ({ type, key }) => (type !== 'http' ? undefined : key === 'rootKey' ? rootKey : sessionToken),
      headers: { Accept: format === 'csv' ? 'text/csv' : 'application/json' },
      parseAs: format === 'csv' ? 'text' : 'json',
      signal: deadline.signal,
      fetch: fetchWithRetries(fetch, limits, (request) => {
        const repetition = repetitionOf(operationIdOf(request));
        if (repetition.hasIdempotencyKey) request.headers.set('Idempotency-Key', idempotencyKey);
        return repetition;
      }),
    };
    try {
      const { data, error, request, response } = await operation(sdkOptions as never);
      // The request could not be built, for example because the body contains a cycle.
      if (request === undefined) throw error;
      const id = operationIdOf(request);
      const sentKey = repetitionOf(id).hasIdempotencyKey ? idempotencyKey : undefined;
      if (response === undefined) {
        if (options.signal?.aborted) throw options.signal.reason;
        throw new PorticoUnreachable(id, deadline.isOver || isTimeout(error), error, sentKey);
      }
      const result = response.ok ? resultOf(data, format, response.headers.get('Content-Type') ?? '') : undefined;
      if (result === undefined) throw new PorticoError(failureOf(id, response, error, sentKey));
      return { result: result as Result, ...infoOf(response, data) };
    } finally {
      deadline.clear();
    }
  }
}

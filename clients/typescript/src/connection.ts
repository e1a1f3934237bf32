import {
  type Client,
  createClient,
  createConfig,
  type RequestOptions,
} from '../../../generated/client/client/index.ts';
import { idempotencyKeyOperations, repeatableOperations } from '../../../generated/operations.ts';
import { type Failure, PorticoError, PorticoUnreachable } from './errors.ts';
import type { IdOf, ParametersOf, ResultOf, SdkFunction } from './operation.ts';
import { type IdempotentCallOptions, originOf, type PorticoOptions, requireHeaderText } from './options.ts';
import { mayRepeat, pause, pauseBefore, readRetryAfter } from './retry.ts';

/** How a response is read: JSON by default. */
type Format = 'json' | 'csv';

const includes = (operationIds: readonly string[], operationId: string) => operationIds.includes(operationId);
/** `https://portal.acme.example/v2/portal.createSession` → `portal.createSession`. */
const operationIdOf = ({ url }: Request) => new URL(url).pathname.replace('/v2/', '');

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** The result of a successful response; undefined if the response is not from Portico. */
function resultOf(body: unknown, format: Format, contentType: string): unknown {
  if (format === 'csv') return contentType.startsWith('text/csv') ? body : undefined;
  const { data, pagination } = objectOf(body);
  return data === undefined || pagination === undefined ? data : { data, pagination };
}

function failureOf(operation: string, { status, headers }: Response, body: unknown): Failure {
  const { meta, error } = objectOf(body);
  const { requestId } = objectOf(meta);
  return {
    operation,
    status,
    problem: objectOf(error),
    requestId: typeof requestId === 'string' ? requestId : undefined,
    retryAfter: readRetryAfter(headers.get('Retry-After'), Date.now()),
  };
}

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
    const client = createClient(
      // A redirect could send the secrets in the body to another server.
      createConfig({ baseUrl: originOf(options.baseUrl), redirect: 'error' }),
    );
    const post: Client['post'] = (request) => client.post({ ...request, body: request.body ?? {} });
    this.#client = { ...client, post };
  }

  /**
   * Calls one operation: `portico.call(keysVerifyKey, { key })`. Retries after 429 and 503 if that is safe.
   *
   * @throws PorticoError if the response is a failure
   * @throws PorticoUnreachable if no response arrives
   * @throws the reason of `options.signal` if it aborts
   */
  call<Sdk extends SdkFunction>(
    operation: Sdk,
    ...[body, options]: ParametersOf<IdOf<Sdk>>
  ): Promise<ResultOf<IdOf<Sdk>>> {
    return this.#call(operation, body, options, 'json') as Promise<ResultOf<IdOf<Sdk>>>;
  }

  /** Calls an operation that can also return CSV. Throws the same errors as `call`. */
  callForCsv<Sdk extends SdkFunction>(operation: Sdk, ...[body, options]: ParametersOf<IdOf<Sdk>>): Promise<string> {
    return this.#call(operation, body, options, 'csv') as Promise<string>;
  }

  async #call(
    operation: SdkFunction,
    body: unknown,
    options: IdempotentCallOptions = {},
    format: Format,
  ): Promise<unknown> {
    const { rootKey } = this.#options;
    const {
      sessionToken = this.#options.sessionToken,
      idempotencyKey,
      timeoutMs = this.#options.timeoutMs ?? 10_000,
    } = options;
    requireHeaderText('sessionToken', sessionToken);
    requireHeaderText('idempotencyKey', idempotencyKey);
    const deadline = AbortSignal.timeout(timeoutMs);
    const sdkOptions: Omit<RequestOptions, 'url'> & { client: Client } = {
      client: this.#client,
      ...(body !== undefined && { body }),
      // The portal's operations accept a cookie or a bearer token; only the bearer token is sent.
      auth: ({ type, key }) => (type !== 'http' ? undefined : key === 'rootKey' ? rootKey : sessionToken),
      headers: { Accept: format === 'csv' ? 'text/csv' : 'application/json' },
      parseAs: format === 'csv' ? 'text' : 'json',
      signal: options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]),
      fetch: this.#fetchWithRetries(options, Date.now() + timeoutMs),
    };
    const { data, error, request, response } = await operation(sdkOptions as never);
    // The request could not be built, for example because the body contains a cycle.
    if (request === undefined) throw error;
    const id = operationIdOf(request);
    if (response === undefined) {
      options.signal?.throwIfAborted();
      throw new PorticoUnreachable(id, deadline.aborted, error);
    }
    const result = response.ok ? resultOf(data, format, response.headers.get('Content-Type') ?? '') : undefined;
    if (result === undefined) throw new PorticoError(failureOf(id, response, error));
    return result;
  }

  /** @param endsAt Unix time in ms after which no attempt starts */
  #fetchWithRetries(options: IdempotentCallOptions, endsAt: number): typeof fetch {
    const { fetch = globalThis.fetch } = this.#options;
    const maxAttempts = options.maxAttempts ?? this.#options.maxAttempts ?? 3;
    return async (input) => {
      const request = input as Request;
      const id = operationIdOf(request);
      const hasIdempotencyKey = includes(idempotencyKeyOperations, id);
      if (hasIdempotencyKey) request.headers.set('Idempotency-Key', options.idempotencyKey ?? crypto.randomUUID());
      const { url, method, headers, redirect, signal } = request;
      // A clone of the request would send its body as a stream. Not every browser and server supports that.
      const body = method === 'GET' ? null : await request.text();
      const repetition = { repeatable: includes(repeatableOperations, id), hasIdempotencyKey };
      for (let attempt = 1; ; attempt++) {
        const response = await fetch(url, { method, headers, redirect, signal, body });
        // Read to the end here, so that a connection that breaks in the middle counts as no response.
        const text = await response.text();
        const wait = pauseBefore(
          attempt,
          readRetryAfter(response.headers.get('Retry-After'), Date.now()),
          Math.random(),
        );
        const isOver = attempt >= maxAttempts || Date.now() + wait >= endsAt;
        if (isOver || !mayRepeat(response.status, repetition)) return new Response(text || null, response);
        await pause(wait, signal);
      }
    };
  }
}

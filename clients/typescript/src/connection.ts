import { PorticoError, PorticoUnreachable } from './errors.ts';
import { type Answer, readAnswer } from './read-answer.ts';
import { mayRepeat, pause, pauseBefore } from './retry.ts';
import { type CallOptions, headerText, type IdempotentCallOptions, originOf, type PorticoOptions } from './settings.ts';

export type { CallOptions, IdempotentCallOptions };

/** An operation, as far as it matters to those who call it. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  auth?: 'rootKey' | 'sessionToken';
  /** Takes an Idempotency-Key. */
  idempotent?: true;
  /** Does nothing twice. */
  repeatable?: true;
  /** What is returned: `data` alone where it is left out, a page with its `pagination`, or text. */
  answer?: 'page' | 'csv';
}

/** One page of a list, and how it goes on. */
export type PageOf<Envelope> = Omit<Envelope, 'meta'>;

/** A way to one Portico. It holds nothing open, and can be shared and kept. */
export class Connection {
  // Private to the runtime too, so that whoever logs a connection logs no credential.
  readonly #origin: string;
  readonly #options: PorticoOptions;

  /** @throws TypeError where an option cannot be used */
  constructor(options: PorticoOptions) {
    this.#origin = originOf(options.baseUrl);
    for (const name of ['rootKey', 'sessionToken'] as const)
      if (options[name] !== undefined) headerText(name, options[name]);
    this.#options = { ...options };
  }

  /**
   * Calls an operation, and again where that is safe and the answer is 429 or 503.
   *
   * @throws PorticoError where the answer is no success
   * @throws PorticoUnreachable where there is none
   * @throws whatever the reason of the signal is
   */
  async call<Result>(operation: Operation, body: unknown, options: IdempotentCallOptions = {}): Promise<Result> {
    const maxAttempts = options.maxAttempts ?? this.#options.maxAttempts ?? 3;
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? 10_000;
    const deadline = AbortSignal.timeout(timeoutMs);
    const endsAt = Date.now() + timeoutMs;
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    const request = this.#request(operation, body, options);
    const repetition = {
      repeatable: operation.repeatable === true,
      hasIdempotencyKey: 'Idempotency-Key' in request.headers,
    };
    try {
      for (let attempt = 1; ; attempt++) {
        const answer = await this.#send(operation, { ...request, signal });
        if ('result' in answer) return answer.result as Result;
        const { status, retryAfter } = answer.failure;
        const wait = pauseBefore(attempt, retryAfter, Math.random());
        const isOver = attempt >= maxAttempts || Date.now() + wait >= endsAt;
        if (isOver || !mayRepeat(status, repetition)) throw new PorticoError(answer.failure);
        await pause(wait, signal);
      }
    } catch (error) {
      if (error instanceof PorticoError) throw error;
      options.signal?.throwIfAborted();
      throw new PorticoUnreachable(operation.id, deadline.aborted, error);
    }
  }

  #request({ method, auth, idempotent, answer }: Operation, body: unknown, options: IdempotentCallOptions) {
    const headers: Record<string, string> = { Accept: answer === 'csv' ? 'text/csv' : 'application/json' };
    const credential =
      auth === 'sessionToken' ? (options.sessionToken ?? this.#options.sessionToken) : this.#options.rootKey;
    if (auth !== undefined && credential !== undefined)
      headers['Authorization'] = `Bearer ${headerText(auth, credential)}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (idempotent)
      headers['Idempotency-Key'] = headerText('idempotencyKey', options.idempotencyKey ?? crypto.randomUUID());
    // A redirect would take the body, with what is secret in it, to wherever it leads.
    return { method, headers, redirect: 'error', ...(body !== undefined && { body: JSON.stringify(body) }) } as const;
  }

  async #send({ id, path, answer }: Operation, request: RequestInit): Promise<Answer> {
    const { fetch = globalThis.fetch } = this.#options;
    return readAnswer(id, answer, await fetch(this.#origin + path, request));
  }
}

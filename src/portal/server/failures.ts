import { PorticoError, PorticoUnreachable } from '../../../clients/typescript/src/index.ts';

/** Whether the client threw this error: the server returned a failure, or no response arrived. */
export const isCallFailure = (error: unknown): error is PorticoError | PorticoUnreachable =>
  error instanceof PorticoError || error instanceof PorticoUnreachable;

/** The last part of the error code, such as `key_not_found`; `unreachable` if there is no response from Portico. */
export const codeOf = (error: PorticoError | PorticoUnreachable): string =>
  (error instanceof PorticoError ? error.type?.split('/').at(-1) : undefined) ?? 'unreachable';

/** Whether the server returned this failure. */
export const hasCode = (error: unknown, code: string): error is PorticoError =>
  error instanceof PorticoError && codeOf(error) === code;

/** Whether the server may have carried out the call, although it returned no success: the response may be lost. */
export const mayHaveSucceeded = (error: unknown): boolean =>
  error instanceof PorticoUnreachable || (error instanceof PorticoError && error.status >= 500);

/** Whether a retry of the same call may succeed. */
export const isTransient = (error: unknown): boolean =>
  mayHaveSucceeded(error) || (error instanceof PorticoError && error.status === 429);

/** Where the server found mistakes in the request, such as `body.expires`. */
export const placesOf = (error: unknown): string[] =>
  hasCode(error, 'invalid_input') ? error.errors.map(({ location }) => location) : [];

/** The fields of the request that the server has refused, each once: `ipRanges` for `body.ipRanges[1]`. */
export const fieldsOf = (error: unknown): string[] => [
  ...new Set(placesOf(error).flatMap((place) => /^body\.(\w+)/.exec(place)?.[1] ?? [])),
];

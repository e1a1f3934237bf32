/** What the middlewares share: they verify the API key of a request with Portico. It knows no framework. */
import { keysVerifyKey } from '../../../generated/client/sdk.gen.ts';
import type { Verification, VerificationCode, VerifyKeyRequest } from '../../../generated/client/types.gen.ts';
import type { Connection } from './connection.ts';
import { PorticoError } from './errors.ts';
import type { VerificationCache } from './verification-cache.ts';

/** A valid key, with the user and the API that it belongs to. */
export type VerifiedKey = Verification & Required<Pick<Verification, 'keyId' | 'apiId' | 'externalId'>>;

/** Why the middleware refuses a request. `MISSING`: no key. `UNAVAILABLE`: Portico did not verify the key. */
export interface Refusal {
  status: 401 | 403 | 429 | 503;
  code: Exclude<VerificationCode, 'VALID'> | 'MISSING' | 'UNAVAILABLE';
  title: string;
  detail: string;
  /** Seconds to wait, with 429 and 503. */
  retryAfter?: number;
}

/** The options of `verifyKey` for every framework. `Incoming` is its request. */
export interface VerifyKeyOptions<Incoming> {
  /** The API that the key must belong to. */
  apiId: string;
  /** The header that contains the key. Default `Authorization`, as `Bearer <key>`; any other header contains the key alone. */
  header?: string;
  /** The scopes that the key must have. */
  scopes?: string[];
  /**
   * The `operationId` of your OpenAPI document that a request calls, instead of `scopes`. Portico looks up which scopes it needs. Undefined
   * for a request that calls none: then the key needs no scope.
   */
  operationId?: (request: Incoming) => string | undefined;
  /** How much a request consumes of rate limits and quotas. Default 1. */
  cost?: number;
  /**
   * The address of the client of a request. Without it, keys with ranges of addresses are refused. Behind a proxy, take it from a
   * header that your proxy sets.
   */
  ip?: (request: Incoming) => string | undefined;
  /** Time limit of the verification, in ms. Default 5,000. */
  timeoutMs?: number;
  /** Caches valid keys. Several middlewares can share it. By default, Portico verifies the key of each request. */
  cache?: Pick<VerificationCache, 'verifyKey'>;
  /** Called with the reason when Portico does not verify a key. By default, `console.error` gets it. */
  onUnavailable?: (error: unknown, request: Incoming) => void;
}

/** The key of a request, or why it is refused. */
export type Decision = { key: VerifiedKey; refusal?: undefined } | { key?: undefined; refusal: Refusal };

const maxKeyLength = 512;

const unauthorized = { status: 401, title: 'Unauthorized' } as const;
const unavailable = (retryAfter = 1): Refusal => ({
  status: 503,
  code: 'UNAVAILABLE',
  title: 'Service Unavailable',
  detail: 'The API key could not be verified. Try again.',
  retryAfter: Math.max(1, Math.ceil(retryAfter)),
});

/** The refusal of a request over a limit, whose next window begins at `reset` in Unix ms. */
function tooMany(code: 'RATE_LIMITED' | 'USAGE_EXCEEDED', detail: string, reset = 0): Refusal {
  const seconds = Math.ceil((reset - Date.now()) / 1000);
  return { status: 429, code, title: 'Too Many Requests', detail, retryAfter: Math.max(1, seconds) };
}

function refusalOf({ code, ratelimit, quota }: Verification): Refusal {
  switch (code) {
    case 'RATE_LIMITED':
      return tooMany('RATE_LIMITED', 'The API key has exceeded its rate limit.', ratelimit?.reset);
    case 'USAGE_EXCEEDED':
      return tooMany('USAGE_EXCEEDED', 'The quota of this period is used up.', quota?.reset);
    case 'FORBIDDEN':
      return { status: 403, code, title: 'Forbidden', detail: 'The API key does not work from this address.' };
    case 'INSUFFICIENT_PERMISSIONS':
      return { status: 403, code, title: 'Forbidden', detail: 'The API key lacks a scope for this request.' };
    case 'DISABLED':
      return { status: 403, code, title: 'Forbidden', detail: 'The API key is disabled.' };
    case 'EXPIRED':
      return { ...unauthorized, code, detail: 'The API key has expired.' };
    case 'NOT_FOUND':
      return { ...unauthorized, code, detail: 'The API key is unknown.' };
    default:
      // A newer server can return other codes. The request is refused with each of them.
      return { status: 403, code: code as Refusal['code'], title: 'Forbidden', detail: 'The API key is refused.' };
  }
}

/** The headers and the body of the response to a refused request. The body is `application/problem+json` (RFC 9457). */
export function problemOf({ status, title, detail, code, retryAfter }: Refusal) {
  const headers: Record<string, string> = {
    'Cache-Control': 'no-store',
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
  };
  return { headers, type: 'application/problem+json', body: JSON.stringify({ title, status, detail, code }) };
}

/** No error contains a credential. */
// biome-ignore lint/suspicious/noConsole: the default for a program that passes no log; otherwise it would refuse every request without a trace
const log = (error: unknown) => console.error('Portico did not verify an API key:', error);

/**
 * Checks the options when the program starts, and returns what verifies the key of one request. It never retries, because
 * Portico counts each verification.
 *
 * @throws TypeError if the API is missing, for example because an environment variable is not set, if the header is no name
 *   of a header, or if the connection has no root key: otherwise every request would be refused
 */
export function keyVerifier<Incoming>(
  portico: Connection,
  {
    apiId,
    scopes,
    operationId,
    cost,
    ip,
    header = 'Authorization',
    timeoutMs = 5000,
    cache,
    onUnavailable = log,
  }: VerifyKeyOptions<Incoming>,
): (readHeader: (name: string) => string | null | undefined, request: Incoming) => Promise<Decision> {
  if (typeof apiId !== 'string' || apiId.trim() === '') throw new TypeError('verifyKey needs the apiId of your API');
  // RFC 9110, section 5.1
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(header)) throw new TypeError('verifyKey: header must be the name of a header');
  portico.requireRootKey();
  const limits = { maxAttempts: 1, timeoutMs };
  const verify = (body: VerifyKeyRequest) =>
    cache === undefined ? portico.call(keysVerifyKey, body, limits) : cache.verifyKey(body, limits);
  const isBearer = header.toLowerCase() === 'authorization';
  const keyOf = (value: string) => (isBearer ? /^Bearer +(\S+) *$/i.exec(value)?.[1] : value) ?? '';

  return async (readHeader, request) => {
    const key = keyOf(readHeader(header) ?? '');
    if (key === '') return { refusal: { ...unauthorized, code: 'MISSING', detail: 'An API key is required.' } };
    if (key.length > maxKeyLength) return { refusal: refusalOf({ valid: false, code: 'NOT_FOUND' }) };
    try {
      const [address, operation] = [ip?.(request), operationId?.(request)];
      const verification = await verify({
        ...{ key, apiId },
        ...(scopes !== undefined && { scopes }),
        ...(operation !== undefined && { operationId: operation }),
        ...(cost !== undefined && { cost }),
        ...(address !== undefined && { ip: address }),
      });
      const { valid, keyId, externalId } = verification;
      if (valid !== true) return { refusal: refusalOf(verification) };
      if (keyId === undefined || verification.apiId !== apiId || externalId === undefined)
        throw new Error('keys.verifyKey: the response does not identify the key');
      return { key: { ...verification, keyId, apiId, externalId } };
    } catch (error) {
      onUnavailable(error, request);
      return { refusal: unavailable(error instanceof PorticoError ? error.retryAfter : undefined) };
    }
  };
}

import { expect } from 'expect';
import type { Case, CaseRequest, Fixture } from '../engine/case.ts';
import { newId } from '../engine/ids.ts';

type Row = Omit<Case, 'operation'>;

const malformed = 'Prism does not respond to malformed JSON';
const unsupportedByPrism = 'Prism does not check this, and a forced example would prove nothing';

/** The limits of a body: its size, with its name, and its fields and items. */
interface Limits {
  size: string;
  bytes: number;
  values: number;
}

/** The limits of `x-body-limits`. */
const usualLimits: Limits = { size: '100 kB', bytes: 102_400, values: 1000 };

/** An object with this many levels, and the location of its innermost object. */
export const nested = (levels: number) => ({
  body: JSON.parse(`${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`) as unknown,
  location: `body${'.a'.repeat(levels - 1)}`,
});

/** One level too many for the limits of `x-body-limits`. */
const tooDeep = nested(33);

/** The case of every operation that needs a body. */
export const requiredBodyCase = (given: Row['given'], credentials: (fixture: Fixture) => CaseRequest): Row => ({
  name: 'a missing body is refused',
  given,
  request: credentials,
  response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
  stateless: true,
});

/** The case of every operation whose body has no required field. */
export const optionalBodyCase = (given: Row['given'], credentials: (fixture: Fixture) => CaseRequest): Row => ({
  name: 'a missing body equals an empty object',
  given,
  request: credentials,
  response: { status: 200 },
  stateless: true,
});

/** The cases of every operation with a body, independent of its schema. `limits` are those of the operation. */
export const bodyCases = (
  given: Row['given'],
  credentials: (fixture: Fixture) => CaseRequest,
  { size, bytes, values }: Limits = usualLimits,
): Row[] => [
  {
    name: 'a body that is not well-formed JSON is refused',
    given,
    request: (fixture) => ({ ...credentials(fixture), rawBody: '{"slug":' }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
    notOnMock: malformed,
  },
  {
    name: 'a body that is not UTF-8 is refused',
    given,
    // "é" in Latin-1. A decoder would put U+FFFD in its place, as for any other such byte.
    request: (fixture) => ({ ...credentials(fixture), rawBody: Buffer.from('{"surprise":"jos\xe9"}', 'latin1') }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
    notOnMock: unsupportedByPrism,
  },
  {
    name: 'half a surrogate pair is refused and its place is named in the error',
    given,
    request: (fixture) => ({ ...credentials(fixture), rawBody: '{"surprise":["\\ud83d"]}' }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.surprise[0]'] },
    notOnMock: unsupportedByPrism,
  },
  {
    name: 'a number that a double would change is refused and its place is named in the error',
    given,
    request: (fixture) => ({ ...credentials(fixture), rawBody: '{"surprise":{"number":12345678901234567890}}' }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.surprise.number'] },
    notOnMock: unsupportedByPrism,
  },
  {
    name: 'a body that is not an object is refused',
    given,
    request: (fixture) => ({ ...credentials(fixture), rawBody: '[]' }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
    stateless: true,
  },
  {
    name: 'an unknown field is refused and named in the error',
    given,
    request: (fixture) => ({ ...credentials(fixture), body: { surprise: true } }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.surprise'] },
    stateless: true,
  },
  {
    name: 'an unknown query parameter is refused and named in the error',
    given,
    request: (fixture) => ({ ...credentials(fixture), body: {}, query: '?surprise=1' }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['query.surprise'] },
    notOnMock: unsupportedByPrism,
  },
  {
    name: `a body over ${size} is refused`,
    given,
    request: (fixture) => ({ ...credentials(fixture), rawBody: JSON.stringify({ padding: 'x'.repeat(bytes) }) }),
    response: { status: 413, error: 'user/bad_request/request_body_too_large' },
    notOnMock: unsupportedByPrism,
  },
  {
    name: 'a body with more than 32 levels is refused and the place is named in the error',
    given,
    request: (fixture) => ({ ...credentials(fixture), body: tooDeep.body }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: [tooDeep.location] },
    notOnMock: unsupportedByPrism,
  },
  {
    name: `a body with more than ${values.toLocaleString('en')} fields and items is refused`,
    given,
    request: (fixture) => ({ ...credentials(fixture), body: { surprise: Array(values).fill(0) } }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
    notOnMock: unsupportedByPrism,
  },
  {
    name: 'a body that is declared as a form is refused',
    given,
    request: (fixture) => ({
      ...credentials(fixture),
      rawBody: 'slug=my-portal',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    }),
    response: { status: 415, error: 'user/bad_request/unsupported_media_type' },
    notOnMock: unsupportedByPrism,
  },
];

/** The cases of failures of the server. */
export const storeCases = (credentials: (fixture: Fixture) => CaseRequest): Row[] => [
  {
    name: 'damaged data returns an unexpected error without details',
    given: 'brokenStore',
    request: credentials,
    response: { status: 500, error: 'unkey/application/unexpected_error' },
  },
  {
    name: 'an unreachable data store returns 503 at once',
    given: 'unreachableStore',
    request: credentials,
    response: { status: 503, error: 'unkey/application/service_unavailable' },
  },
];

/** The case of rate limits. */
export const limitCase = (credentials: (fixture: Fixture) => CaseRequest): Row => ({
  name: 'a call over the rate limit returns 429',
  given: 'rateLimitedCaller',
  request: credentials,
  response: {
    status: 429,
    error: 'user/too_many_requests/rate_limited',
    headers: { 'Retry-After': /^[1-9]\d?$/, 'RateLimit-Remaining': /^0$/, 'RateLimit-Reset': /^[1-9]\d?$/ },
  },
});

/** The cases of authentication and authorization of every operation with a root key. */
export const rootKeyCases = (
  body: (fixture: Fixture) => unknown,
  missingBodyCase = requiredBodyCase,
  limits = usualLimits,
): Row[] => {
  const validRequest = (fixture: Fixture): CaseRequest => ({
    authorization: `Bearer ${fixture.rootKey}`,
    body: body(fixture),
  });
  return [
    {
      name: 'a request without a root key is refused',
      given: 'nothing',
      request: (fixture) => ({ body: body(fixture) }),
      response: { status: 401, error: 'unkey/authentication/missing' },
      stateless: true,
    },
    {
      name: 'an unauthenticated caller gets no validation errors',
      given: 'nothing',
      request: () => ({ body: { surprise: true } }),
      response: { status: 401, error: 'unkey/authentication/missing' },
      stateless: true,
    },
    {
      name: 'an Authorization scheme other than Bearer is malformed',
      given: 'nothing',
      request: (fixture) => ({ ...validRequest(fixture), authorization: 'Basic dXNlcjpwYXNz' }),
      response: { status: 401, error: 'unkey/authentication/malformed' },
    },
    {
      name: 'an unknown root key is not found',
      given: 'nothing',
      request: (fixture) => ({
        ...validRequest(fixture),
        authorization: 'Bearer rk_unknownUnknownUnknownUnknownUnknown',
      }),
      response: { status: 401, error: 'unkey/authentication/key_not_found' },
    },
    {
      name: 'a browser session token is not a root key',
      given: 'browserSession',
      request: (fixture) => ({ ...validRequest(fixture), authorization: `Bearer ${fixture.token}` }),
      response: { status: 401, error: 'unkey/authentication/key_not_found' },
    },
    {
      name: 'a revoked root key is not found',
      given: 'revokedRootKey',
      request: validRequest,
      response: { status: 401, error: 'unkey/authentication/key_not_found' },
    },
    {
      name: 'a root key without the permission is refused',
      given: 'limitedRootKey',
      request: validRequest,
      response: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
    },
    {
      name: 'a root key without the permission gets no validation errors',
      given: 'limitedRootKey',
      request: (fixture) => ({ ...validRequest(fixture), body: { surprise: true } }),
      response: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
      notOnMock: unsupportedByPrism,
    },
    {
      name: 'a disabled workspace is refused',
      given: 'disabledWorkspace',
      request: validRequest,
      response: { status: 403, error: 'unkey/authorization/workspace_disabled' },
    },
    {
      name: 'a root key of a missing workspace is refused',
      given: 'missingWorkspace',
      request: validRequest,
      response: { status: 404, error: 'unkey/data/workspace_not_found' },
    },
    ...bodyCases('portal', ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` }), limits),
    missingBodyCase('portal', ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` })),
    limitCase(validRequest),
    ...storeCases(validRequest),
  ];
};

/** The cases of an Idempotency-Key for one kind of caller. `fresh` and `used` are states before and after its first use. */
const repeatCases = (
  request: (fixture: Fixture) => CaseRequest,
  { fresh, used }: { fresh: Row['given']; used: Row['given'] },
): Row[] => {
  const withKey = (key: (fixture: Fixture) => string) => (fixture: Fixture) => ({
    ...request(fixture),
    headers: { 'Idempotency-Key': key(fixture) },
  });
  return [
    {
      name: 'a new Idempotency-Key does not change the response',
      given: fresh,
      request: withKey(() => newId()),
      response: { status: 200 },
      stateless: true,
    },
    {
      name: 'an Idempotency-Key that was used with another body is refused',
      given: used,
      request: withKey(({ idempotencyKey }) => String(idempotencyKey)),
      response: { status: 422, error: 'user/idempotency/key_reused' },
      notOnMock: 'Prism returns a documented 422 for any invalid input, so its copy of the spec has no 422',
    },
    {
      name: 'an Idempotency-Key of 256 characters is refused',
      given: fresh,
      request: withKey(() => 'x'.repeat(256)),
      response: { status: 400, error: 'unkey/application/invalid_input', locations: ['headers.idempotency-key'] },
      notOnMock: unsupportedByPrism,
    },
  ];
};

/**
 * The cases of every root-key operation that accepts an Idempotency-Key; `body` returns a valid body that differs from the
 * first one. `fresh` is a state in which it succeeds.
 */
export const idempotencyCases = (body: (fixture: Fixture) => unknown, fresh: Row['given'] = 'portal'): Row[] => {
  const request = (fixture: Fixture): CaseRequest => ({
    authorization: `Bearer ${fixture.rootKey}`,
    body: body(fixture),
  });
  return [
    ...repeatCases(request, { fresh, used: 'usedIdempotencyKey' }),
    {
      name: 'an Idempotency-Key whose first request is in progress is refused',
      given: 'idempotencyKeyInProgress',
      request: (fixture) => ({
        ...request(fixture),
        headers: { 'Idempotency-Key': String(fixture.idempotencyKey) },
      }),
      response: { status: 409, error: 'user/idempotency/request_in_progress' },
    },
  ];
};

/** The case of every operation that stores more: `request` is valid. */
export const fullWorkspaceCase = (request: Row['request']): Row => ({
  name: 'a record more than the quota of the workspace allows is refused',
  given: 'fullWorkspace',
  request,
  response: { status: 409, error: 'unkey/data/limit_exceeded' },
});

/** The same cases of every operation of a browser session. */
export const sessionIdempotencyCases = (body: (fixture: Fixture) => unknown): Row[] =>
  repeatCases((fixture) => ({ authorization: `Bearer ${fixture.token}`, body: body(fixture) }), {
    fresh: 'key',
    used: 'usedSessionIdempotencyKey',
  });

/** The cases of the pages of every list; `request` sends the fields that a page takes. */
export const cursorCases = (
  given: Row['given'],
  request: (page: (fixture: Fixture) => object) => (fixture: Fixture) => CaseRequest,
): Row[] => [
  {
    name: 'a page has the requested length and a cursor for the next page',
    given,
    request: request(() => ({ limit: 1 })),
    response: { status: 200, pagination: { hasMore: true, cursor: expect.any(String) } },
    stateless: true,
  },
  {
    name: 'a cursor returns the next page',
    given,
    request: request(({ cursor }) => ({ limit: 1, cursor })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'an invalid cursor is refused',
    given,
    request: request(() => ({ cursor: 'Z2FyYmFnZQ.0123456789abcdef' })),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.cursor'] },
  },
];

/** The cases of pagination of every list with a root key; `filter` returns the other fields that the list requires. */
export const pageCases = (given: Row['given'], filter: (fixture: Fixture) => object = () => ({})): Row[] => [
  ...cursorCases(given, (page) => (fixture) => ({
    authorization: `Bearer ${fixture.rootKey}`,
    body: { ...filter(fixture), ...page(fixture) },
  })),
  ...[0, 101, 1.5].map((limit) => ({
    name: `a limit of ${limit} is refused`,
    given: 'portal' as const,
    request: ({ rootKey }: Fixture) => ({ authorization: `Bearer ${rootKey}`, body: { limit } }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.limit'] },
    stateless: true as const,
  })),
];

/** The cases of authentication of every operation with a portal session. */
export const portalSessionCases = (body?: unknown): Row[] => [
  limitCase(({ token }) => ({ authorization: `Bearer ${token}`, body })),
  {
    name: 'a request without a portal session token is refused',
    given: 'nothing',
    request: () => ({ body }),
    response: { status: 401, error: 'unkey/authentication/portal_token_missing' },
    stateless: true,
  },
  {
    name: 'a root key is not a portal session token',
    given: 'portal',
    request: ({ rootKey }) => ({ authorization: `Bearer ${rootKey}`, body }),
    response: { status: 401, error: 'unkey/authentication/portal_token_missing' },
  },
  {
    name: 'an Authorization header with another scheme is not a portal session token',
    given: 'nothing',
    request: () => ({ authorization: 'Basic dXNlcjpwYXNz', body }),
    response: { status: 401, error: 'unkey/authentication/portal_token_missing' },
    stateless: true,
  },
  {
    name: 'an Authorization header with another scheme does not hide the cookie',
    given: 'nothing',
    request: () => ({ authorization: 'Basic dXNlcjpwYXNz', cookie: 'ps_unknownUnknownUnknownUnknownUnknown', body }),
    response: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'a bearer token in no usable form takes precedence over the cookie',
    given: 'browserSession',
    request: ({ token }) => ({ authorization: 'Bearer ps_one ps_two', cookie: token, body }),
    response: { status: 401, error: 'unkey/authentication/portal_token_missing' },
  },
  {
    name: 'an unknown bearer token is not found',
    given: 'nothing',
    request: () => ({ authorization: 'Bearer ps_unknownUnknownUnknownUnknownUnknown', body }),
    response: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'an unknown cookie is not found',
    given: 'nothing',
    request: () => ({ cookie: 'ps_unknownUnknownUnknownUnknownUnknown', body }),
    response: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'a session id is not a browser session token',
    given: 'session',
    request: ({ sessionId }) => ({ authorization: `Bearer ${sessionId}`, body }),
    response: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'the Authorization header takes precedence over the cookie',
    given: 'browserSession',
    request: ({ token }) => ({
      authorization: 'Bearer ps_unknownUnknownUnknownUnknownUnknown',
      cookie: token,
      body,
    }),
    response: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'a root key in the Authorization header takes precedence over the cookie',
    given: 'browserSession',
    request: ({ token, rootKey }) => ({ authorization: `Bearer ${rootKey}`, cookie: token, body }),
    response: { status: 401, error: 'unkey/authentication/portal_token_missing' },
  },
  {
    name: 'a logged-out session is not found',
    given: 'endedBrowserSession',
    request: ({ token }) => ({ authorization: `Bearer ${token}`, body }),
    response: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'an expired session is not found',
    given: 'expiredBrowserSession',
    request: ({ token }) => ({ cookie: token, body }),
    response: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'a session of a disabled portal is refused',
    given: 'browserSessionOfDisabledPortal',
    request: ({ token }) => ({ authorization: `Bearer ${token}`, body }),
    response: { status: 403, error: 'unkey/authorization/forbidden' },
  },
  {
    name: 'a session of a disabled workspace is refused',
    given: 'browserSessionOfDisabledWorkspace',
    request: ({ token }) => ({ authorization: `Bearer ${token}`, body }),
    response: { status: 403, error: 'unkey/authorization/workspace_disabled' },
  },
  {
    name: 'a session of a portal with another host is refused',
    given: 'browserSessionOfOtherHost',
    request: ({ token }) => ({ authorization: `Bearer ${token}`, body }),
    response: { status: 403, error: 'unkey/authorization/wrong_host' },
  },
  {
    name: 'a cookie from a page of another origin is refused',
    given: 'browserSession',
    request: ({ token }) => ({
      cookie: token,
      headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
      body,
    }),
    response: { status: 403, error: 'unkey/authorization/foreign_origin' },
  },
  {
    name: 'a bearer token from a page of another origin is refused',
    given: 'browserSession',
    request: ({ token }) => ({
      authorization: `Bearer ${token}`,
      headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
      body,
    }),
    response: { status: 403, error: 'unkey/authorization/foreign_origin' },
  },
  {
    name: 'a page of another origin learns nothing about the cookie or the input',
    given: 'nothing',
    request: () => ({
      cookie: 'ps_unknownUnknownUnknownUnknownUnknown',
      headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
      body: { surprise: true },
    }),
    response: { status: 403, error: 'unkey/authorization/foreign_origin' },
    notOnMock: unsupportedByPrism,
  },
];

/** The cases of every operation on one API. */
export const apiCases = (found: string, given: Row['given'] = 'api'): Row[] => {
  const unknown = 'api_neverWas000000000000';
  const validRequest =
    (apiId: string) =>
    ({ rootKey }: Fixture): CaseRequest => ({ authorization: `Bearer ${rootKey}`, body: { apiId } });
  return [
    {
      name: found,
      given,
      request: (fixture) => validRequest(String(fixture.apiId))(fixture),
      response: { status: 200 },
      stateless: true,
    },
    {
      name: 'an unknown API is not found',
      given: 'portal',
      request: validRequest(unknown),
      response: { status: 404, error: 'unkey/data/api_not_found' },
    },
    {
      name: 'a malformed id is refused',
      given: 'portal',
      request: validRequest('payments'),
      response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.apiId'] },
      stateless: true,
    },
    ...rootKeyCases(() => ({ apiId: unknown })),
  ];
};

/** Names that no person could read, with the name of their case. */
const badNames: [what: string, name: string][] = [
  ['only white space', ' \u3000'],
  ['only invisible characters', '\u200b\u3164\u2800'],
  ['a line break', 'two\nlines'],
  ['a null character', 'a\u0000'],
  ['a line separator', 'a\u2028b'],
  ['an override of the direction of text', '\u202egnitset'],
  ['an isolate of the direction of text', 'a\u2067b'],
];

/**
 * The cases of a name that users read.
 *
 * @param request a valid request with this name
 * @param longest the maximum length of the name, in code points
 */
export const nameCases = (
  given: Row['given'],
  request: (name: string) => (fixture: Fixture) => CaseRequest,
  longest: number,
): Row[] => [
  ...badNames.map(
    ([what, name]): Row => ({
      name: `a name with ${what} is refused and named in the error`,
      given,
      request: request(name),
      response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.name'] },
    }),
  ),
  ...['😀', 'é'].map(
    (character): Row => ({
      name: `a name can have ${longest} times ${character}`,
      given,
      request: request(character.repeat(longest)),
      response: { status: 200 },
      stateless: true,
    }),
  ),
  {
    name: `a name of ${longest + 1} emoji is refused`,
    given,
    request: request('😀'.repeat(longest + 1)),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.name'] },
    stateless: true,
  },
];

/** A name as a person may type it, and as the server stores it. */
export const typedName = { sent: ' Cafe\u0301  bar\u00a0', stored: 'Caf\u00e9  bar' };

/** URLs that are none under RFC 3986, though browsers repair them. */
export const badUrls = [
  'http://localhost/o*\u000f\u00a9h',
  'https://a.example/a b',
  'https://b\u00fccher.example/',
  'https://a.example/%zz',
];

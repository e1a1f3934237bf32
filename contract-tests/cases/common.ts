import { randomUUID } from 'node:crypto';
import type { Case, CaseRequest, Facts } from '../engine/case.ts';

type Row = Omit<Case, 'operation'>;

const malformed = 'Prism does not respond to malformed JSON';
const unlike = 'Prism does not check this, and a forced example would prove nothing';

/** 100 kB are 102,400 bytes. */
const tooLarge = JSON.stringify({ padding: 'x'.repeat(102_400) });

/** The promise of every operation that needs a body. */
export const requiredBodyCase = (given: Row['given'], credentials: (facts: Facts) => CaseRequest): Row => ({
  name: 'a missing body is refused',
  given,
  request: credentials,
  answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
  stateless: true,
});

/** The promises about the body that every operation with one makes, whatever is in it. */
export const bodyCases = (given: Row['given'], credentials: (facts: Facts) => CaseRequest): Row[] => [
  {
    name: 'a body that is not well-formed JSON is refused',
    given,
    request: (facts) => ({ ...credentials(facts), rawBody: '{"slug":' }),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
    notOnMock: malformed,
  },
  {
    name: 'a body that is not an object is refused',
    given,
    request: (facts) => ({ ...credentials(facts), rawBody: '[]' }),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
    stateless: true,
  },
  {
    name: 'an unknown field is refused and named in the error',
    given,
    request: (facts) => ({ ...credentials(facts), body: { surprise: true } }),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.surprise'] },
    stateless: true,
  },
  {
    name: 'an unknown query parameter is refused and named in the error',
    given,
    request: (facts) => ({ ...credentials(facts), body: {}, query: '?surprise=1' }),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['query.surprise'] },
    notOnMock: unlike,
  },
  {
    name: 'a body over 100 kB is refused',
    given,
    request: (facts) => ({ ...credentials(facts), rawBody: tooLarge }),
    answer: { status: 413, error: 'user/bad_request/request_body_too_large' },
    notOnMock: unlike,
  },
  {
    name: 'a body that is declared as a form is refused',
    given,
    request: (facts) => ({
      ...credentials(facts),
      rawBody: 'slug=my-portal',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    }),
    answer: { status: 415, error: 'user/bad_request/unsupported_media_type' },
    notOnMock: unlike,
  },
];

/** The promises about failures that are nobody's doing. */
export const storeCases = (credentials: (facts: Facts) => CaseRequest): Row[] => [
  {
    name: 'damaged data returns an unexpected error without details',
    given: 'brokenStore',
    request: credentials,
    answer: { status: 500, error: 'unkey/application/unexpected_error' },
  },
  {
    name: 'an unreachable data store returns 503 at once with Retry-After',
    given: 'unreachableStore',
    request: credentials,
    answer: { status: 503, error: 'unkey/application/service_unavailable' },
  },
];

/** The promise about too many calls. */
export const limitCase = (credentials: (facts: Facts) => CaseRequest): Row => ({
  name: 'a call over the rate limit returns 429 with Retry-After',
  given: 'exhaustedCaller',
  request: credentials,
  answer: {
    status: 429,
    error: 'user/too_many_requests/rate_limited',
    headers: { 'retry-after': /^[1-9]\d?$/, 'ratelimit-remaining': /^0$/, 'ratelimit-reset': /^[1-9]\d?$/ },
  },
});

/** The promises of every operation that takes a root key, about who may call and what about. */
export const rootKeyCases = (body: (facts: Facts) => unknown): Row[] => {
  const asked = (facts: Facts): CaseRequest => ({ authorization: `Bearer ${facts.rootKey}`, body: body(facts) });
  return [
    {
      name: 'a request without a root key is refused',
      given: 'nothing',
      request: (facts) => ({ body: body(facts) }),
      answer: { status: 401, error: 'unkey/authentication/missing' },
      stateless: true,
    },
    {
      name: 'an unauthenticated caller gets no validation errors',
      given: 'nothing',
      request: () => ({ body: { surprise: true } }),
      answer: { status: 401, error: 'unkey/authentication/missing' },
      stateless: true,
    },
    {
      name: 'an Authorization scheme other than Bearer is malformed',
      given: 'nothing',
      request: (facts) => ({ ...asked(facts), authorization: 'Basic dXNlcjpwYXNz' }),
      answer: { status: 401, error: 'unkey/authentication/malformed' },
    },
    {
      name: 'an unknown root key is not found',
      given: 'nothing',
      request: (facts) => ({ ...asked(facts), authorization: 'Bearer rk_unknownUnknownUnknownUnknownUnknown' }),
      answer: { status: 401, error: 'unkey/authentication/key_not_found' },
    },
    {
      name: 'a browser session token is not a root key',
      given: 'browserSession',
      request: (facts) => ({ ...asked(facts), authorization: `Bearer ${facts.token}` }),
      answer: { status: 401, error: 'unkey/authentication/key_not_found' },
    },
    {
      name: 'a revoked root key is not found',
      given: 'revokedRootKey',
      request: asked,
      answer: { status: 401, error: 'unkey/authentication/key_not_found' },
    },
    {
      name: 'a root key that is revoked after a call is refused by the next one',
      given: 'servedThenRevokedRootKey',
      request: asked,
      answer: { status: 401, error: 'unkey/authentication/key_not_found' },
    },
    {
      name: 'a root key without the permission is refused',
      given: 'narrowRootKey',
      request: asked,
      answer: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
    },
    {
      name: 'a root key without the permission gets no validation errors',
      given: 'narrowRootKey',
      request: (facts) => ({ ...asked(facts), body: { surprise: true } }),
      answer: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
      notOnMock: unlike,
    },
    {
      name: 'a disabled workspace is refused',
      given: 'disabledWorkspace',
      request: asked,
      answer: { status: 403, error: 'unkey/authorization/workspace_disabled' },
    },
    {
      name: 'a root key of a missing workspace is refused',
      given: 'missingWorkspace',
      request: asked,
      answer: { status: 404, error: 'unkey/data/workspace_not_found' },
    },
    ...bodyCases('portal', ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` })),
    requiredBodyCase('portal', ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` })),
    limitCase(asked),
    ...storeCases(asked),
  ];
};

/** The promises of every operation that takes an Idempotency-Key; `body` is one in order, another each time. */
export const idempotencyCases = (body: (facts: Facts) => unknown): Row[] => {
  const asked = (facts: Facts, key: string): CaseRequest => ({
    authorization: `Bearer ${facts.rootKey}`,
    headers: { 'Idempotency-Key': key },
    body: body(facts),
  });
  return [
    {
      name: 'a new Idempotency-Key does not change the response',
      given: 'portal',
      request: (facts) => asked(facts, randomUUID()),
      answer: { status: 200 },
      stateless: true,
    },
    {
      name: 'an Idempotency-Key that was used with another body is refused',
      given: 'usedIdempotencyKey',
      request: (facts) => asked(facts, String(facts.idempotencyKey)),
      answer: { status: 422, error: 'user/idempotency/key_reused' },
      notOnMock: 'Prism returns a documented 422 for any invalid input, so its copy of the spec has no 422',
    },
    {
      name: 'an Idempotency-Key whose first request is in progress is refused',
      given: 'heldIdempotencyKey',
      request: (facts) => asked(facts, String(facts.idempotencyKey)),
      answer: { status: 409, error: 'user/idempotency/request_in_progress' },
    },
    {
      name: 'an Idempotency-Key of 256 characters is refused',
      given: 'portal',
      request: (facts) => asked(facts, 'x'.repeat(256)),
      answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['headers.idempotency-key'] },
      notOnMock: unlike,
    },
  ];
};

/** The promises of every list about its pages; `filter` is what the list needs beside them. */
export const pageCases = (given: Row['given'], filter: (facts: Facts) => object = () => ({})): Row[] => [
  {
    name: 'a page has the requested length and a cursor for the next page',
    given,
    request: (facts) => ({ authorization: `Bearer ${facts.rootKey}`, body: { ...filter(facts), limit: 1 } }),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a cursor returns the next page',
    given,
    request: (facts) => ({
      authorization: `Bearer ${facts.rootKey}`,
      body: { ...filter(facts), limit: 1, cursor: facts.cursor },
    }),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'an invalid cursor is refused',
    given,
    request: (facts) => ({
      authorization: `Bearer ${facts.rootKey}`,
      body: { ...filter(facts), cursor: 'Z2FyYmFnZQ.0123456789abcdef' },
    }),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.cursor'] },
  },
  ...[0, 101, 1.5].map((limit) => ({
    name: `a limit of ${limit} is refused`,
    given: 'portal' as const,
    request: ({ rootKey }: Facts) => ({ authorization: `Bearer ${rootKey}`, body: { limit } }),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.limit'] },
    stateless: true as const,
  })),
];

/** The promises about who may call, of every operation that takes a portal session. */
export const portalSessionCases = (body?: unknown): Row[] => [
  limitCase(({ token }) => ({ authorization: `Bearer ${token}`, body })),
  {
    name: 'a request without a portal session token is refused',
    given: 'nothing',
    request: () => ({ body }),
    answer: { status: 401, error: 'unkey/authentication/portal_token_missing' },
    stateless: true,
  },
  {
    name: 'a root key is not a portal session token',
    given: 'portal',
    request: ({ rootKey }) => ({ authorization: `Bearer ${rootKey}`, body }),
    answer: { status: 401, error: 'unkey/authentication/portal_token_missing' },
  },
  {
    name: 'an Authorization header with another scheme is not a portal session token',
    given: 'nothing',
    request: () => ({ authorization: 'Basic dXNlcjpwYXNz', body }),
    answer: { status: 401, error: 'unkey/authentication/portal_token_missing' },
    stateless: true,
  },
  {
    name: 'an unknown bearer token is not found',
    given: 'nothing',
    request: () => ({ authorization: 'Bearer ps_unknownUnknownUnknownUnknownUnknown', body }),
    answer: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'an unknown cookie is not found',
    given: 'nothing',
    request: () => ({ cookie: 'ps_unknownUnknownUnknownUnknownUnknown', body }),
    answer: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'a session id is not a browser session token',
    given: 'session',
    request: ({ sessionId }) => ({ authorization: `Bearer ${sessionId}`, body }),
    answer: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'the Authorization header takes precedence over the cookie',
    given: 'browserSession',
    request: ({ token }) => ({
      authorization: 'Bearer ps_unknownUnknownUnknownUnknownUnknown',
      cookie: token,
      body,
    }),
    answer: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'a root key in the Authorization header takes precedence over the cookie',
    given: 'browserSession',
    request: ({ token, rootKey }) => ({ authorization: `Bearer ${rootKey}`, cookie: token, body }),
    answer: { status: 401, error: 'unkey/authentication/portal_token_missing' },
  },
  {
    name: 'a logged-out session is not found',
    given: 'endedBrowserSession',
    request: ({ token }) => ({ authorization: `Bearer ${token}`, body }),
    answer: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'an expired session is not found',
    given: 'expiredBrowserSession',
    request: ({ token }) => ({ cookie: token, body }),
    answer: { status: 401, error: 'unkey/authentication/portal_session_not_found' },
  },
  {
    name: 'a session of a disabled portal is refused',
    given: 'browserSessionOfDisabledPortal',
    request: ({ token }) => ({ authorization: `Bearer ${token}`, body }),
    answer: { status: 403, error: 'unkey/authorization/forbidden' },
  },
  {
    name: 'a session of a disabled workspace is refused',
    given: 'browserSessionOfDisabledWorkspace',
    request: ({ token }) => ({ authorization: `Bearer ${token}`, body }),
    answer: { status: 403, error: 'unkey/authorization/workspace_disabled' },
  },
  {
    name: 'a cookie from a page of another origin is refused',
    given: 'browserSession',
    request: ({ token }) => ({
      cookie: token,
      headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
      body,
    }),
    answer: { status: 403, error: 'unkey/authorization/foreign_origin' },
  },
  {
    name: 'a page of another origin learns nothing about the cookie or the input',
    given: 'nothing',
    request: () => ({
      cookie: 'ps_unknownUnknownUnknownUnknownUnknown',
      headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
      body: { surprise: true },
    }),
    answer: { status: 403, error: 'unkey/authorization/foreign_origin' },
    notOnMock: unlike,
  },
];

/** The promises of every operation on one API. */
export const apiCases = (found: string): Row[] => {
  const unknown = 'api_neverWas000000000000';
  const asked =
    (apiId: string) =>
    ({ rootKey }: Facts): CaseRequest => ({ authorization: `Bearer ${rootKey}`, body: { apiId } });
  return [
    {
      name: found,
      given: 'api',
      request: (facts) => asked(String(facts.apiId))(facts),
      answer: { status: 200 },
      stateless: true,
    },
    {
      name: 'an unknown API is not found',
      given: 'portal',
      request: asked(unknown),
      answer: { status: 404, error: 'unkey/data/api_not_found' },
    },
    {
      name: 'a malformed id is refused',
      given: 'portal',
      request: asked('payments'),
      answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.apiId'] },
      stateless: true,
    },
    ...rootKeyCases(() => ({ apiId: unknown })),
  ];
};

import { casesOf } from '../engine/case.ts';
import { optionalBodyCallerCases, sessionRequest } from './keys-common.ts';

const unsupportedByPrism = 'Prism does not check this, and a forced example would prove nothing';

export default casesOf('portal.getOpenapiDocument', [
  {
    name: 'a user gets the document of the portal, marked as fresh',
    given: 'portalWithDocument',
    request: sessionRequest(() => ({})),
    response: { status: 200, data: { stale: false, document: { info: {} } } },
    stateless: true,
  },
  {
    name: 'a missing body equals an empty object',
    given: 'portalWithDocument',
    request: ({ token }) => ({ authorization: `Bearer ${token}` }),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a cookie gets the same response',
    given: 'portalWithDocument',
    request: ({ token }) => ({ cookie: token }),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a caller that has the document gets 304 without a body',
    given: 'portalWithDocument',
    request: ({ token }) => ({ authorization: `Bearer ${token}`, body: {}, headers: { 'If-None-Match': '*' } }),
    response: { status: 304 },
    notOnMock: unsupportedByPrism,
  },
  {
    name: 'a caller that has another document gets this one',
    given: 'portalWithDocument',
    request: ({ token }) => ({
      authorization: `Bearer ${token}`,
      body: {},
      headers: { 'If-None-Match': '"1", W/"2"' },
    }),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'an If-None-Match of 1,025 characters is refused',
    given: 'portalWithDocument',
    request: ({ token }) => ({
      authorization: `Bearer ${token}`,
      body: {},
      headers: { 'If-None-Match': `"${'x'.repeat(1023)}"` },
    }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['headers.if-none-match'] },
    notOnMock: unsupportedByPrism,
  },
  {
    name: 'a portal without a document returns not found',
    given: 'portalWithoutDocument',
    request: sessionRequest(() => ({})),
    response: { status: 404, error: 'unkey/data/openapi_document_not_found' },
  },
  {
    name: 'an unavailable document returns 502',
    given: 'portalWithUnavailableDocument',
    request: sessionRequest(() => ({})),
    response: { status: 502, error: 'unkey/data/openapi_document_unavailable' },
  },
  ...optionalBodyCallerCases({}),
]);

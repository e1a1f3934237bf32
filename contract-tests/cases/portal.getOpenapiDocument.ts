import { casesOf } from '../engine/case.ts';
import { optionalBodyCallerCases, sessionRequest } from './keys-common.ts';

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

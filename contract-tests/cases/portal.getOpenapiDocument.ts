import { casesOf } from '../engine/case.ts';
import { bySession, optionalBodyCallerCases } from './keys-common.ts';

export default casesOf('portal.getOpenapiDocument', [
  {
    name: 'a user gets the document of the portal, marked as fresh',
    given: 'documentedPortal',
    request: bySession(() => ({})),
    answer: { status: 200, data: { stale: false, document: { info: {} } } },
    stateless: true,
  },
  {
    name: 'a missing body equals an empty object',
    given: 'documentedPortal',
    request: ({ token }) => ({ authorization: `Bearer ${token}` }),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a cookie gets the same response',
    given: 'documentedPortal',
    request: ({ token }) => ({ cookie: token }),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a portal without a document returns not found',
    given: 'undocumentedPortal',
    request: bySession(() => ({})),
    answer: { status: 404, error: 'unkey/data/openapi_document_not_found' },
  },
  {
    name: 'an unavailable document returns 502',
    given: 'undocumentablePortal',
    request: bySession(() => ({})),
    answer: { status: 502, error: 'unkey/data/openapi_document_unavailable' },
  },
  ...optionalBodyCallerCases({}),
]);

import { casesOf } from '../engine/case.ts';
import { bySession, optionalBodyCallerCases } from './keys-common.ts';

export default casesOf('portal.getOpenapiDocument', [
  {
    name: 'a user sees the document of the portal, and that it is fresh',
    given: 'documentedPortal',
    request: bySession(() => ({})),
    answer: { status: 200, data: { stale: false, document: { info: {} } } },
    stateless: true,
  },
  {
    name: 'no body is as good as an empty object',
    given: 'documentedPortal',
    request: ({ token }) => ({ authorization: `Bearer ${token}` }),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a cookie sees the same',
    given: 'documentedPortal',
    request: ({ token }) => ({ cookie: token }),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a portal without a document has none to show',
    given: 'undocumentedPortal',
    request: bySession(() => ({})),
    answer: { status: 404, error: 'unkey/data/openapi_document_not_found' },
  },
  {
    name: 'a document that cannot be had is said to be so',
    given: 'undocumentablePortal',
    request: bySession(() => ({})),
    answer: { status: 502, error: 'unkey/data/openapi_document_unavailable' },
  },
  ...optionalBodyCallerCases({}),
]);

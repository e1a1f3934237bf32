import { type CaseRequest, casesOf, type Fixture } from '../engine/case.ts';
import { bodyCases, portalSessionCases, storeCases } from './common.ts';

const validRequest = ({ token }: Fixture): CaseRequest => ({ authorization: `Bearer ${token}` });

export default casesOf('portal.getSession', [
  {
    name: 'a bearer token returns the signed-in user',
    given: 'browserSession',
    request: validRequest,
    response: {
      status: 200,
      data: {
        externalId: 'user_123',
        permissions: ['api.*.read_key', 'api.*.read_analytics'],
        tabs: ['keys', 'analytics', 'docs'],
        preview: false,
        portal: { branding: {} },
      },
    },
    stateless: true,
  },
  {
    name: 'a cookie returns the same user',
    given: 'browserSession',
    request: ({ token }) => ({ cookie: token }),
    response: { status: 200, data: { externalId: 'user_123' } },
    stateless: true,
  },
  {
    name: 'an empty object equals a missing body',
    given: 'browserSession',
    request: (fixture) => ({ ...validRequest(fixture), body: {} }),
    response: { status: 200, data: { externalId: 'user_123' } },
    stateless: true,
  },
  {
    name: 'a preview session is marked as a preview',
    given: 'previewBrowserSession',
    request: validRequest,
    response: { status: 200, data: { preview: true } },
    stateless: true,
  },
  ...portalSessionCases(),
  ...bodyCases('browserSession', validRequest),
  ...storeCases(validRequest),
]);

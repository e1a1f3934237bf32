import { type CaseRequest, casesOf, type Facts } from '../engine/case.ts';
import { bodyCases, portalSessionCases, storeCases } from './common.ts';

const asked = ({ token }: Facts): CaseRequest => ({ authorization: `Bearer ${token}` });

export default casesOf('portal.getSession', [
  {
    name: 'a bearer token returns the signed-in user',
    given: 'browserSession',
    request: asked,
    answer: {
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
    answer: { status: 200, data: { externalId: 'user_123' } },
    stateless: true,
  },
  {
    name: 'an empty object equals a missing body',
    given: 'browserSession',
    request: (facts) => ({ ...asked(facts), body: {} }),
    answer: { status: 200, data: { externalId: 'user_123' } },
    stateless: true,
  },
  {
    name: 'a preview session is marked as a preview',
    given: 'previewBrowserSession',
    request: asked,
    answer: { status: 200, data: { preview: true } },
    stateless: true,
  },
  ...portalSessionCases(),
  ...bodyCases('browserSession', asked),
  ...storeCases(asked),
]);

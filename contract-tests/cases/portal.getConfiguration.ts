import { casesOf, type Fixture } from '../engine/case.ts';
import { rootKeyCases } from './common.ts';

const validRequest =
  (portal: string) =>
  ({ rootKey }: Fixture) => ({ authorization: `Bearer ${rootKey}`, body: { portal } });

export default casesOf('portal.getConfiguration', [
  {
    name: 'a portal is found by its slug',
    given: 'portal',
    request: (fixture) => validRequest(fixture.slug || 'my-portal')(fixture),
    response: { status: 200, data: { enabled: true } },
    stateless: true,
  },
  {
    name: 'a portal is found by its id',
    given: 'freshPortal',
    request: (fixture) => validRequest(String(fixture.portalId))(fixture),
    response: { status: 200, data: { name: 'Acme' } },
    stateless: true,
  },
  ...['no-such-portal', 'portal_neverWas00000000'].map((portal) => ({
    name: `${portal} is not found`,
    given: 'portal' as const,
    request: validRequest(portal),
    response: { status: 404, error: 'unkey/data/portal_config_not_found' },
  })),
  {
    name: 'a value that is neither an id nor a slug is refused',
    given: 'portal',
    request: validRequest('My Portal'),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.portal'] },
    stateless: true,
  },
  ...rootKeyCases(() => ({ portal: 'my-portal' })),
]);

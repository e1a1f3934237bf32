import { casesOf, type Fixture } from '../engine/case.ts';
import { rootKeyCases } from './common.ts';

const validRequest =
  (portal: string) =>
  ({ rootKey }: Fixture) => ({ authorization: `Bearer ${rootKey}`, body: { portal } });

export default casesOf('portal.deleteConfiguration', [
  {
    name: 'a portal is deleted by its slug',
    given: 'freshPortal',
    request: (fixture) => validRequest(fixture.slug || 'my-portal')(fixture),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a portal is deleted by its id',
    given: 'freshPortal',
    request: (fixture) => validRequest(String(fixture.portalId))(fixture),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'an unknown portal is not found',
    given: 'portal',
    request: validRequest('no-such-portal'),
    response: { status: 404, error: 'unkey/data/portal_config_not_found' },
  },
  ...rootKeyCases(() => ({ portal: 'my-portal' })),
]);

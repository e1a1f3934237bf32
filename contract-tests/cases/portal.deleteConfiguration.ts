import { casesOf, type Facts } from '../engine/case.ts';
import { rootKeyCases } from './common.ts';

const asked =
  (portal: string) =>
  ({ rootKey }: Facts) => ({ authorization: `Bearer ${rootKey}`, body: { portal } });

export default casesOf('portal.deleteConfiguration', [
  {
    name: 'a portal is deleted by its slug',
    given: 'freshPortal',
    request: (facts) => asked(facts.slug || 'my-portal')(facts),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a portal is deleted by its id',
    given: 'freshPortal',
    request: (facts) => asked(String(facts.portalId))(facts),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'an unknown portal is not found',
    given: 'portal',
    request: asked('no-such-portal'),
    answer: { status: 404, error: 'unkey/data/portal_config_not_found' },
  },
  ...rootKeyCases(() => ({ portal: 'my-portal' })),
]);

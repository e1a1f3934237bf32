import { casesOf, type Facts } from '../engine/case.ts';
import { rootKeyCases } from './common.ts';

const asked =
  (portal: string) =>
  ({ rootKey }: Facts) => ({ authorization: `Bearer ${rootKey}`, body: { portal } });

export default casesOf('portal.getConfiguration', [
  {
    name: 'a portal is found by its slug',
    given: 'portal',
    request: (facts) => asked(facts.slug || 'my-portal')(facts),
    answer: { status: 200, data: { enabled: true } },
    stateless: true,
  },
  {
    name: 'a portal is found by its id',
    given: 'freshPortal',
    request: (facts) => asked(String(facts.portalId))(facts),
    answer: { status: 200, data: { name: 'Acme' } },
    stateless: true,
  },
  ...['no-such-portal', 'portal_neverWas00000000'].map((portal) => ({
    name: `${portal} is not found`,
    given: 'portal' as const,
    request: asked(portal),
    answer: { status: 404, error: 'unkey/data/portal_config_not_found' },
  })),
  {
    name: 'a value that is neither an id nor a slug is refused',
    given: 'portal',
    request: asked('My Portal'),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.portal'] },
    stateless: true,
  },
  ...rootKeyCases(() => ({ portal: 'my-portal' })),
]);

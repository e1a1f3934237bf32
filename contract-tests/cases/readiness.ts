import { casesOf } from '../engine/case.ts';

export default casesOf('readiness', [
  {
    name: 'a working server is ready',
    given: 'nothing',
    request: () => ({}),
    response: { status: 200, data: { status: 'ready' } },
    stateless: true,
  },
  {
    name: 'a server that cannot reach its data store is not ready',
    given: 'unreachableStore',
    request: () => ({}),
    response: { status: 503, error: 'unkey/application/service_unavailable' },
  },
]);

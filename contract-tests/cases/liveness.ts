import { casesOf } from '../engine/case.ts';

export default casesOf('liveness', [
  {
    name: 'a running process is alive',
    given: 'nothing',
    request: () => ({}),
    response: { status: 200, data: { status: 'alive' } },
    stateless: true,
  },
  {
    name: 'a process that cannot reach its data store is still alive',
    given: 'unreachableStore',
    request: () => ({}),
    response: { status: 200, data: { status: 'alive' } },
    stateless: true,
  },
]);

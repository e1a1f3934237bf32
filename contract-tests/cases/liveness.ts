import { casesOf } from '../engine/case.ts';

export default casesOf('liveness', [
  {
    name: 'a process that runs is alive',
    given: 'nothing',
    request: () => ({}),
    answer: { status: 200, data: { status: 'alive' } },
    stateless: true,
  },
  {
    name: 'a process that cannot reach its data store is alive all the same',
    given: 'unreachableStore',
    request: () => ({}),
    answer: { status: 200, data: { status: 'alive' } },
    stateless: true,
  },
]);

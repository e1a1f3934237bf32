import type { Operation } from './operation.ts';

export const readiness: Operation<'readiness'> = async (_call, { store }) => {
  await store.ping();
  return { data: { status: 'ready' } };
};

import type { Operation } from './operation.ts';

export const readiness: Operation<'readiness'> = async (_call, { readiness: state }) => {
  await state.check();
  return { data: { status: 'ready' } };
};

import type { Operation } from './operation.ts';

export const liveness: Operation<'liveness'> = () => ({ data: { status: 'alive' } });

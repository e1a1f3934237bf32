import type { Tab } from '../../../generated/client/types.gen.ts';

/** The path of each tab. The server serves the same paths. */
export const pathOfTab: Record<Tab, string> = { keys: '/keys', analytics: '/analytics', docs: '/documentation' };

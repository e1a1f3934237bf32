import type { Tab } from '../../../generated/client/types.gen.ts';

/** Where each tab is. The server serves the same paths. */
export const pathOfTab: Record<Tab, string> = { keys: '/keys', analytics: '/analytics', docs: '/documentation' };

import type { PortalSession } from '../../../generated/client/types.gen.ts';
import type { Known } from '../../../generated/known-values.ts';

/** A tab that this portal can show. */
export type Tab = Exclude<Known<'Tab'>, 'account'>;

/** The path of each tab. The server serves the same paths. */
export const pathOfTab: Record<Tab, string> = { keys: '/keys', analytics: '/analytics', docs: '/documentation' };

/** The tabs of the session that this portal can show, in the order of the session. A newer server may have more. */
export const tabsOf = ({ tabs }: PortalSession): Tab[] =>
  tabs.filter((tab): tab is Tab => Object.hasOwn(pathOfTab, tab));

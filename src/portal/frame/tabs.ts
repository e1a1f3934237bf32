import type { PortalSession } from '../../../generated/client/types.gen.ts';
import { type Known, knownValues } from '../../../generated/known-values.ts';

/** A tab that this portal can show. */
export type Tab = Known<'Tab'>;

/** The path of each tab. The server serves the same paths. */
export const pathOfTab: Record<Tab, string> = {
  ...{ keys: '/keys', analytics: '/analytics', docs: '/documentation', account: '/account' },
};

/** The tabs of the session that this portal can show, in the order of the session. A newer server may have more. */
export const tabsOf = ({ tabs }: PortalSession): Tab[] =>
  tabs.flatMap((tab) => knownValues.Tab.find((known) => known === tab) ?? []);

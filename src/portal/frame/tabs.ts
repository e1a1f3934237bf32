import type { PortalSession, SessionPortal } from '../../../generated/client/types.gen.ts';
import { type Known, knownValues } from '../../../generated/known-values.ts';

/** A tab that this portal can show. */
export type Tab = Known<'Tab'>;

/** The path of each tab. The server serves the same paths. */
export const pathOfTab: Record<Tab, string> = {
  ...{ keys: '/keys', analytics: '/analytics', docs: '/documentation', account: '/account' },
};

/** The label that the portal gives a tab, if it gives it one. */
export const labelOf = ({ branding }: SessionPortal, tab: Tab): string | undefined =>
  branding.tabs?.find((each) => each.tab === tab)?.label;

/** The tabs of the session that this portal can show, in the order of the session. A newer server may have more. */
export const tabsOf = ({ tabs }: PortalSession): Tab[] =>
  tabs.flatMap((tab) => knownValues.Tab.find((known) => known === tab) ?? []);

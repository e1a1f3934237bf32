import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import type { PortalSession } from '../../../generated/client/types.gen.ts';
import { Icon } from '../parts/icon.tsx';
import { iconOfTab } from '../parts/icon-shapes.ts';
import { TabLink } from './tab-link.tsx';
import { labelOf, pathOfTab, tabsOf } from './tabs.ts';

/** The tabs. On a phone they are icons, and only the current one has its name beside it. */
export function TabsNav({ session, current }: { session: PortalSession; current: string }) {
  const t = useTranslations('frame');
  const nav = useRef<HTMLElement>(null);
  // On a phone the tabs can scroll. The current one must be visible. New browsers return a promise, which an effect must not.
  useEffect(() => {
    nav.current?.querySelector(`[href="${current}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  return (
    <nav ref={nav} className="tabs" aria-label={t('navigation')}>
      {tabsOf(session).map((tab) => (
        <TabLink key={tab} tab={tab} {...(pathOfTab[tab] === current && { 'aria-current': 'page' as const })}>
          <Icon name={iconOfTab[tab]} />
          <span dir="auto">{labelOf(session.portal, tab) ?? t(`tabs.${tab}`)}</span>
        </TabLink>
      ))}
    </nav>
  );
}

import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { usesBearerToken } from '../embedding/frame-parent.ts';
import { pathOfTab, type Tab } from './tabs.ts';

/**
 * A link to a tab. The page of the documentation has its own policy: it can call the customer's API, and few operations of the
 * portal. So a link to it, or away from it, loads the page again.
 */
export function TabLink({ tab, children, ...attributes }: { tab: Tab; children: ReactNode; 'aria-current'?: 'page' }) {
  const [location] = useLocation();
  const href = pathOfTab[tab];
  const changesPolicy = [href, location].includes(pathOfTab.docs) && !usesBearerToken;
  return changesPolicy ? (
    <a href={href} {...attributes}>
      {children}
    </a>
  ) : (
    <Link href={href} {...attributes}>
      {children}
    </Link>
  );
}

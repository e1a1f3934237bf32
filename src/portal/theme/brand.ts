import type { SessionPortal } from '../../../generated/client/types.gen.ts';
import { type Accent, accentOf } from './colors.ts';

const names: Record<keyof Accent, string> = {
  fill: 'fill',
  onFill: 'on-fill',
  text: 'accent-text',
  line: 'accent-line',
};

/**
 * Puts the portal's colours on the page, for both schemes; theme.css takes those of the scheme that the system is in.
 * Set one by one on the element: a style attribute would be refused by the content security policy.
 */
export function wearBrand({ branding }: SessionPortal): void {
  for (const scheme of ['light', 'dark'] as const) {
    for (const [role, color] of Object.entries(accentOf(branding.primaryColor, scheme))) {
      document.documentElement.style.setProperty(`--${scheme}-${names[role as keyof Accent]}`, color);
    }
  }
}

/** What the portal is called where it has no name of its own. */
export const nameOf = ({ name, slug }: SessionPortal): string => name ?? slug;

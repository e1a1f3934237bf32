import type { SessionPortal } from '../../../generated/client/types.gen.ts';
import { type Accent, accentOf } from './colors.ts';

const names: Record<keyof Accent, string> = {
  fill: 'fill',
  onFill: 'on-fill',
  text: 'accent-text',
  line: 'accent-line',
};

/**
 * Sets the portal's colours on the page, for both colour schemes. theme.css selects those of the system's scheme.
 * Sets each property on the element, because the content security policy refuses a style attribute.
 */
export function applyBrand({ branding }: SessionPortal): void {
  for (const scheme of ['light', 'dark'] as const) {
    for (const [role, color] of Object.entries(accentOf(branding.primaryColor, scheme))) {
      document.documentElement.style.setProperty(`--${scheme}-${names[role as keyof Accent]}`, color);
    }
  }
}

/** Returns the portal's name, or a default. */
export const nameOf = ({ name, slug }: SessionPortal): string => name ?? slug;

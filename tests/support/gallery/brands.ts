/** Two brands that have nothing in common, for the pictures of the documentation. */
import type { Branding, SessionPortal } from '../../../generated/client/types.gen.ts';
import { session } from './data.ts';
import type { Scene } from './scenes.ts';

/** A drawing as the URL of an image. */
const image = (drawing: string) =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="28" height="28">${drawing}</svg>`)}`;

/** Warm, square and dense, with the tabs beside the brand. */
const ember: Branding = {
  primaryColor: '#c2410c',
  primaryColorDark: '#fb923c',
  neutral: 'stone',
  radius: 'none',
  density: 'compact',
  header: 'compact',
  showPoweredBy: false,
  logoUrl: image('<path fill="#c2410c" d="M2 2h20v20H2z"/><path fill="#fff" d="M12 5l5 9a5 5 0 1 1-10 0z"/>'),
  tabs: [{ tab: 'docs', label: 'Reference' }, { tab: 'keys' }, { tab: 'analytics', label: 'Traffic' }],
  links: [{ label: 'Terms', url: 'https://ember.example/terms' }],
  variables: [
    { name: '--portico-ground', light: '#fffaf0', dark: '#14110c' },
    { name: '--portico-chart', light: '#9a3412', dark: '#fdba74' },
  ],
};

/** Cool, round and spacious. */
const lagoon: Branding = {
  primaryColor: '#0e7490',
  primaryColorDark: '#22d3ee',
  neutral: 'slate',
  radius: 'large',
  showPoweredBy: false,
  logoUrl: image(
    '<circle cx="12" cy="12" r="11" fill="#0891b2"/><path fill="none" stroke="#fff" stroke-width="2.5" d="M3 13q3-5 6 0t6 0 6 0"/>',
  ),
  tabs: [{ tab: 'keys', label: 'Access' }, { tab: 'analytics' }, { tab: 'docs' }, { tab: 'account' }],
  links: [
    { label: 'Status', url: 'https://lagoon.example/status' },
    { label: 'Privacy', url: 'https://lagoon.example/privacy' },
  ],
  variables: [
    { name: '--portico-content-width', value: '920px' },
    { name: '--portico-chart', light: '#0e7490', dark: '#67e8f9' },
  ],
};

const portalOf = (slug: string, name: string, branding: Branding): SessionPortal => ({
  ...{ slug, name, branding, supportUrl: `https://help.${slug}.example/` },
});

/** The portals of the two brands. */
export const brands = { ember: portalOf('ember', 'Ember', ember), lagoon: portalOf('lagoon', 'Lagoon', lagoon) };

/** The same state in a portal of another brand. */
export function branded(scene: Scene, portal: SessionPortal): Scene {
  const tabs = portal.branding.tabs?.map(({ tab }) => tab) ?? session.tabs;
  return {
    ...scene,
    portal,
    answers: { ...scene.answers, 'portal.getSession': () => ({ data: { ...session, tabs, portal } }) },
  };
}

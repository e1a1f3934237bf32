import type { Portal } from '../../generated/client/sdk.gen.ts';
import type { PortalSession, Tab } from '../../generated/client/types.gen.ts';
import { button, element, showMessage } from './dom.ts';

const tabs: Record<Tab, { path: string; label: string }> = {
  keys: { path: '/keys', label: 'API Keys' },
  analytics: { path: '/analytics', label: 'Analytics' },
  docs: { path: '/documentation', label: 'Documentation' },
};

/** Black or white, whichever stands out better on the colour (WCAG 2 relative luminance). */
function foregroundOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? '#ffffff' : '#000000';
}

async function logOut(place: HTMLElement, portal: Portal): Promise<void> {
  const { response } = await portal.endSession();
  // A session that has ended otherwise is as good as logged out.
  if (response?.ok || response?.status === 401) location.assign('/signed-out');
  else {
    const again = button('Try again', () => void logOut(place, portal));
    showMessage(place, 'You are still signed in', 'Logging out did not reach the server.', again);
  }
}

function draw(place: HTMLElement, portal: Portal, session: PortalSession): void {
  const { primaryColor, logoUrl } = session.portal.branding;
  const name = session.portal.name ?? session.portal.slug;
  document.documentElement.style.setProperty('--primary', primaryColor);
  document.documentElement.style.setProperty('--on-primary', foregroundOn(primaryColor));

  const current = session.tabs.find((tab) => tabs[tab].path === location.pathname) ?? 'docs';
  document.title = `${tabs[current].label} · ${name}`;
  const banner = element(
    'p',
    { class: 'preview', role: 'status' },
    `Preview mode: you see what ${session.externalId} sees.`,
  );
  const header = element(
    'header',
    {},
    ...(logoUrl === undefined ? [] : [element('img', { src: logoUrl, alt: '' })]),
    element('span', { class: 'brand' }, name),
    element('span', {}, session.externalId),
    button('Log out', () => void logOut(place, portal)),
  );
  const links = session.tabs.map((tab) =>
    element('a', { href: tabs[tab].path, ...(tab === current && { 'aria-current': 'page' }) }, tabs[tab].label),
  );
  const main = element('main', {}, element('h1', {}, tabs[current].label));
  place.replaceChildren(
    ...(session.preview ? [banner] : []),
    header,
    element('nav', { 'aria-label': 'Portal' }, ...links),
    main,
  );
}

/** Draws the frame of the tab at this address: who is signed in, the visible tabs, the preview banner, log out. */
export async function showFrame(place: HTMLElement, portal: Portal): Promise<void> {
  const { data, response } = await portal.getSession();
  if (data !== undefined) draw(place, portal, data.data);
  // The server knows where to send someone whose session has ended, so ask it for this page again.
  else if (response?.status === 401 || response?.status === 403) location.reload();
  else {
    const again = button('Try again', () => void showFrame(place, portal));
    showMessage(place, 'The portal cannot be reached right now', 'You are still signed in.', again);
  }
}

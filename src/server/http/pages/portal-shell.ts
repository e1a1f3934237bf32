/**
 * What a browser shows until the app is loaded: the brand, the header and rows without content, where the app draws them. The markup is that
 * of the app's components, without links and names for screen readers.
 */
import type { SessionPortal } from '../../../../generated/client/types.gen.ts';
import type { Known } from '../../../../generated/known-values.ts';
import { escapeHtml } from './html-text.ts';

type Tab = Known<'Tab'>;

/** The texts of the shell in a language. In `back` and `logo`, `{name}` is the name of the portal. */
export interface ShellTexts {
  tabs: Record<Tab, string>;
  headings: Record<Tab, { title: string; intro?: string }>;
  back: string;
  help: string;
  logo: string;
  loading: string;
}

/** The shapes of the icons. */
export type ShellIcons = Record<Tab | 'back', string>;

/** What is in the shell. */
export interface ShellContent {
  tab: Tab;
  /** The tabs that the user sees. */
  tabs: readonly Tab[];
  isPreview: boolean;
}

/** How many rows there are. The app has as many while it loads, in parts/loading.tsx. */
const rowCount = 7;

/** The name of a portal, as the app shows it. */
const nameOfPortal = ({ name, slug }: SessionPortal): string => name ?? slug;

/** A text with the name of the portal, as HTML. */
export const withName = (text: string, portal: SessionPortal): string =>
  escapeHtml(text.replaceAll('{name}', () => nameOfPortal(portal)));

/** The logo and the name of a portal. */
export function brandOf(portal: SessionPortal, logo: string): string {
  const { logoUrl, logoDarkUrl, logoShowsName } = portal.branding;
  const image = (url: string, more = '') => `<img${more} src="${escapeHtml(url)}" alt="${withName(logo, portal)}">`;
  const name = `<span class="brand-name" dir="auto">${escapeHtml(nameOfPortal(portal))}</span>`;
  if (logoUrl === undefined) return `<div class="brand">${name}</div>`;
  const images =
    logoDarkUrl === undefined
      ? image(logoUrl)
      : image(logoUrl, ' class="light-only" loading="lazy"') + image(logoDarkUrl, ' class="dark-only" loading="lazy"');
  return `<div class="brand">${images}${logoShowsName ? '' : name}</div>`;
}

const iconOf = (shape: string, name = 'icon') =>
  `<svg class="${name}" viewBox="0 0 24 24" aria-hidden="true"><path d="${shape}"/></svg>`;

/** The label that the portal gives a tab, if it gives it one. */
const labelOf = ({ branding }: SessionPortal, tab: Tab) => branding.tabs?.find((each) => each.tab === tab)?.label;

/** Writes the shell of a tab. */
export function shellOf(
  { tab, tabs, isPreview }: ShellContent,
  portal: SessionPortal,
  texts: ShellTexts,
  icons: ShellIcons,
): string {
  const { title, intro } = texts.headings[tab];
  const back =
    portal.returnUrl === undefined
      ? ''
      : `<span class="header-link back">${iconOf(icons.back, 'icon mirrors')}<span>${withName(texts.back, portal)}</span></span>`;
  const help = portal.supportUrl === undefined ? '' : `<span class="header-link help">${escapeHtml(texts.help)}</span>`;
  const items = tabs.map((each) => {
    const current = each === tab ? ' aria-current="page"' : '';
    return `<span${current}>${iconOf(icons[each])}<span>${escapeHtml(labelOf(portal, each) ?? texts.tabs[each])}</span></span>`;
  });
  const bar = tab === 'keys' || tab === 'analytics' ? '<div class="skeleton-bar"></div>' : '';
  return `<p class="visually-hidden" role="status">${escapeHtml(texts.loading)}</p>
<div class="shell" aria-hidden="true">${isPreview ? '<div class="preview">&nbsp;</div>' : ''}
<div class="header">${brandOf(portal, texts.logo)}<div class="header-end">${back}${help}<div class="skeleton-account"></div></div>
<div class="tabs">${items.join('')}</div></div>
<div class="content" data-tab="${tab}"><div><div class="heading">${escapeHtml(title)}</div>${
    intro === undefined ? '' : `<p class="muted">${escapeHtml(intro)}</p>`
  }</div>${bar}<div class="skeleton-rows">${'<div></div>'.repeat(rowCount)}</div></div></div>`;
}

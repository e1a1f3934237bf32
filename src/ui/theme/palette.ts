/** The colours of the portal. theme.css has the same ones, for pages of an unknown portal. */

/** A colour scheme. */
export type Scheme = 'light' | 'dark';

/** A colour in both schemes, each as `#rrggbb`. */
type Pair = Record<Scheme, string>;

const pair = (light: string, dark: string): Pair => ({ light, dark });

/** The colours by the name of their property in theme.css, without `--`. */
export const palette = {
  ground: pair('#ffffff', '#0b0b0d'),
  subtle: pair('#fafafa', '#121214'),
  raised: pair('#f4f4f5', '#1c1c1f'),
  text: pair('#18181b', '#f4f4f5'),
  muted: pair('#52525b', '#a1a1aa'),
  line: pair('#e4e4e7', '#2e2e33'),
  'control-line': pair('#71717a', '#8b8b94'),
  good: pair('#166534', '#86efac'),
  'good-ground': pair('#f0fdf4', '#0d2416'),
  warning: pair('#854d0e', '#fcd34d'),
  'warning-ground': pair('#fffbeb', '#2a1f06'),
  bad: pair('#b91c1c', '#fca5a5'),
  'bad-ground': pair('#fef2f2', '#2c1214'),
  bar: pair('#4f6ef7', '#7b93ff'),
  banner: pair('#fef3c7', '#451a03'),
  'on-banner': pair('#78350f', '#fde68a'),
  'outcome-valid': pair('#4f6ef7', '#7b93ff'),
  'outcome-rate-limited': pair('#b45309', '#fbbf24'),
  'outcome-disabled': pair('#6b7280', '#9ca3af'),
  'outcome-expired': pair('#7e22ce', '#c084fc'),
  'outcome-usage-exceeded': pair('#be123c', '#fb7185'),
  'outcome-insufficient-permissions': pair('#0f766e', '#2dd4bf'),
  'outcome-forbidden': pair('#18181b', '#f4f4f5'),
} satisfies Record<string, Pair>;

/** The name of a colour. */
export type Role = keyof typeof palette;

/** The backgrounds of text and controls. */
export const groundRoles = ['ground', 'subtle', 'raised'] as const satisfies Role[];

/** The backgrounds of a scheme, if a portal does not change them. */
export const groundsOf = (scheme: Scheme): string[] => groundRoles.map((role) => palette[role][scheme]);

import {
  clampChroma,
  formatHex,
  modeLrgb,
  modeOklab,
  modeOklch,
  modeRgb,
  modeXyz65,
  useMode as registerMode,
  wcagContrast,
} from 'culori/fn';

for (const mode of [modeRgb, modeLrgb, modeOklab, modeXyz65]) registerMode(mode);
const toOklch = registerMode(modeOklch);

/** The contrast that WCAG 2.2 AA requires for text, and for the parts that identify a control. */
export const textContrast = 4.5;
export const controlContrast = 3;

/** The darkest and lightest backgrounds of each scheme. theme.css uses the same ones. */
export const backgrounds = {
  light: ['#ffffff', '#f4f4f5'],
  dark: ['#0b0b0d', '#1c1c1f'],
} as const;

/** The colours that are derived from the operator's colour, for one scheme. */
export interface Accent {
  /** The colour itself, as the background of buttons. */
  fill: string;
  /** Text on `fill`: black or white, the one with the better contrast. One of them always reaches 4.58 : 1. */
  onFill: string;
  /** The colour as text: at least 4.5 : 1 on every background of the scheme. */
  text: string;
  /** The colour as a line, a focus ring or an outline: at least 3 : 1 on every background of the scheme. */
  line: string;
}

const contrast = (a: string, b: string) => wcagContrast(a, b);

/**
 * Changes the lightness of the colour as little as the contrast on all backgrounds requires. The hue stays the same, and
 * the chroma as far as screens can display it.
 */
function withContrast(color: string, on: readonly string[], ratio: number): string {
  const fits = (candidate: string) => on.every((background) => contrast(candidate, background) >= ratio);
  if (fits(color)) return color;
  const { l, c = 0, h } = toOklch(color) ?? { l: 0 };
  const at = (lightness: number) =>
    formatHex(clampChroma({ mode: 'oklch', l: lightness, c, ...(h !== undefined && { h }) }, 'oklch')) ?? '#000000';
  // Towards black on light backgrounds, towards white on dark ones: black or white always has enough contrast.
  const end = contrast('#000000', on[0] ?? '#ffffff') > contrast('#ffffff', on[0] ?? '#ffffff') ? 0 : 1;
  let [near, far] = [l, end];
  for (let step = 0; step < 20; step++) {
    const middle = (near + far) / 2;
    if (fits(at(middle))) far = middle;
    else near = middle;
  }
  return at(far);
}

/**
 * Derives readable colours from any colour of the operator.
 *
 * @param primary `#rrggbb`
 */
export function accentOf(primary: string, scheme: keyof typeof backgrounds): Accent {
  const fill = primary.toLowerCase();
  return {
    fill,
    onFill: contrast('#ffffff', fill) >= contrast('#000000', fill) ? '#ffffff' : '#000000',
    text: withContrast(fill, backgrounds[scheme], textContrast),
    line: withContrast(fill, backgrounds[scheme], controlContrast),
  };
}

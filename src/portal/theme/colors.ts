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

/** The contrast that WCAG 2.2 AA asks of text, and of what makes a control recognizable. */
export const textContrast = 4.5;
export const controlContrast = 3;

/** The grounds that things stand on, darkest and lightest of each scheme. theme.css names the same ones. */
export const grounds = {
  light: ['#ffffff', '#f3f4f6'],
  dark: ['#0b0f19', '#1f2937'],
} as const;

/** The colours that follow from the operator's one, for one scheme. */
export interface Accent {
  /** The colour itself, as the ground of buttons. */
  fill: string;
  /** Text on `fill`: black or white, whichever stands out better. One of them always reaches 4.58 : 1. */
  onFill: string;
  /** The colour as text: at least 4.5 : 1 on every ground of the scheme. */
  text: string;
  /** The colour as a line, a focus ring or an outline: at least 3 : 1 on every ground of the scheme. */
  line: string;
}

const contrast = (a: string, b: string) => wcagContrast(a, b);

/**
 * The colour, moved in lightness no further than it takes to stand out on all grounds; hue stays, and chroma as far as
 * screens can show it.
 */
function standingOut(color: string, on: readonly string[], ratio: number): string {
  const fits = (candidate: string) => on.every((ground) => contrast(candidate, ground) >= ratio);
  if (fits(color)) return color;
  const { l, c = 0, h } = toOklch(color) ?? { l: 0 };
  const at = (lightness: number) =>
    formatHex(clampChroma({ mode: 'oklch', l: lightness, c, ...(h !== undefined && { h }) }, 'oklch')) ?? '#000000';
  // Towards black on light grounds, towards white on dark ones: the end of the way always fits.
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
 * Whatever colour the operator has set, colours that can be read with it.
 *
 * @param primary `#rrggbb`
 */
export function accentOf(primary: string, scheme: keyof typeof grounds): Accent {
  const fill = primary.toLowerCase();
  return {
    fill,
    onFill: contrast('#ffffff', fill) >= contrast('#000000', fill) ? '#ffffff' : '#000000',
    text: standingOut(fill, grounds[scheme], textContrast),
    line: standingOut(fill, grounds[scheme], controlContrast),
  };
}

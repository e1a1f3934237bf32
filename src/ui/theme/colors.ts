import { contrast, toHex, toOklch } from './oklch.ts';

/** The contrast that WCAG 2.2 AA requires for text, and for the parts that identify a control. */
export const textContrast = 4.5;
export const controlContrast = 3;

/** The colours that are derived from the operator's colour, for one scheme. */
export interface Accent {
  /** The colour itself, as the background of buttons. */
  fill: string;
  /** Text on `fill`: black or white, the one with the better contrast. One of them always reaches 4.58 : 1. */
  'on-fill': string;
  /** The colour as text: at least 4.5 : 1 on every background. */
  'accent-text': string;
  /** The colour as a line, a focus ring or an outline: at least 3 : 1 on every background. */
  'accent-line': string;
}

/**
 * Changes the lightness of a colour as little as its contrast on all backgrounds requires. The hue stays the same, and the chroma
 * as far as screens can display it.
 *
 * @param color `#rrggbb`
 * @param on backgrounds that are all light or all dark
 * @param ratio at most the contrast that black or white has on all of them
 */
export function withContrast(color: string, on: readonly string[], ratio: number): string {
  const fits = (candidate: string) => on.every((background) => contrast(candidate, background) >= ratio);
  if (fits(color)) return color;
  const { l, c, h } = toOklch(color);
  const at = (lightness: number) => toHex({ l: lightness, c, h });
  // Towards black on light backgrounds, towards white on dark ones: black or white always has enough contrast.
  const [first = '#ffffff'] = on;
  const end = contrast('#000000', first) > contrast('#ffffff', first) ? 0 : 1;
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
 * @param grounds the backgrounds of the scheme
 */
export function accentOf(primary: string, grounds: readonly string[]): Accent {
  const fill = primary.toLowerCase();
  return {
    fill,
    'on-fill': contrast('#ffffff', fill) >= contrast('#000000', fill) ? '#ffffff' : '#000000',
    'accent-text': withContrast(fill, grounds, textContrast),
    'accent-line': withContrast(fill, grounds, controlContrast),
  };
}

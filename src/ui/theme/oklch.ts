/**
 * Colours in OKLCH, where equal steps of lightness look equal, by Björn Ottosson (https://bottosson.github.io/posts/oklab/). The
 * server writes the colours of each portal, so this has no dependency; the tests compare it with the library culori.
 */

/** A colour: lightness from 0 to 1, chroma from 0, and hue in radians. */
export interface Oklch {
  l: number;
  c: number;
  h: number;
}

type Triple = [number, number, number];

const toLinear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const toGamma = (value: number) => (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);

/** The linear red, green and blue, from 0 to 1. @param color `#rrggbb` */
function linearOf(color: string): Triple {
  const part = (at: number) => toLinear(Number.parseInt(color.slice(at, at + 2), 16) / 255);
  return [part(1), part(3), part(5)];
}

/** The relative luminance of WCAG 2.2. */
function luminanceOf(color: string): number {
  const [r, g, b] = linearOf(color);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The contrast ratio of WCAG 2.2 between two colours, from 1 to 21. @param a,b `#rrggbb` */
export function contrast(a: string, b: string): number {
  const [x, y] = [luminanceOf(a), luminanceOf(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** @param color `#rrggbb` */
export function toOklch(color: string): Oklch {
  const [r, g, b] = linearOf(color);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const x = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const y = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return {
    l: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    c: Math.hypot(x, y),
    h: Math.atan2(y, x),
  };
}

function toLinearRgb({ l, c, h }: Oklch): Triple {
  const [x, y] = [c * Math.cos(h), c * Math.sin(h)];
  const long = (l + 0.3963377774 * x + 0.2158037573 * y) ** 3;
  const medium = (l - 0.1055613458 * x - 0.0638541728 * y) ** 3;
  const short = (l - 0.0894841775 * x - 1.291485548 * y) ** 3;
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ];
}

/** The rounding of a channel to 8 bits hides a difference of this size. */
const roundingError = 0.0005;
const isDisplayable = (color: Oklch) =>
  toLinearRgb(color).every((value) => value >= -roundingError && value <= 1 + roundingError);

/** The colour as `#rrggbb`, with as much of its chroma as screens can display. */
export function toHex(color: Oklch): string {
  let chroma = color.c;
  if (!isDisplayable(color)) {
    let [least, most] = [0, color.c];
    for (let step = 0; step < 20; step++) {
      chroma = (least + most) / 2;
      if (isDisplayable({ ...color, c: chroma })) least = chroma;
      else most = chroma;
    }
    chroma = least;
  }
  const channels = toLinearRgb({ ...color, c: chroma }).map((value) =>
    Math.round(toGamma(Math.min(1, Math.max(0, value))) * 255)
      .toString(16)
      .padStart(2, '0'),
  );
  return `#${channels.join('')}`;
}

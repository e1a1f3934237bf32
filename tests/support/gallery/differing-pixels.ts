/** Compares two pictures pixel by pixel. */
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

/** The difference of a pixel that counts, from 0 to 1. */
const threshold = 0.1;

/** How many pixels differ, of how many, and a PNG file that shows where. */
export interface DifferingPixels {
  count: number;
  of: number;
  difference: Uint8Array;
}

/**
 * How two pictures differ. Undefined if they have different sizes.
 *
 * @param stored a PNG file, as `picture`
 */
export function differingPixels(stored: Uint8Array, picture: Uint8Array): DifferingPixels | undefined {
  const [before, after] = [PNG.sync.read(Buffer.from(stored)), PNG.sync.read(Buffer.from(picture))];
  const { width, height } = before;
  if (width !== after.width || height !== after.height) return undefined;
  const changed = new PNG({ width, height });
  const count = pixelmatch(before.data, after.data, changed.data, width, height, { threshold });
  return { count, of: width * height, difference: PNG.sync.write(changed) };
}

/** Compares our colour arithmetic with the library culori. */
import { expect, test } from '@jest/globals';
import { converter, wcagContrast } from 'culori';
import fc from 'fast-check';
import { contrast, toHex, toOklch } from './oklch.ts';

const hex = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`);
const reference = converter('oklch');

test('the contrast of two colours is that of culori', () => {
  fc.assert(
    fc.property(hex, hex, (a, b) => {
      expect(contrast(a, b)).toBeCloseTo(wcagContrast(a, b), 6);
    }),
    { numRuns: 2000 },
  );
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 10);
});

test('lightness, chroma and hue are those of culori', () => {
  fc.assert(
    fc.property(hex, (color) => {
      const expected = reference(color);
      const { l, c, h } = toOklch(color);
      expect(l).toBeCloseTo(expected?.l ?? -1, 4);
      expect(c).toBeCloseTo(expected?.c ?? -1, 4);
      // The hue of a grey is noise, and its chroma none.
      const turned = h - ((expected?.h ?? 0) * Math.PI) / 180;
      expect(c * Math.sin(turned)).toBeCloseTo(0, 4);
      expect(c * Math.cos(turned)).toBeCloseTo(c, 4);
    }),
    { numRuns: 2000 },
  );
});

test('a colour comes back as it was', () => {
  fc.assert(
    fc.property(hex, (color) => {
      expect(toHex(toOklch(color))).toBe(color);
    }),
    { numRuns: 2000, examples: [['#000000'], ['#ffffff'], ['#0000ff'], ['#ffff00']] },
  );
});

test('a colour that no screen displays keeps its lightness and its hue', () => {
  const wanted = { l: 0.7, c: 0.4, h: 2.5 };
  const { l, c, h } = toOklch(toHex(wanted));
  expect(l).toBeCloseTo(wanted.l, 2);
  expect(h).toBeCloseTo(wanted.h, 1);
  expect(c).toBeLessThan(0.3);
  expect(c).toBeGreaterThan(0.1);
  expect(toHex({ l: 1, c: 0.2, h: 1 })).toBe('#ffffff');
});

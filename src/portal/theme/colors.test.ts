import { expect, test } from '@jest/globals';
import { wcagContrast } from 'culori';
import fc from 'fast-check';
import { accentOf, backgrounds, controlContrast, textContrast } from './colors.ts';

const anyColor = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`);
const scheme = fc.constantFrom('light' as const, 'dark' as const);

test('all derived colours are readable, for every primary colour', () => {
  fc.assert(
    fc.property(anyColor, scheme, (color, on) => {
      const { fill, onFill, text, line } = accentOf(color, on);
      expect(fill).toBe(color);
      expect(wcagContrast(onFill, fill)).toBeGreaterThanOrEqual(textContrast);
      for (const background of backgrounds[on]) {
        expect(wcagContrast(text, background)).toBeGreaterThanOrEqual(textContrast);
        expect(wcagContrast(line, background)).toBeGreaterThanOrEqual(controlContrast);
      }
    }),
    {
      numRuns: 5000,
      examples: [
        ['#000000', 'dark'],
        ['#ffffff', 'light'],
        ['#ffff00', 'light'],
        ['#0000ff', 'dark'],
        ['#757575', 'light'],
      ],
    },
  );
});

test('a readable colour does not change', () => {
  expect(accentOf('#1D4ED8', 'light')).toEqual({
    fill: '#1d4ed8',
    onFill: '#ffffff',
    text: '#1d4ed8',
    line: '#1d4ed8',
  });
});

test('a colour without enough contrast changes its lightness, not its hue', () => {
  // Yellow on white becomes a dark yellow, not black.
  const { text } = accentOf('#ffee00', 'light');
  expect(text).not.toBe('#000000');
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
  expect(Math.min(red, green)).toBeGreaterThan(blue + 40);
});

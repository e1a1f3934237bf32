import { expect, test } from '@jest/globals';
import { wcagContrast } from 'culori';
import fc from 'fast-check';
import { accentOf, controlContrast, textContrast } from './colors.ts';
import { groundsOf } from './palette.ts';

const anyColor = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`);
const scheme = fc.constantFrom('light' as const, 'dark' as const);

test('all derived colours are readable, for every primary colour', () => {
  fc.assert(
    fc.property(anyColor, scheme, (color, on) => {
      const { fill, 'on-fill': onFill, 'accent-text': text, 'accent-line': line } = accentOf(color, groundsOf(on));
      expect(fill).toBe(color);
      expect(wcagContrast(onFill, fill)).toBeGreaterThanOrEqual(textContrast);
      for (const background of groundsOf(on)) {
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
  expect(accentOf('#1D4ED8', groundsOf('light'))).toEqual({
    fill: '#1d4ed8',
    'on-fill': '#ffffff',
    'accent-text': '#1d4ed8',
    'accent-line': '#1d4ed8',
  });
});

test('a colour without enough contrast changes its lightness, not its hue', () => {
  // Yellow on white becomes a dark yellow, not black.
  const { 'accent-text': text } = accentOf('#ffee00', groundsOf('light'));
  expect(text).not.toBe('#000000');
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
  expect(Math.min(red, green)).toBeGreaterThan(blue + 40);
});

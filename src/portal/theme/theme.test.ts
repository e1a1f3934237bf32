import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { palette } from '../../ui/theme/palette.ts';
import { colorsOf } from '../../ui/theme/theme.ts';

const css = readFileSync(join(import.meta.dirname, 'theme.css'), 'utf8');
const shown = (pattern: RegExp) =>
  Object.fromEntries([...css.matchAll(pattern)].map(([, name = '', light, dark = light]) => [name, { light, dark }]));

test('the colours of theme.css are those of the palette', () => {
  const {
    fill: _,
    'on-fill': __,
    ...inSchemes
  } = shown(/--([\w-]+): var\(--when-light, (#\w+)\) var\(--when-dark, (#\w+)\);/g);
  const { 'accent-text': ___, ...colors } = inSchemes;
  expect(colors).toEqual(palette);
});

test('a page of an unknown portal has the default accent', () => {
  const accents = {
    ...shown(/--([\w-]+): var\(--when-light, (#\w+)\) var\(--when-dark, (#\w+)\);/g),
    ...shown(/--([\w-]+): (#\w+);/g),
  };
  for (const scheme of ['light', 'dark'] as const) {
    const colors = colorsOf({ primaryColor: '#2563eb' }, scheme);
    for (const name of ['fill', 'on-fill', 'accent-text', 'accent-line'] as const)
      expect([name, scheme, accents[name]?.[scheme]]).toEqual([name, scheme, colors[name]]);
  }
});

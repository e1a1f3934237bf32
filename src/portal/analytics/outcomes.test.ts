import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { wcagContrast } from 'culori';
import { backgrounds, controlContrast } from '../theme/colors.ts';
import { outcomeColor, outcomes } from './outcomes.ts';

const css = readFileSync(join(import.meta.dirname, '../theme/theme.css'), 'utf8');
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');

const schemes = [
  ['light', light],
  ['dark', dark],
] as const;

test.each(
  schemes.flatMap(([scheme, rules]) =>
    outcomes.flatMap((outcome) => backgrounds[scheme].map((background) => ({ scheme, rules, outcome, background }))),
  ),
)('$outcome stands out on the background $background of the $scheme scheme', ({ rules, outcome, background }) => {
  const property = outcomeColor[outcome].slice('var('.length, -1);
  const color = new RegExp(`${property}: (#[0-9a-f]{6});`).exec(rules)?.[1] ?? `no ${property}`;
  expect(wcagContrast(color, background)).toBeGreaterThanOrEqual(controlContrast);
});

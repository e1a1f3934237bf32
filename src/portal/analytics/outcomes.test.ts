import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { wcagContrast } from 'culori';
import { backgrounds, controlContrast } from '../theme/colors.ts';
import { outcomeColor, outcomes } from './outcomes.ts';

const css = readFileSync(join(import.meta.dirname, '../theme/theme.css'), 'utf8');
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');

test.each(Object.entries({ light, dark }))(
  'every outcome stands out on the backgrounds of the %s scheme',
  (scheme, rules) => {
    for (const outcome of outcomes) {
      const property = outcomeColor[outcome].slice('var('.length, -1);
      const color = new RegExp(`${property}: (#[0-9a-f]{6});`).exec(rules)?.[1] ?? `no ${property}`;
      for (const background of backgrounds[scheme as keyof typeof backgrounds]) {
        expect(wcagContrast(color, background)).toBeGreaterThanOrEqual(controlContrast);
      }
    }
  },
);

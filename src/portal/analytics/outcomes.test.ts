import { expect, test } from '@jest/globals';
import { wcagContrast } from 'culori';
import { controlContrast } from '../../ui/theme/colors.ts';
import { groundsOf, palette, type Role } from '../../ui/theme/palette.ts';
import { outcomeColor, outcomes } from './outcomes.ts';

test.each(
  (['light', 'dark'] as const).flatMap((scheme) =>
    outcomes.flatMap((outcome) => groundsOf(scheme).map((background) => ({ scheme, outcome, background }))),
  ),
)('$outcome stands out on the background $background of the $scheme scheme', ({ scheme, outcome, background }) => {
  const role = outcomeColor[outcome].slice('var(--'.length, -1) as Role;
  expect(wcagContrast(palette[role][scheme], background)).toBeGreaterThanOrEqual(controlContrast);
});

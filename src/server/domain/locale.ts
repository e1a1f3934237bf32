/** Language tags of BCP 47. */
import type { ValidationFailure } from '../problem.ts';

/** The form of the tag that browsers take, such as pt-BR for PT-br; undefined for one that they refuse. */
export function canonicalLocale(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

/** The failures of a language tag that a pattern cannot express. Never repeats the tag. */
export const localeFailures = (location: string, tag: string | undefined): ValidationFailure[] =>
  tag === undefined || canonicalLocale(tag) !== undefined
    ? []
    : [
        {
          location: `body.${location}`,
          message: 'is no language tag of BCP 47',
          fix: 'Use a tag such as de or pt-BR.',
        },
      ];

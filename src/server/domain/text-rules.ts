import type { ValidationFailure } from '../problem.ts';

/** The bounds that the contract gives a text. */
export interface TextRule {
  minLength: number;
  maxLength: number;
  pattern?: string;
  format?: string;
}

/**
 * The failures of a text, for the command line, which has no validator, and for rules that a pattern cannot express. Never
 * repeats the text.
 */
export function textFailures(
  location: string,
  value: string | null | undefined,
  rule: TextRule,
  fix: string,
): ValidationFailure[] {
  if (value === null || value === undefined) return [];
  const fits =
    value.length >= rule.minLength &&
    value.length <= rule.maxLength &&
    new RegExp(rule.pattern ?? '', 'u').test(value) &&
    (rule.format !== 'uri' || URL.canParse(value));
  return fits ? [] : [{ location: `body.${location}`, message: 'is not valid', fix }];
}

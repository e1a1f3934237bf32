import type { ValidationFailure } from '../problem.ts';

/** The bounds that the contract gives a text. */
export interface TextRule {
  minLength: number;
  maxLength: number;
  pattern?: string;
  format?: string;
}

/**
 * What is wrong with a text: for the command line, which no validator stands in front of, and for what a pattern cannot
 * say. Never repeats the text.
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
    (rule.pattern === undefined || new RegExp(rule.pattern, 'u').test(value)) &&
    (rule.format !== 'uri' || URL.canParse(value));
  return fits ? [] : [{ location: `body.${location}`, message: 'is not valid', fix }];
}

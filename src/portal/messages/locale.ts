import type { Language } from './index.ts';

/**
 * The locale of numbers and dates: the first known one of the language that names a region, or the language itself. Digits are Western
 * and dates Gregorian also in Arabic, as in keys, addresses and the fields of forms.
 *
 * @param known tags of BCP 47, the most important first
 */
export function localeFor(language: Language, known: readonly string[]): string {
  const found = known.find((code) => code.includes('-') && code.split('-')[0]?.toLowerCase() === language) ?? language;
  return new Intl.Locale(found, { numberingSystem: 'latn', calendar: 'gregory' }).toString();
}

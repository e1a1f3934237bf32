import { expect, test } from '@jest/globals';
import type { Language } from './index.ts';
import { localeFor } from './locale.ts';

test.each<[Language, string[], string]>([
  ['de', [], 'de'],
  ['de', ['en-US', 'de-AT', 'de-DE'], 'de-AT'],
  ['de', ['DE-ch'], 'de-CH'],
  ['pt', ['de', 'pt', 'pt-PT'], 'pt-PT'],
  ['pt', ['ptx-BR'], 'pt'],
])('the locale for %s of %j is that of %s', (language, known, expected) => {
  const { baseName } = new Intl.Locale(localeFor(language, known));
  expect(baseName).toBe(expected);
});

test.each(['ar', 'ar-EG', 'ar-SA'])('%s has Western digits and Gregorian dates', (code) => {
  const locale = localeFor('ar', [code]);
  expect(new Intl.NumberFormat(locale).format(48_210)).toMatch(/^48.210$/);
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(Date.UTC(2026, 10, 27));
  expect(date).toMatch(/27/);
  expect(date).toMatch(/2026/);
});

import { expect, test } from '@jest/globals';
import { languageOf } from './language.ts';

test.each([
  ['de', 'de'],
  ['DE-at', 'de'],
  ['pt-BR', 'pt-BR'],
  ['pt-PT', 'pt'],
  ['zh-Hant-TW', 'zh-Hant'],
  ['fr', undefined],
  ['d', undefined],
  ['', undefined],
  [undefined, undefined],
])('the best language for %s is %s', (locale, language) => {
  expect(languageOf(locale, ['en', 'de', 'pt', 'pt-BR', 'zh-Hant'])).toBe(language);
});

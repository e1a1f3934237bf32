import type { useTranslations } from 'use-intl';
import { codeOf, fieldsOf, isCallFailure } from '../server/failures.ts';

/** The texts of `errors` in the user's language. */
export type ErrorTexts = ReturnType<typeof useTranslations<'errors'>>;

/**
 * The text for an error in the user's language. The server describes a failure in English only; its code, and the fields that it has
 * refused, are the same in every language.
 */
export function errorTextOf(error: unknown, t: ErrorTexts): string {
  if (!isCallFailure(error)) return t('unexpected_error');
  const ofFields = fieldsOf(error)
    .map((field) => `input.${field}` as Parameters<ErrorTexts['has']>[0])
    .filter((name) => t.has(name));
  if (ofFields.length > 0) return ofFields.map((name) => t(name)).join(' ');
  const code = codeOf(error);
  const known = code as Parameters<ErrorTexts['has']>[0];
  return t.has(known) ? t(known) : t('other', { code });
}

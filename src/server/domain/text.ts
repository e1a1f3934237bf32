/** The rules of text: which names and identifiers are valid, how a name is stored, and how a search compares. */
import type { ValidationFailure } from '../problem.ts';
import { isUri } from './uri.ts';

/** The bounds that the contract gives a text. */
export interface TextRule {
  minLength: number;
  maxLength: number;
  pattern?: string;
  format?: string;
}

/** The length of a text in code points, as JSON Schema counts it. */
const lengthOf = (text: string): number => [...text].length;

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
  const length = lengthOf(value);
  const fits =
    length >= rule.minLength &&
    length <= rule.maxLength &&
    new RegExp(rule.pattern ?? '', 'u').test(value) &&
    (rule.format !== 'uri' || isUri(value));
  return fits ? [] : [{ location: `body.${location}`, message: 'is not valid', fix }];
}

/** Control characters, line and paragraph separators, and halves of surrogate pairs, which UTF-8 does not have. */
const control = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;
/** Characters that change the direction of the text around them, also after the name (Unicode UAX #9, section 2). */
const directional = /\p{Bidi_Control}/u;
/** A character that leaves a mark. U+2800 and U+1D159 are symbols that are blank. */
const visible = /[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u{2800}\u{1d159}]]/v;

/** A name as it is stored: in Unicode's normalization form C (UAX #15), without white space at its ends. */
export const storedName = (name: string): string => name.normalize('NFC').trim();

/** The bounds of the names that operators give at the command line. */
export const operatorName: TextRule = { minLength: 1, maxLength: 128 };

/** The failures of a name that people read: of a key, an API, a portal, a workspace or a root key. Never repeats it. */
export function nameFailures(
  location: string,
  name: string | null | undefined,
  { minLength, maxLength }: TextRule,
): ValidationFailure[] {
  if (name === null || name === undefined) return [];
  const failure = (message: string, fix: string) => [{ location: `body.${location}`, message, fix }];
  if (control.test(name)) {
    return failure('must not have control characters or line breaks', 'Write the name in one line, without them.');
  }
  if (directional.test(name)) {
    return failure(
      'must not have characters that change the direction of text',
      'Leave out these invisible characters.',
    );
  }
  const stored = storedName(name);
  const length = lengthOf(stored);
  if (length < minLength || length > maxLength) {
    const rule = `${minLength} to ${maxLength} characters`;
    return failure(`must have ${rule}`, `Use ${rule}.`);
  }
  return visible.test(stored) ? [] : failure('must have a visible character', 'Use a letter, a digit or a symbol.');
}

/** Control characters, and the character that a decoder puts in the place of bytes that it cannot decode. */
const unclear = /[\p{Cc}\p{Cs}\u{fffd}]/u;

/**
 * The failures of an identifier of the customer. It is never changed, so two different ones stay different: one with a
 * replacement character was already changed on its way, and may be that of several users.
 */
export const identifierFailures = (location: string, identifier: string): ValidationFailure[] =>
  unclear.test(identifier)
    ? [
        {
          location: `body.${location}`,
          message: 'must not have control characters or replacement characters (U+FFFD)',
          fix: 'Send the identifier as your system stores it, in UTF-8.',
        },
      ]
    : [];

/** What a search ignores: characters that leave no mark, and accents. */
const ignored = /\p{Default_Ignorable_Code_Point}|[\u{300}-\u{36f}]/gu;

/**
 * The form in which a search compares two texts: without case, accents, compatibility variants such as full width, and
 * invisible characters, with white space as one space. So `strasse` finds `Straße`, and `istanbul` finds `İstanbul`.
 *
 * Both case mappings together fold what one of them leaves apart, such as `ẞ` and `ss`, or `ς` and `σ`.
 */
export const searchForm = (text: string): string =>
  text.normalize('NFKD').replaceAll(ignored, '').toLowerCase().toUpperCase().replaceAll(/\s+/gu, ' ');

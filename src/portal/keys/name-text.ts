/** The maximum length of a name in the contract, in code points. */
const maxNameLength = 255;

/**
 * The first characters of what a user types into a field for a name, as many as a name can have. `maxLength` of an input
 * counts UTF-16 units, of which an emoji has two or more.
 */
export const limited = (typed: string): string => [...typed].slice(0, maxNameLength).join('');

/** What a person sees of a text: white space is one space, invisible characters are none, and accents have one form. */
const shown = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();

/** Whether a user has typed this name, as far as anybody can see. */
export const isTyped = (typed: string, name: string): boolean => shown(typed) === shown(name);

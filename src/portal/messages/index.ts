import type en from './en.ts';

/** What a language must have: every text that English has. */
export type Messages = { [Key in keyof typeof en]: Translated<(typeof en)[Key]> };
type Translated<Node> = { [Key in keyof Node]: Node[Key] extends string ? string : Translated<Node[Key]> };

/** The languages of the portal, each loaded when it is needed. The first is spoken where no other is asked for. */
export const languages = {
  en: () => import('./en.ts'),
  de: () => import('./de.ts'),
  es: () => import('./es.ts'),
} satisfies Record<string, () => Promise<{ default: Messages }>>;

/** The code of a language that the portal speaks. */
export type Language = keyof typeof languages;

export const defaultLanguage: Language = 'en';

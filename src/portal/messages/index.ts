import type { Messages } from './messages.ts';

/** The languages of the portal, each loaded when it is needed. The first is spoken where no other is asked for. */
export const languages = {
  en: () => import('./en.ts'),
  de: () => import('./de.ts'),
  es: () => import('./es.ts'),
  fr: () => import('./fr.ts'),
  pt: () => import('./pt.ts'),
  it: () => import('./it.ts'),
  ja: () => import('./ja.ts'),
  ar: () => import('./ar.ts'),
} satisfies Record<string, () => Promise<{ default: Messages }>>;

/** The code of a language that the portal speaks. */
export type Language = keyof typeof languages;

export const defaultLanguage: Language = 'en';

/** The languages that are written from right to left. */
export const rightToLeft: readonly string[] = ['ar'] satisfies Language[];

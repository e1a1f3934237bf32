import type { Messages } from './messages.ts';

/** The languages of the portal, each loaded when it is needed. The first is spoken where no other is asked for. */
export const languages = {
  en: () => import('./en.ts'),
  de: () => import('./de.ts'),
  es: () => import('./es.ts'),
} satisfies Record<string, () => Promise<{ default: Messages }>>;

/** The code of a language that the portal speaks. */
export type Language = keyof typeof languages;

export const defaultLanguage: Language = 'en';

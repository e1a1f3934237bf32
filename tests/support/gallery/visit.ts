/** Opens the states of the portal in a browser, always at the same time and with the same fonts. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { type Language, languages, rightToLeft } from '../../../src/portal/messages/index.ts';
import { patienceMs } from '../browser.ts';
import { present } from './data.ts';
import { portalOf, type Scene } from './scenes.ts';
import type { GallerySite } from './site.ts';

/** Opens a browser profile with the language, the time and without motion. */
export async function openProfile(browser: Browser, options: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext({ timezoneId: 'Europe/Berlin', reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(patienceMs);
  await context.clock.setFixedTime(present);
  return context;
}

/** The locale of the browser for a language: it decides the words of fields for dates. */
export const localeOf = (language: Language): string => (language === 'en' ? 'en-US' : language);

/** Goes to a state in a language, and waits until the page does not change any more. */
export async function visit(page: Page, site: GallerySite, scene: Scene, language: Language): Promise<void> {
  const { default: texts } = await languages[language]();
  site.show({
    ...{ language, page: scene.page ?? 'app', portal: portalOf(scene) },
    ...(scene.answers !== undefined && { answers: scene.answers }),
  });
  // A page that differs only in its fragment would not be loaded again.
  await page.goto('about:blank');
  await page.goto(site.origin + scene.path);
  await scene.reach(page, texts).catch((cause: unknown) => {
    throw new Error(`The state ${scene.name} cannot be reached in ${language}.`, { cause });
  });
  await page.evaluate(
    'document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))',
  );
}

export const isRightToLeft = (language: Language): boolean => rightToLeft.includes(language);

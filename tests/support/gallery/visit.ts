/** Opens the states of the portal in a browser, always at the same time and with the same fonts. */
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from 'playwright-core';
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

/** The files that each page is loading. Calls of the API are not among them: in some states one has no answer. */
const loading = new WeakMap<Page, Set<Request>>();
function filesLoadedBy(page: Page): Set<Request> {
  const known = loading.get(page);
  if (known !== undefined) return known;
  const files = new Set<Request>();
  page.on('request', (request) => {
    if (['script', 'stylesheet', 'font', 'image'].includes(request.resourceType())) files.add(request);
  });
  const end = (request: Request) => files.delete(request);
  page.on('requestfinished', end);
  page.on('requestfailed', end);
  loading.set(page, files);
  return files;
}

/** Waits until a page has drawn everything: twice in a row no file was loading, and two frames were drawn. */
async function settle(page: Page): Promise<void> {
  for (let times = 0; times < 2; ) {
    await page.evaluate(
      'document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))',
    );
    times = filesLoadedBy(page).size === 0 ? times + 1 : 0;
  }
}

/** Goes to a state in a language, and waits until the page does not change any more. */
export async function visit(page: Page, site: GallerySite, scene: Scene, language: Language): Promise<void> {
  const { default: texts } = await languages[language]();
  site.show({
    ...{ language, page: scene.page ?? 'app', portal: portalOf(scene) },
    ...(scene.answers !== undefined && { answers: scene.answers }),
  });
  filesLoadedBy(page);
  // A page that differs only in its fragment would not be loaded again.
  await page.goto('about:blank');
  await page.goto(site.origin + scene.path);
  await scene.reach(page, texts).catch((cause: unknown) => {
    throw new Error(`The state ${scene.name} cannot be reached in ${language}.`, { cause });
  });
  await settle(page);
}

export const isRightToLeft = (language: Language): boolean => rightToLeft.includes(language);

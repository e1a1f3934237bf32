/** The stored pictures of the portal, and how a new one is compared with them. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Browser, Page } from 'playwright-core';
import { root } from '../../../src/server/package.ts';
import type { DifferingPixels } from './differing-pixels.ts';
import { isMadeFrom, paletted } from './palette-png.ts';
import type { Scene } from './scenes.ts';
import type { GallerySite } from './site.ts';
import { openProfile, visit } from './visit.ts';

/** Where the pictures are stored. */
export const storedDirectory = join(root, 'tests/portal/pictures');
/** Where a test writes pictures that differ. */
const differingDirectory = join(root, '.portico/pictures');

/**
 * The part of the pixels that may differ. Another version of Chromium draws edges and native controls a little differently;
 * pixelmatch does not count anti-aliasing.
 */
const tolerance = { sameVersion: 0.0005, otherVersion: 0.01 };
const desktop = { width: 1024, height: 700 };
const phone = { width: 390, height: 780 };

/**
 * How a state can look. Those of one profile are pictures of one visit. The colours of the system have a profile of their own: a page that
 * had them can keep some, such as the borders of tables.
 */
export const profiles = [
  { language: 'en', options: { viewport: desktop, locale: 'en-US' }, looks: ['light', 'dark'] },
  { language: 'en', options: { viewport: desktop, locale: 'en-US', forcedColors: 'active' }, looks: ['contrast'] },
  {
    language: 'en',
    options: { viewport: phone, locale: 'en-US', isMobile: true, hasTouch: true },
    looks: ['phone'],
  },
  { language: 'ar', options: { viewport: desktop, locale: 'ar' }, looks: ['rtl'] },
  { language: 'ja', options: { viewport: desktop, locale: 'ja' }, looks: ['japanese'] },
  {
    language: 'ja',
    options: { viewport: phone, locale: 'ja', isMobile: true, hasTouch: true },
    looks: ['japanese-phone'],
  },
] as const;
export type Profile = (typeof profiles)[number];
export type Look = Profile['looks'][number];

/** The states of which there is a picture with the colours of the system, such as those of high contrast in Windows. */
const withContrast = ['keys', 'key-create', 'key-menu', 'analytics', 'documentation-operation'];

/**
 * The states of which there are pictures on a phone and from right to left: one of each layout. tests/portal/states.test.ts looks at all
 * states at 320 px, and for text that is cut off in every language; a picture of each would take CI a minute more.
 */
const withLayouts = [
  ...['keys', 'keys-first-call', 'key-details', 'key-create', 'key-created', 'account'],
  ...['analytics', 'documentation', 'documentation-operation', 'notice-session-expired'],
];

/** The states of which there are pictures in Japanese: those with the most text, and the narrowest controls. */
const inJapanese = [
  'keys',
  'key-details',
  'key-create',
  'key-created',
  'analytics',
  'account',
  'notice-session-expired',
];
/** Those in Japanese on a phone: the documentation has little room for its controls. */
const inJapaneseOnPhone = [...inJapanese, 'documentation-operation'];

/** The looks of a state in a profile. */
export const looksOf = (scene: Scene, profile: Profile): Look[] =>
  profile.looks.filter((look) => {
    if (look === 'contrast') return withContrast.includes(scene.name);
    if (look === 'japanese') return inJapanese.includes(scene.name);
    if (look === 'japanese-phone') return inJapaneseOnPhone.includes(scene.name);
    if (look === 'phone' || look === 'rtl') return withLayouts.includes(scene.name);
    return look === 'light' || scene.isVariant !== true;
  });

/** Takes the pictures of a state that is visible, by look. */
async function picturesOf(page: Page, looks: readonly Look[]): Promise<Map<Look, Buffer>> {
  const pictures = new Map<Look, Buffer>();
  for (const look of looks) {
    await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light' });
    pictures.set(look, await page.screenshot({ animations: 'disabled', scale: 'css' }));
  }
  return pictures;
}

/** Opens a page of each profile. They are used for all states, so that the browser loads the app only once for each. */
export const openPages = (browser: Browser): Promise<Page[]> =>
  Promise.all(profiles.map(async ({ options }) => (await openProfile(browser, options)).newPage()));

/** Visits a state in each profile and takes its pictures, by name. */
export async function takePictures(
  pages: readonly Page[],
  site: GallerySite,
  scene: Scene,
): Promise<Map<string, Buffer>> {
  const taken = new Map<string, Buffer>();
  for (const [i, profile] of profiles.entries()) {
    const page = pages[i];
    if (page === undefined) throw new Error('the pages are those of openPages');
    const looks = looksOf(scene, profile);
    if (looks.length === 0) continue;
    await visit(page, site, scene, profile.language);
    for (const [look, picture] of await picturesOf(page, looks)) taken.set(`${scene.name}-${look}`, picture);
  }
  return taken;
}

/** What is known of the stored pictures as a whole. */
interface Origin {
  /** The version of Chromium that drew them. */
  chromium: string;
}
const originFile = join(storedDirectory, 'origin.json');
const readOrigin = async (): Promise<Origin> => JSON.parse(await readFile(originFile, 'utf8'));
export const writeOrigin = ({ chromium }: Origin) =>
  // As Biome formats it.
  writeFile(originFile, `{ "chromium": ${JSON.stringify(chromium)} }\n`);

const fileOf = (directory: string, name: string) => join(directory, `${name}.png`);

/** Stores a picture with a palette. */
export async function storePicture(name: string, picture: Buffer): Promise<void> {
  await write(storedDirectory, name, paletted(picture));
}

async function write(directory: string, name: string, content: Buffer): Promise<string> {
  const file = fileOf(directory, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

/** `differingPixels` in a thread of its own: in a Jest test the same work takes a hundred times as long. */
function differingPixelsInThread(stored: Buffer, picture: Buffer): Promise<DifferingPixels | undefined> {
  const thread = new Worker(new URL('./difference-thread.ts', import.meta.url), { workerData: { stored, picture } });
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
}

/**
 * Compares a picture with the stored one. If they differ, it writes both and the difference into `.portico/pictures`.
 *
 * @param version of the Chromium that has drawn the picture
 * @returns a sentence that says what differs; undefined if nothing does
 */
export async function difference(name: string, picture: Buffer, version: string): Promise<string | undefined> {
  const stored = await readFile(fileOf(storedDirectory, name)).catch(() => undefined);
  if (stored === undefined) return `${name} has no stored picture`;
  // The same browser on the same machine draws the same bytes.
  if (isMadeFrom(stored, picture)) return undefined;
  const differing = await differingPixelsInThread(stored, picture);
  if (differing === undefined) return `${name} has another size`;
  const { sameVersion, otherVersion } = tolerance;
  const allowed = (await readOrigin()).chromium === version ? sameVersion : otherVersion;
  if (differing.count <= allowed * differing.of) return undefined;
  const file = await write(differingDirectory, `${name}-difference`, Buffer.from(differing.difference));
  await write(differingDirectory, name, picture);
  return `${name} differs in ${differing.count} of ${differing.of} pixels: see ${file}`;
}

/** Starts the system's Chromium for the browser tests. */
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { systemBinary } from './system-binary.ts';

/** Chromium's headless shell. It renders the same pages with little more than half of the CPU time. */
const shell = { names: ['chromium-headless-shell'], debian: 'chromium-headless-shell' };
/** The complete browser: it reads the settings of a profile, and blocks third-party storage. */
const whole = { names: ['chromium', 'chromium-browser', 'google-chrome'], debian: 'chromium' };

/** How long a page may take to load or to show something, in ms: the machine can be busy with other tests. */
export const patienceMs = 60_000;

function launchOptions({ names, debian }: typeof whole) {
  const executablePath = systemBinary(names, { debian, brew: 'chromium' });
  // Chromium's sandbox is unavailable as root, as in most containers. Chromium must call only our servers.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'];
  return { executablePath, args: [...args, '--no-first-run', '--disable-component-update'] };
}

/**
 * Starts a headless Chromium.
 *
 * @param isComplete whether it must be the complete browser
 * @throws MissingBinary with the commands to run
 */
export const startBrowser = (isComplete = false): Promise<Browser> =>
  chromium.launch(launchOptions(isComplete ? whole : { ...shell, names: [...shell.names, ...whole.names] }));

/** Starts a Chromium with the profile that is stored in a directory. */
export const startBrowserOf = (directory: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(directory, launchOptions(whole));

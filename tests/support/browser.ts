/** Starts the system's Chromium for the browser tests. */
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { MissingBinary, systemBinary } from './system-binary.ts';

/** The complete browser: it reads the settings of a profile, and blocks third-party storage. */
const whole = () =>
  systemBinary(['chromium', 'chromium-browser', 'google-chrome'], { debian: 'chromium', brew: 'chromium' });

/**
 * Chromium's headless shell: it renders the same pages with little more than half of the CPU time, so it is installed even beside the
 * complete browser. Where it cannot be, as on a Mac, the complete browser does its work.
 */
function shell(): string {
  try {
    return systemBinary(['chromium-headless-shell'], { debian: 'chromium-headless-shell', brew: 'chromium' });
  } catch (error) {
    if (!(error instanceof MissingBinary)) throw error;
    return whole();
  }
}

/** How long a page may take to load or to show something, in ms: the machine can be busy with other tests. */
export const patienceMs = 60_000;

function launchOptions(executablePath: string) {
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
  chromium.launch(launchOptions(isComplete ? whole() : shell()));

/** Starts a Chromium with the profile that is stored in a directory. */
export const startBrowserOf = (directory: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(directory, launchOptions(whole()));

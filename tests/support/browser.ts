/** A real Chromium, the system's own, for the tests of what people see. */
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { systemBinary } from './system-binary.ts';

function launchOptions() {
  const executablePath = systemBinary(['chromium', 'chromium-browser', 'google-chrome'], {
    debian: 'chromium',
    brew: 'chromium',
  });
  // Chromium's own sandbox cannot be had as root, as in most containers; and it must call nobody but us.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'];
  return { executablePath, args: [...args, '--no-first-run', '--disable-component-update'] };
}

/** Starts a headless Chromium. Throws MissingBinary with the commands to type. */
export const startBrowser = (): Promise<Browser> => chromium.launch(launchOptions());

/** Starts one with the settings and the memory of a profile that is kept in a directory. */
export const startBrowserOf = (directory: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(directory, launchOptions());

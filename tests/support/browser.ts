/** A real Chromium, the system's own, for the tests of what people see. */
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { systemBinary } from './system-binary.ts';

/** Chromium without its own windows: it draws the same pages with little more than half of the work. */
const shell = { names: ['chromium-headless-shell'], debian: 'chromium-headless-shell' };
/** The whole browser, which reads the settings of a profile. */
const whole = { names: ['chromium', 'chromium-browser', 'google-chrome'], debian: 'chromium' };

function launchOptions({ names, debian }: typeof whole) {
  const executablePath = systemBinary(names, { debian, brew: 'chromium' });
  // Chromium's own sandbox cannot be had as root, as in most containers; and it must call nobody but us.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'];
  return { executablePath, args: [...args, '--no-first-run', '--disable-component-update'] };
}

/** Starts a headless Chromium. Throws MissingBinary with the commands to type. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch(launchOptions({ ...shell, names: [...shell.names, ...whole.names] }));

/** Starts one with the settings and the memory of a profile that is kept in a directory. */
export const startBrowserOf = (directory: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(directory, launchOptions(whole));

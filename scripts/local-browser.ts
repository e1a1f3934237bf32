/** A real Chromium, the system's own, for the tests of what people see. */
import { type Browser, chromium } from 'playwright-core';
import { systemBinary } from './system-binary.ts';

/** Starts a headless Chromium. Throws MissingBinary with the commands to type. */
export function startBrowser(): Promise<Browser> {
  const executablePath = systemBinary(['chromium', 'chromium-browser', 'google-chrome'], {
    debian: 'chromium',
    brew: 'chromium',
  });
  // Chromium's own sandbox cannot be had as root, as in most containers; and it must call nobody but us.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'];
  return chromium.launch({ executablePath, args: [...args, '--no-first-run', '--disable-component-update'] });
}

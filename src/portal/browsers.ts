/**
 * The browsers that the portal and the documentation support: the build translates newer syntax for them, and the
 * documentation lists them. They are those with CSS `:has()` and import maps, from the years 2023 and 2024.
 */
export const browsers = [
  { name: 'Chrome, Edge and other Chromium browsers', engine: 'chrome', from: '111' },
  { name: 'Firefox', engine: 'firefox', from: '121' },
  { name: 'Safari, on macOS and iOS', engine: 'safari', from: '16.4' },
] as const;

/** The browsers as targets of esbuild. */
export const browserTargets: string[] = browsers.map(({ engine, from }) => engine + from);

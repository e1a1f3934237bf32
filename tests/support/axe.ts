/** Accessibility checks of a page with axe. */
import { expect } from '@jest/globals';
import axe, { type AxeResults, type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

/** The rules: WCAG 2.2 AA, the levels that it includes, and the best practices of axe. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Those of the rules that depend on colors. */
const colorRules = ['color-contrast', 'link-in-text-block'];

type Rules = 'all' | 'colors';

async function check(page: Page, colorScheme: 'light' | 'dark', rules: Rules): Promise<void> {
  await page.emulateMedia({ colorScheme });
  // It takes as long to load as a check takes, so each document loads it once. No page has frames, so it is enough in one.
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axe.source);
  const chosen = rules === 'all' ? { type: 'tag', values: tags } : { type: 'rule', values: colorRules };
  // The elements that pass are not reported, so axe need not describe them.
  const options = { runOnly: chosen, resultTypes: ['violations'] } as RunOptions;
  const { violations, passes } = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
  // A page without checked elements has no violations either, so require passes.
  expect(passes.length).toBeGreaterThan(0);
  expect(
    violations.map(({ id, help, nodes }) => ({
      id,
      help,
      colorScheme,
      nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })),
    })),
  ).toEqual([]);
}

/**
 * Checks the current page against the accessibility rules in both color schemes, and reports each violation with its
 * elements. The page is in light mode afterwards.
 *
 * @param rules `colors` if only the colors differ from a page that was checked: all rules take several times longer
 */
export async function expectNoViolations(page: Page, rules: Rules = 'all'): Promise<void> {
  await check(page, 'light', rules);
  // The scheme is a matter of CSS, so in dark mode only the colors differ.
  await check(page, 'dark', 'colors');
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Our suite, as its command line: the checks of one operation from outside, with the root key and the portal that every tool gets. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConformanceReport } from '../../../contract-tests/index.ts';
import { runProgram, type Tool } from './tool.ts';

const cli = join(import.meta.dirname, '../../../contract-tests/cli.ts');

/** @param version of the contract */
export const ownSuite = (version: string): Tool => ({
  name: `Portico's suite ${version}`,
  async run({ url, operation, seconds, known, directory }) {
    const report = join(directory, 'report.json');
    const only = `^${operation.replaceAll('.', '\\.')} › `;
    const flags = ['--target', url, '--slug', known.slug, '--openapi-url', known.openapiUrl, '--only', only];
    const more = ['--strict-responses', '--concurrency', '4', '--report', report];
    const { code, text } = await runProgram(process.execPath, [cli, ...flags, ...more], {
      ...{ seconds, cwd: directory, env: { ROOT_KEY: known.rootKey } },
    });
    if (code === undefined) throw new Error('its time was over');
    // Before its first check the suite looks for the operations; it refuses to go on if there is none.
    if (code === 2) throw new Error(text);
    const { results } = JSON.parse(await readFile(report, 'utf8')) as ConformanceReport;
    return results
      .filter(({ outcome, timedOut }) => outcome === 'failed' && timedOut !== true)
      .map(({ promise }) => promise);
  },
});

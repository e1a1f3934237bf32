/**
 * Schemathesis with the settings that its authors recommend for comparing tools (https://schemathesis.readthedocs.io/en/stable/guides/benchmarking/):
 * a time, no end at the first failure, no smaller examples of a failure, no health checks; all checks and all phases, which are its
 * defaults. It gets the credentials and values that exist (https://schemathesis.readthedocs.io/en/stable/reference/configuration/).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dictionariesOf } from '../../fuzz/dictionaries.ts';
import { pythonTools } from '../../python-tools.ts';
import { onlyOperation } from './arrange.ts';
import { runProgram, type Tool } from './tool.ts';

const requirements = 'scripts/fuzz/requirements.txt';

interface Baseline {
  entries: { check: string; failure: string; signature: string }[];
}

/** The failures of a baseline file: the check, the class of the failure, and what it is about. */
export const findingsIn = (text: string): string[] =>
  (JSON.parse(text) as Baseline).entries.map(({ check, failure, signature }) => `${check} ${failure} ${signature}`);

/** The texts among the values that exist. */
const textsOf = (values: Record<string, unknown>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([field, value]) => (typeof value === 'string' ? [[field, [value]]] : [])),
  );

/** Installs Schemathesis. `seed` makes its requests the same in every run. */
export async function schemathesis(seed: number): Promise<Tool> {
  const program = (await pythonTools(requirements, 'fuzz'))('schemathesis');
  const root = join(import.meta.dirname, '../../..');
  const [, version] = /schemathesis==(\S+)/.exec(await readFile(join(root, requirements), 'utf8')) ?? [];
  const credentials = await readFile(join(root, 'scripts/fuzz/schemathesis.toml'), 'utf8');
  return {
    name: `Schemathesis ${version}`,
    async run({ url, operation, seconds, known, spec, directory }) {
      const [config, contract, baseline] = ['schemathesis.toml', 'openapi.json', 'found.json'].map((name) =>
        join(directory, name),
      ) as [string, string, string];
      await writeFile(config, credentials + dictionariesOf(textsOf({ ...known.values, slug: known.slug })));
      await writeFile(contract, JSON.stringify(onlyOperation(spec, operation)));
      const { code, text } = await runProgram(
        program,
        [
          ...['--config-file', config, 'run', contract, '--url', url, '--include-operation-id', operation],
          ...['--seed', String(seed), '--max-time', String(seconds), '--continue-on-failure', '--no-shrink'],
          ...['--suppress-health-check', 'all', '--checks', 'all'],
          ...['--baseline', baseline, '--baseline-update'],
        ],
        // Its time begins when it has read the contract. It ends by itself, and then writes its report.
        { seconds: seconds * 2 + 30, cwd: directory, env: { ROOT_KEY: known.rootKey, SESSION_TOKEN: known.token } },
      );
      if (code === undefined || code > 1) throw new Error(text.slice(-2000));
      const found = await readFile(baseline, 'utf8').catch(() => '{"entries":[]}');
      return findingsIn(found);
    },
  };
}

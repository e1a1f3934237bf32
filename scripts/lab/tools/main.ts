/**
 * `npx node scripts/lab/tools/main.ts` runs tools that test a server by its OpenAPI document on the same mutants: Schemathesis, Specmatic, Dredd,
 * Prism's proxy and our suite. Each has the same credentials, the same values that exist, and the same time, and tests the operation of
 * the mutant. A tool catches a mutant if it finds something that it does not find on the healthy server; what it finds there is a false
 * alarm. Writes the results into docs/evidence/tools.md and tools.json. Options: `--mutants N` (36), `--operations N` from which they are
 * (12), `--seconds S` for each tool and mutant (15), `--seed N`, `--tools PATTERN`, `--parallel N` runs at once (1), `--dry-run` to print and write nothing.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mapConcurrently } from '../../../contract-tests/engine/pool.ts';
import { readSpec, specOperations } from '../../../contract-tests/engine/spec.ts';
import { derivedMutants } from '../../../contract-tests/mutants/derived.ts';
import { writtenMutants } from '../../../contract-tests/mutants/index.ts';
import { operationsOf } from '../../../contract-tests/mutants/matrix.ts';
import type { BreakablePromise } from '../../../contract-tests/mutants/promises.ts';
import { type Defect, startProxy } from '../../../contract-tests/mutants/proxy.ts';
import { buildIfStale } from '../../freshness/if-stale.ts';
import { sampleOf, shuffled } from '../../mutants/sample.ts';
import { startWorld } from '../../mutants/world.ts';
import { arrange, specFor } from './arrange.ts';
import { dredd } from './dredd.ts';
import { prismProxy } from './prism.ts';
import { type HealthyRun, type MutantRun, type Results, resultTables } from './results.ts';
import { schemathesis } from './schemathesis.ts';
import { specmatic } from './specmatic.ts';
import { ownSuite } from './suite.ts';
import type { Tool } from './tool.ts';

const { values: flags } = parseArgs({
  options: {
    mutants: { type: 'string', default: '36' },
    operations: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '15' },
    seed: { type: 'string', default: '1' },
    tools: { type: 'string', default: '.' },
    parallel: { type: 'string', default: '1' },
    'dry-run': { type: 'boolean', default: false },
  },
});
const [seconds, seed] = [Number(flags.seconds), Number(flags.seed)];
const evidence = join(import.meta.dirname, '../../../docs/evidence');
const say = (line: string) => process.stdout.write(`${line}\n`);

await buildIfStale();
const spec = await readSpec();
const all = [
  await schemathesis(seed),
  await specmatic(),
  await dredd(),
  prismProxy(spec),
  ownSuite(spec.info.version),
].filter(({ name }) => new RegExp(flags.tools, 'i').test(name));
const { target, options } = await startWorld();

interface Candidate {
  name: string;
  promise: BreakablePromise;
  createDefect: () => Defect;
}

/** A mutant that is written by hand belongs to the first operation whose checks must notice it. */
function ofOperation(): Candidate[] {
  const of = operationsOf(spec);
  return writtenMutants(options).flatMap((mutant) => {
    const [operation] = of(mutant);
    return operation === undefined || operation === 'elsewhere'
      ? []
      : [{ ...mutant, promise: { operation, kind: 'behaviour' as const, what: mutant.name } }];
  });
}

const operations = shuffled(specOperations(spec), seed)
  .slice(0, Number(flags.operations))
  .map(({ operationId }) => operationId);
const candidates: Candidate[] = [...derivedMutants(spec), ...ofOperation()];
const chosen = sampleOf(
  candidates.filter(({ promise }) => operations.includes(promise.operation)),
  Number(flags.mutants),
  seed,
);

/** Runs a tool on a new state, and measures its time. */
async function run(
  tool: Tool,
  operation: string,
  defect: Defect,
): Promise<{ found: string[]; seconds: number; error?: string }> {
  const known = await arrange(target.baseUrl, options.rootKey, options.openapiUrl);
  const proxy = await startProxy(target.baseUrl, defect);
  const directory = await mkdtemp(join(tmpdir(), 'portico-tools-'));
  const begun = performance.now();
  const took = () => (performance.now() - begun) / 1000;
  try {
    const found = await tool.run({ url: proxy.url, operation, seconds, known, spec: specFor(spec, known), directory });
    return { found: [...new Set(found)].sort(), seconds: took() };
  } catch (error) {
    return { found: [], seconds: took(), error: (error as Error).message.slice(0, 300) };
  } finally {
    await proxy.stop();
    await rm(directory, { recursive: true });
  }
}

const atOnce = Number(flags.parallel);
const pairs = <T>(items: Iterable<T>) => [...items].flatMap((item) => all.map((tool) => ({ item, tool })));

const tested = [...new Set(chosen.map(({ promise }) => promise.operation))];
const healthy = await mapConcurrently(pairs(tested), atOnce, async ({ item: operation, tool }): Promise<HealthyRun> => {
  const result = await run(tool, operation, {});
  say(
    `healthy  ${operation}  ${tool.name}  ${result.seconds.toFixed(1)} s  ${result.error ?? result.found.join('; ')}`,
  );
  return { tool: tool.name, operation, ...result };
});
const mutants = await mapConcurrently(pairs(chosen), atOnce, async ({ item, tool }): Promise<MutantRun> => {
  const { name, promise, createDefect } = item;
  const alarms = healthy.find((own) => own.tool === tool.name && own.operation === promise.operation)?.found ?? [];
  const { found, ...rest } = await run(tool, promise.operation, createDefect());
  const more = found.filter((one) => !alarms.includes(one));
  const outcome = more.length > 0 ? 'caught ' : 'missed ';
  say(`${outcome}  ${name}  ${tool.name}  ${rest.seconds.toFixed(1)} s  ${rest.error ?? more[0] ?? ''}`);
  return { tool: tool.name, mutant: name, kind: promise.kind, found: more.slice(0, 3), ...rest };
});
await target.stop();

const results: Results = {
  ...{ date: new Date().toISOString().slice(0, 10), seed, seconds, tools: all.map(({ name }) => name) },
  ...{ operations: tested, mutants, healthy },
};
const tables = resultTables(results);
say(tables);
if (!flags['dry-run']) {
  await writeFile(join(evidence, 'tools.json'), `${JSON.stringify(results, null, 1)}\n`);
  const page = await readFile(join(evidence, 'tools.md'), 'utf8');
  const [before, , after] = page.split(/<!-- (?:results|end) -->/);
  await writeFile(join(evidence, 'tools.md'), `${before}<!-- results -->\n${tables}\n<!-- end -->${after}`);
}

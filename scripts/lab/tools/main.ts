/**
 * `npx node scripts/lab/tools/main.ts` runs tools that test a server by its OpenAPI document on the same mutants: Schemathesis, Specmatic, Dredd,
 * Prism's proxy and our suite. Each has the same credentials, the same values that exist, and the same time, and tests the operation of
 * the mutant. A tool catches a mutant if it finds something that it does not find on the healthy server; what it finds there is a false
 * alarm. Writes the results into docs/evidence/tools.md and tools.json. Options: `--mutants N` (38, two of each kind), `--operations N` from
 * which they are (6), `--only PATTERN` for their names, `--seconds S` for each tool and mutant (20), `--minutes M` after which no further
 * mutant begins, `--resume` to go on with the last run of the same seed and time, `--seed N`, `--tools PATTERN`, `--parallel N` mutants at once (1), `--dry-run` to print and write nothing.
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
    mutants: { type: 'string', default: '38' },
    operations: { type: 'string', default: '6' },
    only: { type: 'string', default: '.' },
    seconds: { type: 'string', default: '20' },
    minutes: { type: 'string' },
    resume: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    tools: { type: 'string', default: '.' },
    parallel: { type: 'string', default: '1' },
    'dry-run': { type: 'boolean', default: false },
  },
});
const [seconds, seed] = [Number(flags.seconds), Number(flags.seed)];
const only = new RegExp(flags.only);
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
  candidates.filter(({ name, promise }) => operations.includes(promise.operation) && only.test(name)),
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
const tested = [...new Set(chosen.map(({ promise }) => promise.operation))];
const runs = (tested.length + chosen.length) * all.length;
const longest = Math.ceil((runs * seconds) / atOnce / 60);
say(`${chosen.length} mutants of ${tested.length} operations, ${runs} runs: at most about ${longest} minutes`);
const end = Date.now() + Number(flags.minutes ?? longest * 10) * 60_000;

/** Runs one tool after the other on each item, and a few items at once. */
async function runEach<Item, Run>(items: Item[], one: (item: Item, tool: Tool) => Promise<Run>): Promise<Run[]> {
  const done = await mapConcurrently(items, atOnce, async (item) => {
    const own: Run[] = [];
    if (Date.now() < end) for (const tool of all) own.push(await one(item, tool));
    return own;
  });
  return done.flat();
}

const file = join(evidence, 'tools.json');
const last = flags.resume ? (JSON.parse(await readFile(file, 'utf8')) as Results) : undefined;
// A mutant on which a tool could not run is repeated for all tools.
const failed = new Set(last?.mutants.filter(({ error }) => error !== undefined).map(({ mutant }) => mutant));
const before = last && { ...last, mutants: last.mutants.filter(({ mutant }) => !failed.has(mutant)) };
if (before !== undefined && (before.seed !== seed || before.seconds !== seconds))
  throw new Error(`the last run had --seed ${before.seed} and --seconds ${before.seconds}`);
const isNew = (name: string) => !before?.mutants.some(({ mutant }) => mutant === name);
const untested = tested.filter((name) => !before?.healthy.some(({ operation }) => operation === name));

const healthyNow = await runEach(untested, async (operation, tool): Promise<HealthyRun> => {
  const result = await run(tool, operation, {});
  say(
    `healthy  ${operation}  ${tool.name}  ${result.seconds.toFixed(1)} s  ${result.error ?? result.found.join('; ')}`,
  );
  return { tool: tool.name, operation, ...result };
});
const healthy = [...(before?.healthy ?? []), ...healthyNow];
const mutantsNow = await runEach(
  chosen.filter(({ name }) => isNew(name)),
  async ({ name, promise, createDefect }, tool): Promise<MutantRun> => {
    const alarms = healthy.find((own) => own.tool === tool.name && own.operation === promise.operation)?.found ?? [];
    const { found, ...rest } = await run(tool, promise.operation, createDefect());
    const more = found.filter((one) => !alarms.includes(one));
    const outcome = more.length > 0 ? 'caught ' : 'missed ';
    say(`${outcome}  ${name}  ${tool.name}  ${rest.seconds.toFixed(1)} s  ${rest.error ?? more[0] ?? ''}`);
    return { tool: tool.name, mutant: name, kind: promise.kind, found: more.slice(0, 3), ...rest };
  },
);
await target.stop();

const results: Results = {
  ...{ date: new Date().toISOString().slice(0, 10), seed, seconds, tools: all.map(({ name }) => name) },
  ...{ operations: tested, mutants: [...(before?.mutants ?? []), ...mutantsNow], healthy },
};
const tables = resultTables(results);
say(tables);
if (!flags['dry-run']) {
  await writeFile(file, `${JSON.stringify(results, null, 1)}\n`);
  const page = await readFile(join(evidence, 'tools.md'), 'utf8');
  const [before, , after] = page.split(/<!-- (?:results|end) -->/);
  await writeFile(join(evidence, 'tools.md'), `${before}<!-- results -->\n${tables}\n<!-- end -->${after}`);
}

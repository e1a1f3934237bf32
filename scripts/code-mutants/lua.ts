/** Mutants of the Lua scripts. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scripts } from '../../src/server/store/scripts.ts';
import { mutateLua } from './lua-mutator.ts';
import type { Reply, Request } from './lua-worker.ts';
import { isInSample, planRuns } from './plan.ts';
import type { Outcome } from './report.ts';
import { type RunOptions, workDirectory } from './stryker.ts';
import { storeTestFiles } from './tests.ts';

const root = join(import.meta.dirname, '../..');
const scriptsFolder = 'src/server/store/scripts';
const copied = ['contract-tests', 'dist', 'generated', 'scripts', 'spec', 'src', 'tests', 'clients', 'docs'];
const copiedFiles = ['jest.config.js', 'openapi.yaml', 'package.json', 'README.md'];

/** How long the tests of one mutant may take, in ms, before it counts as noticed: a script that does not end blocks Redis. */
const deadlineMs = 30_000;

/** A copy of the project, in which each script notes which test runs it. */
function copyProject(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const name of [...copied, ...copiedFiles]) {
    cpSync(join(root, name), join(directory, name), {
      recursive: true,
      filter: (source) => !/node_modules|dist\/server|docs\/evidence/.test(source),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  const path = join(directory, scriptsFolder, 'script.ts');
  const source = readFileSync(path, 'utf8');
  const head = 'parseCommand(parser: CommandParser, input: Input): void {\n';
  if (!source.includes(head)) throw new Error(`${scriptsFolder}/script.ts has no ${head}`);
  const note = `const noted = (globalThis as any).__stryker__;
    if (noted) ((noted.scripts ??= {})[noted.currentTestId] ??= {})[name] = true;\n`;
  writeFileSync(
    path,
    source.replace(head, () => head + note),
  );
}

/** A process that runs tests in its own copy, and starts again after one that does not reply. */
class Worker {
  readonly #directory: string;
  #child: ChildProcess | undefined;
  #sent = 0;

  constructor(directory: string) {
    this.#directory = directory;
    copyProject(directory);
  }

  #start(): ChildProcess {
    return fork(join(this.#directory, 'scripts/code-mutants/lua-worker.ts'), {
      cwd: this.#directory,
      execArgv: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
      env: { ...process.env, NODE_ENV: 'test' },
      // A process group, so that its Redis ends with it.
      detached: true,
    });
  }

  /** The reply, or undefined if there is none in time. */
  async send(request: Request, ms: number): Promise<Reply | undefined> {
    // Jest does not free all of a test file.
    if (++this.#sent % 60 === 0) this.stop();
    this.#child ??= this.#start();
    const late = AbortSignal.timeout(ms);
    this.#child.send(request);
    try {
      const [reply] = await once(this.#child, 'message', { signal: late });
      return reply as Reply;
    } catch {
      this.stop();
      return undefined;
    }
  }

  stop(): void {
    if (this.#child?.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    this.#child = undefined;
  }
}

/** The tests and files that run a script. */
function idsOf(script: string, scriptsOfTest: Record<string, string[]>): string[] {
  return Object.entries(scriptsOfTest).flatMap(([id, scripts]) => (scripts.includes(script) ? [id] : []));
}

/** The names of the scripts that contain the text of a file: of themselves, or of a snippet that they use. */
const usersOf = (text: string) =>
  Object.entries(scripts).flatMap(([name, { SCRIPT }]) => (SCRIPT.includes(text) ? [name] : []));

/** The status of a mutant by the reply to it. */
function statusOf(reply: Reply | undefined): Outcome['status'] {
  // A script that does not end blocks Redis, so every test would notice it.
  if (reply === undefined) return 'killed';
  return 'killedBy' in reply && reply.killedBy !== undefined ? 'killed' : 'survived';
}

/**
 * Runs the mutants of Lua files.
 *
 * @param files paths from the root of the project
 * @throws Error if the tests do not end without a mutant
 */
export async function runLuaMutants(
  files: string[],
  { budgetMs, endsAt, sample, lines }: RunOptions,
): Promise<Outcome[]> {
  const isWanted = (file: string, line: number) =>
    lines?.get(file)?.some(([first, last]) => first <= line && line <= last) ?? true;
  const mutants = files
    .flatMap((file) => {
      const source = readFileSync(join(root, file), 'utf8');
      return mutateLua(source)
        .filter(({ line }) => isWanted(file, line))
        .map((mutant) => ({ file, source, ...mutant }));
    })
    .filter((_, i) => isInSample(String(i), sample));
  const workers = [0, 1, 2, 3].map((i) => new Worker(join(root, workDirectory, `lua-${i}`)));
  try {
    const measured = await workers[0]?.send({ files: storeTestFiles(root) }, Math.min(1_800_000, endsAt - Date.now()));
    if (measured === undefined && Date.now() >= endsAt) return [];
    if (measured === undefined || !('costs' in measured)) throw new Error('the tests did not end without a mutant');
    const { costs, scriptsOfTest } = measured;
    const outcomes: Outcome[] = [];
    const queue = mutants.values();
    const work = async (worker: Worker) => {
      for (const { source, text, ...mutant } of queue) {
        if (Date.now() > endsAt) return;
        const ids = [...new Set(usersOf(source).flatMap((script) => idsOf(script, scriptsOfTest)))];
        // These tests are fast, and many mutants are in scripts that nearly all of them use.
        const runs = planRuns(ids, mutant.file, costs, 3 * budgetMs);
        const isCovered = runs.length > 0;
        const status = isCovered
          ? statusOf(await worker.send({ file: mutant.file, text, runs }, deadlineMs))
          : 'not covered';
        outcomes.push({ ...mutant, status });
        if (outcomes.length % 50 === 0)
          process.stdout.write(`${outcomes.length} of ${mutants.length} mutants of Lua\n`);
      }
    };
    await Promise.all(workers.map(work));
    return outcomes;
  } finally {
    for (const worker of workers) worker.stop();
  }
}

/**
 * The environment of a test file while code mutants run. It gives the VM of the file the servers of this process,
 * and the object in which instrumented code finds the active mutant and counts what each test covers. In place of the tests
 * of the file it runs copies of them: each test for each mutant.
 */
import type { Circus } from '@jest/types';
import { TestEnvironment } from 'jest-environment-node';
import { startServersHere } from '../../tests/support/server.ts';
import type { Trial } from './protocol.ts';
import { activate, fileId, state } from './state.ts';
import { runsHere } from './tests.ts';

/** How long a test may take with a mutant, which can make it wait forever; and each hook of a test; in ms. */
const testTimeoutMs = (usualMs: number) => 3000 + 3 * usualMs;
const hookTimeoutMs = 10_000;
/** From this duration on, in ms, a test is measured once. */
const slowMs = 2000;
/** After so many mutants that the same test has noticed, it runs without a mutant. */
const mostWaiting = 4;
/** What a test may take without a mutant, on a machine that may be busy, in ms. */
export const patienceMs = 60_000;

/** The full name of a test, as Jest reports it. */
function fullName(test: Circus.TestEntry): string {
  const names = [test.name];
  for (let block: Circus.DescribeBlock | undefined = test.parent; block?.parent; block = block.parent)
    names.unshift(block.name);
  return names.join(' ');
}

/** A test that has not run yet. */
const copyOf = (test: Circus.TestEntry, timeout: number): Circus.TestEntry => ({
  ...test,
  timeout,
  errors: [],
  retryReasons: [],
  unhandledRejectionErrorByPromise: new Map(),
});

interface Coverage {
  hits: Record<string, number>;
  ms: number;
}

/** The id of the test that is measured. */
const presentTest = 'the present test';

/** Jest runs each yielded test before it asks for the next one. */
type Runs<Result = void> = Generator<Circus.TestEntry, Result>;

export default class CodeMutantsEnvironment extends TestEnvironment {
  readonly #file: string;
  /** The set-up of a block that must succeed before its tests run. */
  #waitsFor = 0;
  /** Whether the test of a mutant that is alone passes without it. */
  #isProven = false;
  /** The test that has failed, and the mutants that it has noticed if it passes again. */
  #failed: { test: Circus.TestEntry; mutants: string[] } | undefined;
  /** Whether an error came while the present test ran that belongs to no test. */
  #hasStrayError = false;

  constructor(...[config, context]: ConstructorParameters<typeof TestEnvironment>) {
    super(config, context);
    this.#file = fileId(context.testPath);
    const { instrumented, startServer } = state();
    Object.assign(this.global, { __stryker__: instrumented });
    if (startServer !== undefined) startServersHere(this.global, startServer);
    instrumented.mutantCoverage.perTest[this.#file] = {};
    instrumented.currentTestId = this.#file;
  }

  /** Jest waits for it before it goes on. */
  handleTestEvent(event: Circus.Event, circus: Circus.State): void {
    const { found, load } = state();
    switch (event.name) {
      case 'run_start':
        found.isLoaded = true;
        return;
      case 'error':
        this.#hasStrayError = true;
        return;
      case 'run_describe_start':
        this.#waitsFor = event.describeBlock.hooks.filter(({ type }) => type === 'beforeAll').length;
        if (this.#waitsFor === 0) this.#replaceTests(event.describeBlock, circus);
        return;
      case 'hook_success':
        if (event.hook.type === 'beforeAll' && --this.#waitsFor === 0) this.#replaceTests(event.hook.parent, circus);
        return;
      case 'hook_failure':
        if (event.hook.type !== 'beforeAll') return;
        found.end = 'broken';
        if (load.kind === 'whole') for (const { mutant } of load.trials) found.decided.add(mutant);
        return;
      case 'run_describe_finish':
        // Jest needs no results.
        event.describeBlock.children = [];
    }
  }

  /** Replaces the tests of a block by what the load needs. Blocks within it have their turn when they would have it. */
  #replaceTests(block: Circus.DescribeBlock, circus: Circus.State): void {
    const { load } = state();
    const runs = (tests: Circus.TestEntry[]) =>
      load.kind === 'measure' ? this.#measureAll(tests) : this.#tryAll(tests, circus);
    const { children } = block;
    block.children = Object.assign([], {
      *[Symbol.iterator]() {
        let tests: Circus.TestEntry[] = [];
        for (const child of children) {
          if (child.type === 'describeBlock') {
            yield* runs(tests);
            tests = [];
            yield child;
          } else if (child.mode !== 'skip' && runsHere(fullName(child))) tests.push(child);
        }
        yield* runs(tests);
      },
    });
  }

  *#measureAll(tests: Circus.TestEntry[]): Runs {
    const { measured } = state().found;
    const firsts = new Map<Circus.TestEntry, Coverage | undefined>();
    for (const test of tests) firsts.set(test, yield* this.#measure(test));
    for (const [test, first] of firsts) {
      const name = fullName(test);
      if (first === undefined) measured.failed.push(name);
      // Nothing of it is of interest.
      if (first === undefined || Object.keys(first.hits).length === 0) continue;
      // Some tests cannot run twice in one load. A slow one is used where no other covers a mutant: its first run is sufficient.
      const isSlow = first.ms > slowMs;
      const { hits, ms } = isSlow ? first : ((yield* this.#measure(test)) ?? { hits: {}, ms: first.ms });
      const once = Object.keys(first.hits).filter((id) => !(id in hits));
      measured.tests.push({ name, ms, covers: Object.keys(hits), once });
      for (const [id, count] of Object.entries(hits)) measured.hits[id] = Math.max(count, measured.hits[id] ?? 0);
    }
  }

  /** Runs a test without a mutant. Returns undefined if it fails. */
  *#measure(test: Circus.TestEntry): Runs<Coverage | undefined> {
    const { instrumented, found, say, takeReached } = state();
    const hits: Record<string, number> = {};
    const copy = copyOf(test, patienceMs);
    say({ within: 2 * patienceMs });
    instrumented.mutantCoverage.perTest[presentTest] = hits;
    instrumented.currentTestId = presentTest;
    takeReached();
    yield copy;
    instrumented.currentTestId = this.#file;
    for (const id of takeReached()) hits[id] = 1;
    const ms = copy.duration ?? 0;
    found.testMs += ms;
    return copy.errors.length > 0 ? undefined : { hits, ms };
  }

  *#tryAll(tests: Circus.TestEntry[], circus: Circus.State): Runs {
    const { load, found } = state();
    const byName = new Map(tests.map((test) => [fullName(test), test]));
    // What has noticed the mutant before is likely to notice the next one of the same code.
    let last = '';
    for (const trial of load.trials) {
      for (const name of trial.tests.toSorted((a, b) => Number(b === last) - Number(a === last))) {
        const test = byName.get(name);
        if (found.end !== undefined) return;
        if (found.decided.has(trial.mutant)) break;
        if (test !== undefined) yield* this.#try(test, trial, circus);
        if (found.decided.has(trial.mutant)) last = name;
      }
    }
    yield* this.#control(circus);
  }

  *#try(test: Circus.TestEntry, trial: Trial, circus: Circus.State): Runs {
    const { load, found, say } = state();
    const { mutant } = trial;
    if (load.kind === 'alone' && !this.#isProven) {
      this.#isProven = (yield* this.#run(test, undefined, circus)) === 'passed';
      if (!this.#isProven) {
        found.end = 'broken';
        return;
      }
    }
    this.#hasStrayError = false;
    const result = yield* this.#run(test, trial, circus);
    if (result === 'passed' && !this.#hasStrayError) {
      found.passed.set(mutant, (found.passed.get(mutant) ?? 0) + 1);
      if (this.#failed?.test === test) this.#settle('killed');
      return;
    }
    found.decided.add(mutant);
    found.failedTests.push(fullName(test));
    if (load.kind === 'whole') return;
    if (load.kind === 'alone') {
      // A script that does not end blocks Redis also for the next load.
      if (result === 'late') found.end = 'broken';
      say({ mutant, outcome: 'killed', test: fullName(test) });
      return;
    }
    if (this.#failed?.test !== test) yield* this.#control(circus);
    // An error without an owner can be of the mutant before.
    const isUnsure = this.#hasStrayError || found.end !== undefined;
    if (isUnsure) say({ mutant, outcome: 'unsure', test: fullName(test) });
    this.#failed = { test, mutants: [...(this.#failed?.mutants ?? []), ...(isUnsure ? [] : [mutant])] };
    if (isUnsure || result === 'late' || this.#failed.mutants.length === mostWaiting) yield* this.#control(circus);
  }

  /** Runs the test that has failed without a mutant. If it fails again, a mutant before can have broken something. */
  *#control(circus: Circus.State): Runs {
    const { found } = state();
    if (this.#failed === undefined || found.end !== undefined) return;
    const control = yield* this.#run(this.#failed.test, undefined, circus);
    if (control !== 'passed') found.end = control === 'late' ? 'broken' : 'done';
    this.#settle(control === 'passed' ? 'killed' : 'unsure');
  }

  /** Says what is known now of the mutants that the test has noticed. */
  #settle(outcome: 'killed' | 'unsure'): void {
    const { test, mutants } = this.#failed ?? { mutants: [] };
    for (const mutant of mutants) state().say({ mutant, outcome, test: test && fullName(test) });
    this.#failed = undefined;
  }

  /** Runs a test with a mutant or without. */
  *#run(test: Circus.TestEntry, trial: Trial | undefined, circus: Circus.State): Runs<'passed' | 'failed' | 'late'> {
    const { instrumented, load, found, say } = state();
    const timeoutMs = testTimeoutMs(load.usualMs[fullName(test)] ?? 0) * (trial === undefined ? 2 : 1);
    const copy = copyOf(test, timeoutMs);
    const usualTimeoutMs = circus.testTimeout;
    circus.testTimeout = hookTimeoutMs;
    say({ within: timeoutMs + 2 * hookTimeoutMs, mutant: trial?.mutant });
    if (load.kind !== 'whole' || trial !== undefined) activate(trial);
    yield copy;
    const isEndless = (instrumented.hitCount ?? 0) > (instrumented.hitLimit ?? Number.POSITIVE_INFINITY);
    if (load.kind !== 'whole') activate(undefined);
    circus.testTimeout = usualTimeoutMs;
    found.testMs += copy.duration ?? 0;
    if (copy.errors.length === 0 && !isEndless) return 'passed';
    return (copy.duration ?? 0) < timeoutMs ? 'failed' : 'late';
  }
}

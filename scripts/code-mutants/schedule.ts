/** Which file a worker loads next, with which mutants, and what follows from what the worker says. */
import type { Mutant } from './copy.ts';
import { isInSample, type Plan } from './plan.ts';
import type { Ending, Load, Measured, Message, Trial } from './protocol.ts';

/** How much a worker gets at once: the expected duration of the tests in ms, and how often it loads the file. */
const most = { testMs: 30_000, loads: 10 };

/** After so many loads in a row whose tests fail without a mutant, the mutants that wait for a file do without it. */
const mostBroken = 3;

/** Mutants that wait for a file. */
interface Queue {
  file: string;
  kind: 'switch' | 'whole';
  ids: Set<string>;
}

/** A mutant is in one load at a time. */
export class Schedule {
  /** The file and the test that noticed each mutant. Without a test, the file could not be loaded, or the worker was blocked. */
  readonly killers = new Map<string, { file: string; test?: string | undefined }>();
  /** Noticed mutants that were not noticed again. */
  readonly differences = new Set<string>();
  /** What a person should know. */
  readonly notes: string[] = [];
  readonly #mutants: Map<string, Mutant>;
  readonly #plans: Map<string, Plan>;
  readonly #measured: Map<string, Measured>;
  readonly #queues: Queue[];
  /** Loads that come before the queues. */
  readonly #urgent: Load[] = [];
  /** The loads that run, each with the mutants of which its worker has spoken. */
  readonly #running = new Map<Load, Set<string>>();
  readonly #broken = new Map<string, number>();

  constructor(mutants: Mutant[], plans: Map<string, Plan>, measured: Measured[]) {
    this.#mutants = new Map(mutants.map((mutant) => [mutant.id, mutant]));
    this.#plans = plans;
    this.#measured = new Map(measured.map((each) => [each.file, each]));
    const meanMs = ({ tests }: Measured) => tests.reduce((sum, { ms }) => sum + ms, 0) / tests.length;
    const files = measured.toSorted((a, b) => meanMs(a) - meanMs(b)).map(({ file }) => file);
    const queueOf = (kind: Queue['kind'], file: string, isWanted: (plan: Plan | undefined) => boolean): Queue => {
      const ids = mutants.filter(({ id }) => plans.get(id)?.[kind].has(file) && isWanted(plans.get(id)));
      return { file, kind, ids: new Set(ids.map(({ id }) => id)) };
    };
    const isFirst = (plan: Plan | undefined, file: string) => plan?.switch.keys().next().value === file;
    this.#queues = [
      ...files.map((file) => queueOf('switch', file, (plan) => isFirst(plan, file))),
      ...files.map((file) => queueOf('switch', file, (plan) => !isFirst(plan, file))),
      ...files.map((file) => queueOf('whole', file, () => true)),
    ];
  }

  /** How many mutants still need tests. */
  get left(): number {
    return new Set([...this.#inLoads(), ...this.#queues.flatMap(({ ids }) => [...ids])]).size;
  }

  /** Whether a mutant has run against all of its tests, or was noticed. */
  isFinished(id: string): boolean {
    return this.killers.has(id) || !(this.#inLoads().has(id) || this.#queues.some(({ ids }) => ids.has(id)));
  }

  #inLoads(): Set<string> {
    return new Set(
      [...this.#running.keys(), ...this.#urgent].flatMap(({ trials }) => trials.map((each) => each.mutant)),
    );
  }

  /** The next load, or undefined if nothing can run at present. */
  next(): Load | undefined {
    const load = this.#urgent.shift() ?? this.#nextOfQueues();
    if (load !== undefined) this.#running.set(load, new Set());
    return load;
  }

  #nextOfQueues(): Load | undefined {
    const busy = this.#inLoads();
    for (const { file, kind, ids } of this.#queues) {
      const load = this.#load(file);
      let leftMs = most.testMs;
      for (const id of ids) {
        if (leftMs <= 0 || (kind === 'whole' && load.trials.length === most.loads)) break;
        if (busy.has(id)) continue;
        ids.delete(id);
        const tests = this.#plans.get(id)?.[kind].get(file) ?? [];
        load.trials.push(this.#trial(id, file, tests));
        for (const test of tests) leftMs -= Math.max(1, load.usualMs[test] ?? 0);
      }
      if (load.trials.length > 0) return { ...load, kind };
    }
    return undefined;
  }

  #load(file: string): Omit<Load, 'kind'> {
    const tests = this.#measured.get(file)?.tests ?? [];
    return { file, trials: [], usualMs: Object.fromEntries(tests.map(({ name, ms }) => [name, ms])) };
  }

  #trial(id: string, file: string, tests: string[]): Trial {
    const hits = this.#measured.get(file)?.hits[id] ?? 0;
    // Stryker's factor: a property-based test that fails runs many more times.
    return { mutant: id, lua: this.#mutants.get(id)?.lua, tests, hitLimit: 1000 + 100 * hits };
  }

  #kill(mutant: string, file: string, test?: string): void {
    this.killers.set(mutant, { file, test });
    for (const { ids } of this.#queues) ids.delete(mutant);
  }

  /** Lets a sample of the mutants that a test has noticed run again, each in a load of its own. Returns their number. */
  repeat(percent: number): number {
    const killers = [...this.killers].filter((_, i) => isInSample(i, percent));
    for (const [id, { file, test }] of killers) {
      if (test !== undefined)
        this.#urgent.push({ ...this.#load(file), kind: 'alone', trials: [this.#trial(id, file, [test])] });
    }
    return this.#urgent.length;
  }

  /** Notes what a worker says of a load. */
  hear(load: Load, message: Message): void {
    if (!('outcome' in message)) return;
    const { mutant, outcome, test } = message;
    this.#running.get(load)?.add(mutant);
    if (outcome === 'killed') this.#kill(mutant, load.file, test);
    if (outcome === 'survived' && this.killers.has(mutant)) this.differences.add(mutant);
    if (outcome !== 'unsure') return;
    const trial = load.trials.find((each) => each.mutant === mutant);
    if (trial === undefined) return;
    const tests = trial.tests.toSorted((a, b) => Number(b === test) - Number(a === test));
    this.#urgent.push({ ...load, kind: 'alone', trials: [{ ...trial, tests }] });
  }

  /** What follows from the end of a load. */
  settle(load: Load, { end, active }: Ending): void {
    const { file, kind } = load;
    const heard = this.#running.get(load);
    this.#running.delete(load);
    // A mutant that blocks or ends its worker is noticed by every test.
    if (end === 'lost' && active !== undefined) this.#kill(active, file);
    const left = load.trials.filter(({ mutant }) => !heard?.has(mutant) && mutant !== active);
    const isBroken = end === 'broken' || (end === 'lost' && active === undefined);
    if (heard?.size) this.#broken.delete(file);
    else if (isBroken) {
      const count = (this.#broken.get(file) ?? 0) + 1;
      this.#broken.set(file, count);
      // Its worker was fresh or has proved that it is sound.
      const [only] = left;
      if (kind === 'whole' && left.length === 1 && only !== undefined) {
        this.#kill(only.mutant, file);
        return;
      }
      if (count > mostBroken) {
        this.notes.push(`${file}: its tests fail without a mutant`);
        return;
      }
    }
    if (kind === 'whole') this.#urgent.push(...left.map((trial) => ({ ...load, trials: [trial] })));
    else if (kind === 'alone') this.#urgent.push(...(left.length > 0 ? [load] : []));
    else if (left.length > 0) this.#waitLonger(file, left);
  }

  /** Trials that have broken their load wait until the other files have had their turn, so that fewer are left. */
  #waitLonger(file: string, trials: Trial[]): void {
    const i = this.#queues.findIndex((each) => each.file === file && each.kind === 'switch');
    const [queue] = this.#queues.splice(i, 1);
    if (queue === undefined) return;
    for (const { mutant } of trials) queue.ids.add(mutant);
    this.#queues.splice(
      this.#queues.findIndex(({ kind }) => kind === 'whole'),
      0,
      queue,
    );
  }
}

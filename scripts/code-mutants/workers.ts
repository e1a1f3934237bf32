/** The processes that load test files. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ending, Load, Message } from './protocol.ts';

/** Jest does not free all of a test file: after so many loads a worker starts again. */
const mostLoads = 60;
/** Its Redis has the records of all tests that it has run, and becomes slow: after so many ms a worker starts again. */
const mostMs = 180_000;
/** For the start of a worker, in ms. */
const startMs = 60_000;

/** A process that starts at its first load, and again after one that breaks it. */
class Worker {
  readonly #directory: string;
  #child: ChildProcess | undefined;
  #loads = 0;
  #startedAt = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  #start(): ChildProcess {
    this.#loads = 0;
    this.#startedAt = Date.now();
    return fork(join(this.#directory, 'scripts/code-mutants/worker.ts'), {
      cwd: this.#directory,
      execArgv: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
      env: { ...process.env, NODE_ENV: 'test', CONTRACT_TARGET: 'server' },
      // A process group, so that its Redis ends with it.
      detached: true,
    });
  }

  /** Loads a file, and passes on what the process says. */
  async run(load: Load, hear: (message: Message) => void): Promise<Ending> {
    if (this.#loads > mostLoads || Date.now() - this.#startedAt > mostMs) this.stop();
    this.#child ??= this.#start();
    const child = this.#child;
    this.#loads += load.kind === 'whole' ? load.trials.length + 1 : 1;
    const ended = Promise.withResolvers<Ending>();
    let active: string | undefined;
    const lose = () => ended.resolve({ end: 'lost', active });
    let timer = setTimeout(lose, startMs);
    const listen = (message: Message) => {
      if ('within' in message) {
        ({ mutant: active } = message);
        clearTimeout(timer);
        timer = setTimeout(lose, message.within);
      } else if ('end' in message) ended.resolve(message);
      else hear(message);
    };
    child.on('message', listen).on('exit', lose);
    child.send(load);
    const ending = await ended.promise;
    clearTimeout(timer);
    child.off('message', listen).off('exit', lose);
    if (ending.end !== 'done') this.stop();
    return ending;
  }

  stop(): void {
    try {
      if (this.#child?.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It has ended itself.
    }
    this.#child = undefined;
  }
}

/** Where loads come from. `next` returns undefined if there is none at present; `left` is 0 if there will be none. */
export interface Loads {
  readonly left: number;
  next(): Load | undefined;
  hear(load: Load, message: Message): void;
  settle(load: Load, ending: Ending): void;
}

/** Some workers in one copy of the project. */
export class Workers {
  readonly #workers: Worker[];
  /** The loads of each kind so far, and their CPU time in ms. */
  readonly spent = new Map<Load['kind'], { loads: number; cpuMs: number }>();

  constructor(directory: string, count: number) {
    this.#workers = Array.from({ length: count }, () => new Worker(directory));
  }

  /** Runs all loads. After `endsAt`, in Unix ms, none begins, and those that run are stopped. */
  async run(loads: Loads, endsAt: number): Promise<void> {
    const work = async (worker: Worker) => {
      while (loads.left > 0 && Date.now() < endsAt) {
        const load = loads.next();
        if (load === undefined) {
          await sleep(20);
          continue;
        }
        const ending = await worker.run(load, (message) => loads.hear(load, message));
        const spent = this.spent.get(load.kind) ?? { loads: 0, cpuMs: 0 };
        spent.loads += load.kind === 'whole' ? load.trials.length : 1;
        spent.cpuMs += ending.cpuMs ?? 0;
        this.spent.set(load.kind, spent);
        loads.settle(load, ending);
      }
    };
    const late = setTimeout(() => this.stop(), Math.min(endsAt - Date.now(), 2 ** 31 - 1));
    await Promise.all(this.#workers.map(work));
    clearTimeout(late);
  }

  stop(): void {
    for (const worker of this.#workers) worker.stop();
  }
}

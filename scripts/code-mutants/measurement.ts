/** Loads every test file without a mutant. */
import type { Ending, Load, Measured, Message } from './protocol.ts';
import type { Loads } from './workers.ts';

/** A machine can be too busy for a deadline of a test. */
const mostTries = 3;

/** The loads that measure files. One that cannot be loaded is left out, so that its mutants survive. */
export class Measurement implements Loads {
  readonly measured: Measured[];
  readonly #waiting: string[];
  readonly #tries = new Map<string, number>();
  left: number;

  /** @param known what an earlier run has measured */
  constructor(files: string[], known: Measured[] = []) {
    this.measured = known.filter(({ file }) => files.includes(file));
    this.#waiting = files.filter((file) => known.every((each) => each.file !== file));
    this.left = this.#waiting.length;
  }

  next(): Load | undefined {
    const file = this.#waiting.shift();
    return file === undefined ? undefined : { file, kind: 'measure', trials: [], usualMs: {} };
  }

  hear(_load: Load, message: Message): void {
    if ('measured' in message) this.measured.push(message.measured);
  }

  settle({ file }: Load, { end }: Ending): void {
    if (end === 'done') {
      this.left--;
      return;
    }
    process.stdout.write(`${file} is measured again: ${end}\n`);
    const tries = (this.#tries.get(file) ?? 0) + 1;
    this.#tries.set(file, tries);
    if (tries < mostTries) this.#waiting.push(file);
    else {
      this.left--;
      process.stdout.write(`NOT USED  ${file} does not run without a mutant\n`);
    }
  }
}

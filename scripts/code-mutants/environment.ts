/**
 * The environment of a test file while code mutants run. It gives the VM of the file the servers of this process,
 * and the object in which Stryker's instrumented code finds the active mutant and counts what each test covers.
 */
import type { Circus } from '@jest/types';
import { TestEnvironment } from 'jest-environment-node';
import { startServersHere } from '../../tests/support/server.ts';
import { fileId, state, testId } from './state.ts';

/** The full name of a test, as Jest reports it. */
function fullName(test: Circus.TestEntry): string {
  const names = [test.name];
  for (let block: Circus.DescribeBlock | undefined = test.parent; block?.parent; block = block.parent)
    names.unshift(block.name);
  return names.join(' ');
}

export default class CodeMutantsEnvironment extends TestEnvironment {
  readonly #file: string;
  #hasFailed = false;

  constructor(...[config, context]: ConstructorParameters<typeof TestEnvironment>) {
    super(config, context);
    this.#file = context.testPath;
    const { instrumented, startServer } = state();
    Object.assign(this.global, { __stryker__: instrumented });
    if (startServer !== undefined) startServersHere(this.global, startServer);
    instrumented.currentTestId = fileId(this.#file);
  }

  /** Jest waits for it before it goes on. */
  handleTestEvent(event: Circus.Event): void {
    const { instrumented } = state();
    if (event.name === 'test_start') {
      instrumented.currentTestId = testId(this.#file, fullName(event.test));
      // One failure is enough: the tests after it would only cost time.
      if (this.#hasFailed) event.test.mode = 'skip';
    }
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.#hasFailed = true;
    // Hooks and the code of the file itself belong to the file.
    if (event.name === 'test_done') instrumented.currentTestId = fileId(this.#file);
  }
}

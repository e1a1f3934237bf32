import { ConfigError, readConfig } from './config/index.ts';
import { superviseWorkers, self as thisProcess } from './http/process/workers.ts';
import { ListenError } from './listen.ts';
import { observeWorkers } from './observe/index.ts';
import { createLogger } from './observe/logger.ts';
import { DataRefused } from './store/redis/data-refused.ts';

/** Errors whose message says everything: the cause is a setting, or the data. The stack of any other shows where our fault is. */
const causedByOperator = (error: unknown): error is Error =>
  error instanceof ConfigError || error instanceof ListenError || error instanceof DataRefused;

/**
 * Starts this process: as a server, or as the supervisor of several. A process that cannot start says why and ends.
 *
 * @param env the settings, unless they are those of the real process
 * @param self the real process, unless a test passes its own
 * @param supervise starts the workers
 */
export async function start(env?: NodeJS.ProcessEnv, self = thisProcess, supervise = superviseWorkers): Promise<void> {
  try {
    const config = readConfig(env);
    const log = createLogger(config.logLevel);
    if (config.workers > 1 && !self.isWorker) {
      // First, so that a metrics port in use is reported before workers start.
      await observeWorkers(config, log);
      supervise(config.workers, log);
      return;
    }
    // The supervisor does not load the server.
    const { run } = await import('./run.ts');
    await run(config, log, self);
  } catch (error) {
    await self.fail(String(causedByOperator(error) ? error.message : (error as Error).stack));
  }
}

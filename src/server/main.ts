import { ConfigError, readConfig } from './config/index.ts';
import { reportStartError, self, superviseWorkers } from './http/process/workers.ts';
import { ListenError } from './listen.ts';
import { observeWorkers } from './observe/index.ts';
import { createLogger } from './observe/logger.ts';

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLogger(config.logLevel);
  if (config.workers > 1 && !self.isWorker) {
    // First, so that a metrics port in use is reported before workers start.
    await observeWorkers(config, log);
    superviseWorkers(config.workers, log);
    return;
  }
  // The supervisor does not load the server.
  const { run } = await import('./run.ts');
  await run(config, log);
}

try {
  await main();
} catch (error) {
  const isExpected = error instanceof ConfigError || error instanceof ListenError;
  await reportStartError(String(isExpected ? error.message : (error as Error).stack));
  // An open connection to Redis would keep the process alive.
  process.exit(1);
}

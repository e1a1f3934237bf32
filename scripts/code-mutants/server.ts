/** The server in this process: as `npm start` runs it, with signals that only `stop` sends. */
import { readConfig } from '../../src/server/config/index.ts';
import type { Self } from '../../src/server/http/process/workers.ts';
import { createLogger } from '../../src/server/observe/logger.ts';
import { run } from '../../src/server/run.ts';
import type { LocalServer } from '../../tests/support/server.ts';

/** Starts it with these settings and waits until it has compiled every operation. */
export async function startServerHere(env: Record<string, string>): Promise<LocalServer> {
  const config = readConfig({ ...process.env, ...env });
  const lines: string[] = [];
  const log = createLogger(config.logLevel, { write: (text) => lines.push(text), flushSync() {} });
  const stopped = Promise.withResolvers<void>();
  let terminate = () => {};
  const self: Self = {
    isWorker: false,
    isFirst: true,
    on(signal, listener) {
      if (signal === 'SIGTERM') terminate = listener;
    },
    leave: stopped.resolve,
    async fail(startError) {
      throw new Error(startError);
    },
  };
  await run(config, log, self);
  const output = () => {
    log.flush();
    return lines.join('');
  };
  const listening =
    output()
      .split('\n')
      .find((line) => line.includes('"msg":"listening"')) ?? '{}';
  // A server that logs only errors has a port in its settings.
  const port = config.port || Number(JSON.parse(listening).port);
  return {
    get process(): never {
      throw new Error('this server has no process of its own');
    },
    port,
    url: `http://127.0.0.1:${port}`,
    log: output,
    async stop() {
      terminate();
      await stopped.promise;
    },
  };
}

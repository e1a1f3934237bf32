/** `npm start`: brings the builds up to date, then starts the server in this process. */
import cluster from 'node:cluster';
import { ConfigError, readConfig } from '../src/server/config/index.ts';
import { BuildFailed, buildIfStale } from './freshness/if-stale.ts';

/** Checks the settings first, so that an invalid one is reported before a build of some seconds. */
async function prepare(): Promise<void> {
  readConfig();
  await buildIfStale();
}

// A worker of this process runs the same script; the first process has prepared everything.
if (!cluster.isWorker) {
  await prepare().catch((error: Error) => {
    const isExpected = error instanceof ConfigError || error instanceof BuildFailed;
    process.stderr.write(`${isExpected ? error.message : error.stack}\n`);
    process.exit(1);
  });
}
await import('../src/server/main.ts');

#!/usr/bin/env node
/** The operator's command line. It uses the Redis of REDIS_URL directly; `session create` calls the HTTP API. */
import { runCommandLine } from './run.ts';

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has seen enough, as `head` does. Nobody is left to tell.
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2));

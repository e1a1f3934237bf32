/** The operator's command line. It uses the Redis of REDIS_URL directly; `session create` calls the HTTP API. */
import { runCommandLine } from './run.ts';

process.exitCode = await runCommandLine(process.argv.slice(2));

import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import type { Config } from './config.ts';
import { redact, redactMadeUp } from './redact.ts';

/** How long a line waits for others to be written with, in ms: a write each costs a request as much as a call of Redis. */
const flushMs = 100;

/** Pino's number for it. */
const warnLevel = 40;

/** stdout. What is wrong is written at once, with all that came before it. */
function buffered(): DestinationStream {
  const stdout = pino.destination({ minLength: 4096, periodicFlush: flushMs });
  process.once('exit', () => stdout.flushSync());
  return {
    // Has pino say of which level a line is.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      stdout.write(line);
      if (this.lastLevel >= warnLevel) stdout.flushSync();
    },
  } as DestinationStream & { lastLevel: number };
}

/** The server's log: one line of JSON an entry, on stdout, with every credential blotted out wherever it may stand. */
export function createLogger(level: Config['logLevel'], destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: {
      err: (error: Error) => {
        const { type, message, stack } = stdSerializers.err(error);
        // The frames of a stack have long names of ours; the message, which stands there again, may hold anything.
        const told = redactMadeUp(String(message));
        return { type, message: told, stack: redact(String(stack).replaceAll(String(message), () => told)) };
      },
    },
  };
  return pino(options, destination ?? buffered());
}

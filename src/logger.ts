import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import type { Config } from './config.ts';
import { redact } from './redact.ts';

/** How long a line waits for others to be written with, in ms: a write each costs a request as much as a call of Redis. */
const flushMs = 100;

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
        return { type, message: redact(String(message)), stack: redact(String(stack)) };
      },
    },
  };
  return pino(options, destination ?? pino.destination({ minLength: 4096, periodicFlush: flushMs }));
}

import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import type { Config } from '../config/index.ts';
import { redact, redactMadeUp } from '../redact.ts';

/** How long a line waits for others to be written with, in ms: a write each costs a request as much as a call of Redis. */
const flushMs = 100;

/** How many lines wait at the most, in characters. */
const chunkLength = 32_768;

/** Pino's number for it. */
const warnLevel = 40;

/**
 * stdout, written in chunks. What is wrong is written at once, with all that came before it.
 *
 * The lines are gathered here, since pino's own destination measures all that waits anew with every line.
 */
function buffered(): DestinationStream {
  const stdout = pino.destination({ fd: 1, sync: true });
  let lines = '';
  let timer: NodeJS.Timeout | undefined;
  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const chunk = lines;
    lines = '';
    if (chunk !== '') stdout.write(chunk);
  }
  process.once('exit', () => {
    flush();
    stdout.flushSync();
  });
  return {
    // Has pino say of which level a line is.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      lines += line;
      if (this.lastLevel >= warnLevel || lines.length >= chunkLength) flush();
      else timer ??= setTimeout(flush, flushMs).unref();
    },
  } as DestinationStream & { lastLevel: number };
}

/** The time as pino wants it. Where there are many lines in a millisecond, it is written out once. */
function isoTime(): () => string {
  let at = 0;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== at) {
      at = now;
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}

/** The server's log: one line of JSON an entry, on stdout, with every credential blotted out wherever it may stand. */
export function createLogger(level: Config['logLevel'], destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: isoTime(),
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

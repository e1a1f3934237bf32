import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import type { Config } from '../config/index.ts';
import { redact, redactMadeUp } from '../redact.ts';

/** The longest time a line is buffered, in ms. A write per line would cost each request as much as a call to Redis. */
const flushMs = 100;

/** The size at which buffered lines are written, in characters. */
const chunkLength = 32_768;

/** Pino's number of the level `warn`. */
const warnLevel = 40;

/** Where chunks of lines go. `flushSync` returns once all of them are written. */
export interface Stdout {
  write(chunk: string): unknown;
  flushSync(): void;
}

/**
 * stdout, written in chunks. A line of level `warn` or above is written immediately, together with the lines before it.
 *
 * The buffer is ours because pino's own destination measures all buffered lines again with every line.
 */
function buffered(stdout: Stdout): DestinationStream {
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
    // With this, pino sets `lastLevel` before each line.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    flush,
    write(line: string) {
      lines += line;
      if (this.lastLevel >= warnLevel || lines.length >= chunkLength) flush();
      else timer ??= setTimeout(flush, flushMs).unref();
    },
  } as DestinationStream & { lastLevel: number };
}

/** The time in pino's format. Lines of the same millisecond share one formatted text. */
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

/**
 * The server's log: one line of JSON per entry, on stdout. Credentials are redacted wherever they are in an entry.
 *
 * @param stdout the real stdout, unless a test passes its own
 */
export function createLogger(
  level: Config['logLevel'],
  stdout: Stdout = pino.destination({ fd: 1, sync: true }),
): Logger {
  const options = {
    level,
    base: null,
    timestamp: isoTime(),
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: {
      err: (error: Error) => {
        const { type, message, stack } = stdSerializers.err(error);
        // A stack repeats the message, which can contain user input. Its frames contain long names of ours.
        const redacted = redactMadeUp(String(message));
        return { type, message: redacted, stack: redact(String(stack).replaceAll(String(message), () => redacted)) };
      },
    },
  };
  return pino(options, buffered(stdout));
}

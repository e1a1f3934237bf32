/** The append-only file of Redis: its units, and a Redis that starts from the beginning of it, as after a power failure. */
import { cp, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalRedis, startRedis } from '../../../tests/support/redis.ts';

/** What Redis executes as a whole when it loads the file: one command, or those between MULTI and EXEC. Positions are in bytes. */
export interface Unit {
  start: number;
  end: number;
  commands: string[][];
  /** Where its commands end, with those of MULTI and EXEC. */
  commandEnds: number[];
}

const lineEnd = Buffer.from('\r\n');

/** Reads the number in a line such as `*3`, and where the next line begins. */
function numberAt(aof: Buffer, at: number): { value: number; next: number } {
  const end = aof.indexOf(lineEnd, at);
  return { value: Number(aof.toString('latin1', at + 1, end)), next: end + 2 };
}

/** Reads the command at this position. */
function commandAt(aof: Buffer, start: number): { words: string[]; end: number } {
  let { value: left, next: at } = numberAt(aof, start);
  const words: string[] = [];
  for (; left > 0; left--) {
    const { value: length, next } = numberAt(aof, at);
    words.push(aof.toString('utf8', next, next + length));
    at = next + length + 2;
  }
  return { words, end: at };
}

/** Reads the units of a file of commands in the protocol of Redis. */
export function unitsOf(aof: Buffer): Unit[] {
  const units: Unit[] = [];
  let open: Unit | undefined;
  for (let at = 0; at < aof.length; ) {
    const { words, end } = commandAt(aof, at);
    const unit = open ?? { start: at, end, commands: [], commandEnds: [] };
    const [name = ''] = words;
    unit.commandEnds.push(end);
    unit.end = end;
    at = end;
    const isFrame = /^(multi|exec)$/i.test(name);
    if (!isFrame) unit.commands.push(words);
    open = /^multi$/i.test(name) || (open !== undefined && !isFrame) ? unit : undefined;
    if (open === undefined) units.push(unit);
  }
  return units;
}

const aofDirectory = 'appendonlydir';

/** The path of the file to which Redis appends. */
export async function openAofOf(directory: string): Promise<string> {
  const files = await readdir(join(directory, aofDirectory));
  const open = files.find((file) => file.endsWith('.incr.aof'));
  if (open === undefined) throw new Error(`Redis has no append-only file among ${files.join(', ')}`);
  return join(directory, aofDirectory, open);
}

/** Starts a Redis in a copy of a directory whose append-only file ends after this many bytes. `stop` removes the copy. */
export async function startFromCut(directory: string, bytes: number): Promise<LocalRedis> {
  const copy = await mkdtemp(join(tmpdir(), 'portico-cut-'));
  const remove = () => rm(copy, { recursive: true, force: true });
  try {
    await cp(join(directory, aofDirectory), join(copy, aofDirectory), { recursive: true });
    const file = await openAofOf(copy);
    if (bytes > (await stat(file)).size) throw new Error(`the append-only file has fewer than ${bytes} bytes`);
    await truncate(file, bytes);
    // It loads a file that ends in the middle of a unit without it, as by default.
    const options = ['--aof-load-truncated', 'yes', '--enable-debug-command', 'local', '--loglevel', 'warning'];
    const redis = await startRedis({ directory: copy, options });
    return {
      ...redis,
      async stop() {
        await redis.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

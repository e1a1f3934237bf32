import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { Script } from 'node:vm';
import { DocumentUnavailable, type UnavailableReason } from '../../outbound/document-unavailable.ts';
import { sha256 } from '../credentials.ts';
import { atMost } from './at-most.ts';
import { readOpenapi } from './openapi-reader.ts';

/** A document that can be shown. */
export interface ReadDocument {
  /** JSON in UTF-8. */
  json: Buffer;
  /** SHA-256 of `json`. */
  hash: string;
  /** The origins of its servers. */
  origins: string[];
  /** What it offers as scopes, as JSON in UTF-8. The server only stores it: to parse it would block for as long as it is large. */
  scopes: Buffer;
}

/** What the process reads first, in one line. The document follows. Arguments of a process are no place for a URL: all users see them. */
interface Task {
  url: string;
  maxMib: number;
  deadlineMs: number;
}
/** What the process writes first, in one line. If it does not refuse the document, the scopes follow in another line, then the JSON. */
type Head = Pick<ReadDocument, 'hash' | 'origins'> | { refused: UnavailableReason };

/** The limits of a process. */
export interface Limits {
  /** The deadline for reading a document, in ms. */
  deadlineMs: number;
  /** The heap of V8, in MiB. */
  heapMb: number;
  /** The resident memory in MiB, which includes what V8 does not count. deploy/ and docs/operate add it to the server's. */
  residentMb: number;
}
/**
 * What a process can take for documents of this size. `npx node scripts/lab/documents.ts` measures what documents need; tests/deploy
 * adds it up with the limit of a pod.
 */
export const limitsFor = (maxMib: number): Limits => ({
  deadlineMs: 5000 + 250 * maxMib,
  heapMb: 96 + 12 * maxMib,
  residentMb: 200 + 15 * maxMib,
});
/** How often the resident memory is checked, in ms. */
const watchMs = 20;
/** A server never has two of these processes, so that their memory can be planned. */
const inTurn = atMost(1);

const tooLong = 'it takes too long to parse';
const tooMuchMemory = 'it takes too much memory to parse';

/** Calls a function and ends it after a time, also within a loop. @throws Error with the code ERR_SCRIPT_EXECUTION_TIMEOUT */
function withDeadline<T>(work: () => T, timeout: number): T {
  Object.assign(globalThis, { work });
  return new Script('work()').runInThisContext({ timeout }) as T;
}

/**
 * Reads the task from the standard input: one line of JSON, then the document. The deadline ends the process even if the server
 * is gone by then.
 */
async function perform(): Promise<void> {
  const input = await textOf(process.stdin);
  const end = input.indexOf('\n');
  const { url, maxMib, deadlineMs }: Task = JSON.parse(input.slice(0, end));
  const write = (head: Head, rest = '') => process.stdout.write(`${JSON.stringify(head)}\n${rest}`);
  try {
    const { json, origins, scopes } = withDeadline(() => readOpenapi(input.slice(end + 1), url, maxMib), deadlineMs);
    write({ hash: sha256(json), origins }, `${JSON.stringify(scopes)}\n${json}`);
  } catch (error) {
    const isLate = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    const refused = error instanceof DocumentUnavailable ? error.reason : isLate ? tooLong : undefined;
    // Any other error means that it is no document: see `readOpenapi`.
    write({ refused: refused ?? 'it is not an OpenAPI document' });
  }
}

// The process runs this very file.
if (import.meta.main) await perform();

/** The resident memory of a process in MiB; undefined if it has ended, or where there is no /proc. */
async function residentMbOf(pid: number | undefined): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

/**
 * Reads a document in a process of its own. A large one takes more than a second, and a hostile document takes forever, uses up
 * the stack or hundreds of megabytes: none of that can block or end the server. The process has a limit on its memory, no
 * environment, and no connection. Documents are read one after the other.
 *
 * @throws DocumentUnavailable
 */
export const readInProcess = (
  text: string | Buffer,
  url: string,
  maxMib: number,
  limits: Partial<Limits> = {},
): Promise<ReadDocument> => inTurn(() => run(text, { url, maxMib }, { ...limitsFor(maxMib), ...limits }));

async function run(
  text: string | Buffer,
  source: Omit<Task, 'deadlineMs'>,
  { deadlineMs, heapMb, residentMb }: Limits,
): Promise<ReadDocument> {
  const flags = [`--max-old-space-size=${heapMb}`, '--max-semi-space-size=8'];
  const child = spawn(process.execPath, [...flags, import.meta.filename], {
    env: {},
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let killedFor: UnavailableReason | undefined;
  const end = (reason: UnavailableReason) => {
    killedFor ??= reason;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(end, deadlineMs + 1000, tooLong);
  const watch = setInterval(async () => {
    if (((await residentMbOf(child.pid)) ?? 0) > residentMb) end(tooMuchMemory);
  }, watchMs);
  try {
    const task: Task = { ...source, deadlineMs };
    // A process that has ended reads no more.
    child.stdin.on('error', () => {}).write(`${JSON.stringify(task)}\n`);
    child.stdin.end(text);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (killedFor !== undefined) throw new DocumentUnavailable(killedFor);
    // V8 aborts at the limit of its heap; the kernel kills the process if the machine runs out of memory.
    if (signal !== null) throw new DocumentUnavailable(tooMuchMemory, new Error(`the process ended by ${signal}`));
    if (code !== 0) throw new DocumentUnavailable('it is not an OpenAPI document', new Error(`exit code ${code}`));
    return outcomeOf(Buffer.concat(chunks));
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
  }
}

function outcomeOf(output: Buffer): ReadDocument {
  const end = output.indexOf('\n');
  const head: Head = JSON.parse(output.toString('utf8', 0, end));
  if ('refused' in head) throw new DocumentUnavailable(head.refused);
  const second = output.indexOf('\n', end + 1);
  return { ...head, scopes: output.subarray(end + 1, second), json: output.subarray(second + 1) };
}

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { DocumentUnavailable, type UnavailableReason } from '../../outbound/document-unavailable.ts';
import { atMost } from './at-most.ts';
import { type ReadDocument, readOpenapi } from './openapi-reader.ts';

/** The input and the result of the thread. */
interface Task {
  kind: 'openapi document';
  text: string;
  url: string;
}
type Outcome = { read: ReadDocument } | { refused: UnavailableReason };

/** The deadline for reading a document, in ms. */
const usualDeadlineMs = 5000;
const memoryMb = 256;
/** How many documents are read at a time. */
const inTurn = atMost(2);

const isTask = (data: unknown): data is Task => (data as Task | null)?.kind === 'openapi document';

function perform({ text, url }: Task): Outcome {
  try {
    return { read: readOpenapi(text, url) };
  } catch (error) {
    if (error instanceof DocumentUnavailable) return { refused: error.reason };
    throw error;
  }
}

// The thread runs this very file.
if (!isMainThread && isTask(workerData)) parentPort?.postMessage(perform(workerData));

/**
 * Reads a document in a thread. 2 MiB of YAML take more than a second, and a hostile document takes forever or uses up the
 * stack: none of that can block or end the server.
 *
 * @throws DocumentUnavailable
 */
export const readInThread = (text: string, url: string, deadlineMs = usualDeadlineMs): Promise<ReadDocument> =>
  inTurn(() => runThread({ kind: 'openapi document', text, url }, deadlineMs));

async function runThread(task: Task, deadlineMs: number): Promise<ReadDocument> {
  const thread = new Worker(import.meta.filename, {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    env: {},
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const outcome = await new Promise<Outcome>((resolve, reject) => {
      timer = setTimeout(() => reject(new DocumentUnavailable('it takes too long to parse')), deadlineMs);
      thread.once('message', resolve);
      thread.once('error', reject);
    });
    if ('read' in outcome) return outcome.read;
    throw new DocumentUnavailable(outcome.refused);
  } catch (error) {
    throw error instanceof DocumentUnavailable
      ? error
      : new DocumentUnavailable('it is not an OpenAPI document', error);
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}

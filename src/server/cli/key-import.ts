/** The import of a file of keys, in requests that can be repeated. */
import { type Portico, PorticoError } from '../../../clients/typescript/src/index.ts';
import { KeysToImportSchema } from '../../../generated/client/schemas.gen.ts';
import type { KeyToImport } from '../../../generated/client/types.gen.ts';
import type { KeyLine } from './key-file.ts';

/** A line whose key is not imported, and why. */
export interface FailedLine {
  line: number;
  message: string;
}

/** How many keys there were of each kind. */
export interface ImportSums {
  created: number;
  exists: number;
  failed: number;
}

interface Batch {
  line: number;
  key: KeyToImport;
}

/** How many requests are under way at the same time. */
const parallel = 4;

/** What the server found wrong with single keys of a request, by the position of the key. Empty for other failures. */
function wrongKeys(error: unknown): Map<number, string> {
  const found = new Map<number, string>();
  if (!(error instanceof PorticoError && error.status === 400)) return found;
  for (const { location, message } of error.errors) {
    const [, index, field = ''] = /^body\.keys\[(\d+)\]\.?(.*)/.exec(location) ?? [];
    if (index !== undefined && !found.has(Number(index))) found.set(Number(index), `${field} ${message}`.trim());
  }
  return found;
}

/** Imports one request. A key with a mistake fails alone, although the server refuses the request with it. */
async function importBatch(
  client: Portico,
  apiId: string,
  batch: Batch[],
  sums: ImportSums,
  onFailed: (line: FailedLine) => void,
) {
  let rest = batch;
  while (rest.length > 0) {
    try {
      const { keys } = await client.keys.importKeys({ apiId, keys: rest.map(({ key }) => key) });
      for (const [i, { status, error }] of keys.entries()) {
        if (status === 'created') sums.created++;
        else if (status === 'exists') sums.exists++;
        else
          fail(
            rest[i]?.line ?? 0,
            `${error?.location.replace(/^body\.keys\[\d+\]\.?/, '') ?? ''} ${error?.message ?? status}`,
          );
      }
      return;
    } catch (error) {
      const wrong = wrongKeys(error);
      if (wrong.size === 0) throw error;
      for (const [i, message] of wrong) fail(rest[i]?.line ?? 0, message);
      rest = rest.filter((_, i) => !wrong.has(i));
    }
  }

  function fail(line: number, message: string): void {
    sums.failed++;
    onFailed({ line, message: message.trim() });
  }
}

/**
 * Imports keys into an API. It can be repeated: a key that is there already stays as it is.
 *
 * @param onFailed gets each line whose key is not imported
 * @param onProgress gets the sums after each round of requests
 * @throws PorticoError, PorticoUnreachable of a request that failed as a whole
 */
export async function importKeys(
  client: Portico,
  apiId: string,
  lines: AsyncIterable<KeyLine>,
  onFailed: (line: FailedLine) => void,
  onProgress: (sums: ImportSums) => void = () => {},
): Promise<ImportSums> {
  const sums: ImportSums = { created: 0, exists: 0, failed: 0 };
  let batches: Batch[][] = [[]];
  const flush = async () => {
    await Promise.all(batches.map((batch) => importBatch(client, apiId, batch, sums, onFailed)));
    batches = [[]];
    onProgress(sums);
  };
  for await (const { line, key, wrong = 'is empty' } of lines) {
    if (key === undefined) {
      sums.failed++;
      onFailed({ line, message: wrong });
      continue;
    }
    batches.at(-1)?.push({ line, key });
    if (batches.at(-1)?.length === KeysToImportSchema.maxItems) batches.push([]);
    if (batches.length > parallel) await flush();
  }
  await flush();
  return sums;
}

/** The stored results of judged clients, from which the documentation makes its tables. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Judgement } from '../../contract-tests/clients/judge.ts';

const file = join(import.meta.dirname, '../../docs/evidence/clients.json');

/** A client, and what came of each promise, by its id. */
export interface JudgedClient {
  id: string;
  title: string;
  /** The generator and its version; for @portico/client, its package. */
  made: string;
  results: Record<string, Pick<Judgement, 'outcome' | 'reasons'>>;
}

/** @throws if the file is missing or no JSON */
export const readJudged = async (): Promise<JudgedClient[]> => JSON.parse(await readFile(file, 'utf8'));

/** Replaces the results of a client, and keeps the others. @param order the ids of all clients in their order */
export async function storeJudged(client: JudgedClient, order: readonly string[]): Promise<void> {
  const kept = (await readJudged()).filter(({ id }) => id !== client.id);
  const all = [...kept, client].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`);
}

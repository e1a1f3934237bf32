/** Compares what the servers of a test run have emitted with the secrets that they have issued. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a run has issued and emitted. */
export interface Judgement {
  issued: number;
  /** How many different texts of the shape of a secret were looked up. */
  searched: number;
  /** Each secret that was somewhere else than in the response that issues it. Only its first characters are shown. */
  findings: string[];
}

/** The end of a secret: its random part, without its prefix. */
const tailOf = (text: string): string => text.slice(-22);

/** Reads the files of a run. */
export async function judgeSecrets(directory: string): Promise<Judgement> {
  const files = await readdir(directory).catch(() => []);
  const issued = new Set<string>();
  const findings = new Set<string>();
  let searched = 0;
  const each = async (use: (words: string[]) => void) => {
    for (const name of files) {
      for await (const line of createInterface({ input: createReadStream(join(directory, name)) }))
        use(line.split('\t'));
    }
  };
  await each(([kind, found = '']) => {
    if (kind === 'issued') issued.add(tailOf(found));
  });
  await each(([place, detail, found]) => {
    if (found === undefined) return;
    searched += 1;
    if (issued.has(tailOf(found))) findings.add(`${place} of ${detail}: ${found.slice(0, 8)}…`);
  });
  return { issued: issued.size, searched, findings: [...findings].toSorted() };
}

/**
 * Why a run fails, or undefined if it does not.
 *
 * @param isComplete whether every test ran: some of them make servers issue secrets
 */
export function failureOf({ issued, findings }: Judgement, isComplete: boolean): string | undefined {
  if (findings.length > 0) return `secrets outside of the responses that issue them:\n${findings.join('\n')}`;
  return isComplete && issued === 0 ? 'every test ran, and no secret was noted: the search would find none' : undefined;
}

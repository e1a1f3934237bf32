/** Judges the clients with the judge of the contract suite. */
import { join } from 'node:path';
import { commandDriver, type Driver } from '../../contract-tests/clients/driver.ts';
import { type Judgement, judgeClient } from '../../contract-tests/clients/judge.ts';
import { version } from '../../generated/operations.ts';
import { CommandFailed } from './command.ts';
import { type JudgedClient, storeJudged } from './judged.ts';
import type { Language, Workbench } from './language.ts';
import { languages } from './languages.ts';

const root = join(import.meta.dirname, '../..');

/** How long one call may take, in ms. A virtual machine that starts on a busy computer needs seconds. */
const patienceMs = 60_000;

/** A reason without what differs from run to run and from computer to computer. */
const plain = (reason: string) => reason.replaceAll(`${root}/`, '').replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1');

const own = { id: 'portico', title: '@portico/client', made: `this project, ${version}` };

/** Judges a client, and prints what it broke. Two calls at once, because the other programs of the computer go on. */
async function judge(client: Omit<JudgedClient, 'results'>, driver: Driver): Promise<JudgedClient> {
  const judgements: Judgement[] = await judgeClient(driver, { concurrency: 2 });
  for (const { outcome, level, id, reasons } of judgements)
    if (outcome !== 'held') console.log(`${client.id}: ${outcome} ${level} ${id}: ${reasons.join('; ')}`);
  const results = judgements.map(({ id, outcome, reasons }) => [id, { outcome, reasons: reasons.map(plain) }] as const);
  return { ...client, results: Object.fromEntries(results) };
}

/** Judges @portico/client. */
export function judgeOwnClient(): Promise<JudgedClient> {
  const program = join(import.meta.dirname, 'portico-driver.ts');
  return judge(own, commandDriver([process.execPath, program], patienceMs));
}

/**
 * Judges a generated client.
 *
 * @throws CommandFailed if the language has no program for it
 */
export async function judgePrograms(language: Language, bench: Workbench): Promise<JudgedClient> {
  const { id, title, generator, version } = language;
  const command = await language.start?.(bench, 'judge');
  if (command === undefined) throw new CommandFailed(`${id}: no command to start judge`);
  return judge({ id, title, made: `${generator} ${version}` }, commandDriver(command, patienceMs, bench.directory));
}

/** Stores the results of a client, in the order of the documentation. */
export const storeResults = (client: JudgedClient): Promise<void> =>
  storeJudged(client, [own.id, ...languages.map(({ id }) => id)]);

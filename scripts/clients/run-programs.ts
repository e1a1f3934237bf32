/** Runs the programs of a language, and holds what they print against what must come. */
import { setTimeout } from 'node:timers/promises';
import { CommandFailed } from './command.ts';
import { faultsOf } from './expected.ts';
import type { Language, Workbench } from './language.ts';
import type { Stage } from './stage.ts';

/** The link that the first lines print opens a session, once: as good as that the user had followed it. */
async function expectLink(output: string, baseUrl: string): Promise<void> {
  const [, sessionId] = /^\S+\?session=(pst_\w+)\s*$/.exec(output) ?? [];
  const response = await fetch(`${baseUrl}/v2/portal.exchangeSession`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sessionId }),
  });
  if (!response.ok) throw new CommandFailed(`the first lines print no link that opens:\n${output}`);
}

/** A server logs an answer once it is sent, so the last ones may not be there at once. */
async function expectFlow(output: string, stage: Stage): Promise<void> {
  const giveUp = Date.now() + 2000;
  let faults = faultsOf(output, stage.answered());
  while (faults.length > 0 && Date.now() < giveUp) {
    await setTimeout(50);
    faults = faultsOf(output, stage.answered());
  }
  if (faults.length > 0) throw new CommandFailed(`flow:\n${faults.join('\n')}`);
}

/**
 * The first lines, then the whole flow.
 *
 * @throws CommandFailed with what is wrong
 */
export async function runPrograms(language: Language, bench: Workbench, stage: Stage): Promise<void> {
  for (const program of ['first', 'flow'] as const) {
    const command = await language.start?.(bench, program);
    if (command === undefined) throw new CommandFailed(`${language.id}: nothing starts ${program}`);
    const env = await stage.newcomer();
    const output = await bench.run(command, { env });
    if (program === 'first') await expectLink(output, env['BASE_URL'] ?? '');
    if (program === 'flow') await expectFlow(output, stage);
  }
}

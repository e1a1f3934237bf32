/** Runs the programs of a language, and compares their output with the expected one. */
import { setTimeout } from 'node:timers/promises';
import { CommandFailed } from './command.ts';
import { faultsOf } from './expected.ts';
import type { Language, Workbench } from './language.ts';
import type { Stage } from './stage.ts';

/** Exchanges the session of the printed link, as the portal does when a user opens it. */
async function expectLink(output: string, baseUrl: string): Promise<void> {
  const [, sessionId] = /^\S+\?session=(pst_\w+)\s*$/.exec(output) ?? [];
  const response = await fetch(`${baseUrl}/v2/portal.exchangeSession`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sessionId }),
  });
  if (!response.ok) throw new CommandFailed(`the first program printed no working link:\n${output}`);
}

/** Retries for 2 s, because the server logs a response after sending it. */
async function expectFlow(output: string, stage: Stage): Promise<void> {
  const deadline = Date.now() + 2000;
  let faults = faultsOf(output, stage.answered());
  while (faults.length > 0 && Date.now() < deadline) {
    await setTimeout(50);
    faults = faultsOf(output, stage.answered());
  }
  if (faults.length > 0) throw new CommandFailed(`flow:\n${faults.join('\n')}`);
}

/**
 * Runs the first program, then the flow.
 *
 * @throws CommandFailed with the faults
 */
export async function runPrograms(language: Language, bench: Workbench, stage: Stage): Promise<void> {
  for (const program of ['first', 'flow'] as const) {
    const command = await language.start?.(bench, program);
    if (command === undefined) throw new CommandFailed(`${language.id}: no command to start ${program}`);
    const env = await stage.newcomer();
    const output = await bench.run(command, { env });
    if (program === 'first') await expectLink(output, env['BASE_URL'] ?? '');
    if (program === 'flow') await expectFlow(output, stage);
  }
}

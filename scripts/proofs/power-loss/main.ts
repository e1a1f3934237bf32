/** `npm run prove -- power-loss`: what a power failure of the machine of Redis can lose, for each setting of appendfsync. */
import { runProof } from '../proof.ts';
import { type Phase, type Restarts, record, restartFromCuts } from './run.ts';

const about = {
  name: 'power-loss',
  title: 'Power loss',
  description: 'See what a power failure of the machine of Redis loses with appendfsync always and everysec.',
  order: 83,
  group: 'Failures',
};

/** The result of a phase in sentences. */
function sentencesOf({ policy, loss }: Phase, restarts: Restarts): string[] {
  const { operations, early, longestMs, most, oldestMs } = loss;
  const lost =
    early === 0
      ? 'each was on the disk before its response: a power failure loses none of them'
      : `${early} had a response before they were on the disk, up to ${Math.round(longestMs)} ms before. The worst moment for a power failure loses ${most} of them, the oldest ${Math.round(oldestMs)} ms old`;
  const { between, inside, positions, faults } = restarts;
  const found =
    faults.length === 0
      ? 'every one was whole, and had each recorded change and verification before the cut'
      : `${faults.length} faults, such as: ${faults.slice(0, 3).join('; ')}`;
  return [
    `\`appendfsync ${policy}\`: of ${operations} acknowledged operations, ${lost}.`,
    `Redis started ${between + inside} times from the file of \`${policy}\`, cut between two steps (${between}) and inside of one (${inside}), of ${positions} possible positions: ${found}.`,
  ];
}

await runProof(about, async ({ seed, seconds = 20, runs = 300, random }) => {
  // A round of a user takes about 50 ms.
  const load = { users: 8, rounds: Math.max(Math.round(seconds * 2.5), 1) };
  const recorded = await record(
    [
      { policy: 'always', load },
      { policy: 'everysec', load },
    ],
    { seed },
  );
  try {
    const lines: string[] = [];
    let held = true;
    for (const phase of recorded.phases) {
      const restarts = await restartFromCuts(recorded, phase, runs / recorded.phases.length, random);
      lines.push(...sentencesOf(phase, restarts));
      const { early, missing } = phase.loss;
      const { failures, winners } = phase.recording;
      const wrong = [
        ...failures.map((failure) => `A call failed: ${failure}.`),
        ...missing.map((what) => `The file never had: ${what}.`),
        ...[...winners.values()].filter((tokens) => tokens.length !== 1).map(() => 'A session id had not one winner.'),
      ];
      lines.push(...wrong);
      const isSafe = phase.policy !== 'always' || early === 0;
      held &&= isSafe && wrong.length === 0 && restarts.faults.length === 0;
    }
    return { held, lines };
  } finally {
    await recorded.stop();
  }
});

/** `npm run prove -- restore`: random changes after a backup, a restore, and fences that are killed at random commands. */
import { changes } from '../../../tests/support/restore/past.ts';
import { runProof } from '../proof.ts';
import { openRestores } from './restore.ts';

const proof = {
  name: 'restore',
  title: 'Restored backups',
  description: 'See how many backups were restored after which changes, and what worked again after the fence.',
  order: 89,
  group: 'Failures',
};

await runProof(proof, async ({ seconds = 60, runs = 1_000_000, random }) => {
  const restores = await openRestores();
  try {
    const end = Date.now() + seconds * 1000;
    const times = new Map(changes.flatMap(({ revives }) => revives).map((name) => [name, 0]));
    let [rounds, kills] = [0, 0];
    const faults: string[] = [];
    for (; rounds < runs && Date.now() < end && faults.length === 0; rounds++) {
      const round = await restores.round(random);
      kills += round.kills;
      faults.push(...round.faults);
      for (const name of round.made) times.set(name, (times.get(name) ?? 0) + 1);
    }
    const counts = [...times.values()];
    return {
      held: faults.length === 0 && kills > 0,
      lines: [
        `${rounds} backups were restored, each after a random part of the changes, in a random order: each of the ${changes.length} changes ${Math.min(...counts)} to ${Math.max(...counts)} times.`,
        `${kills} fences were killed at a random command and repeated.`,
        faults.length === 0
          ? 'Without the fence everything worked again. After it, nothing that had ended did, and what had not changed still worked.'
          : faults.join('; '),
      ],
    };
  } finally {
    await restores.stop();
  }
});

/** `npm run prove -- clocks`: what happens when the clock of Redis jumps. */
import { runProof } from '../proof.ts';
import { jumpsOf, runClocks } from './run.ts';

const about = {
  name: 'clocks',
  title: 'Clocks that jump',
  description:
    'See what sessions, limits, quotas and control data do when the clock of Redis jumps by minutes and days.',
  order: 84,
  group: 'Failures',
};

await runProof(about, async ({ runs = 40, random }) => {
  const report = await runClocks(jumpsOf(runs, random));
  const { jumps, furthest, sessions, verifications, limits, longestExcessMs, faults } = report;
  const days = (many: number) => `${many.toFixed(1)} days`;
  return {
    held: faults.length === 0,
    lines: [
      `The clock jumped ${jumps} times, up to ${days(furthest.back)} behind and ${days(furthest.ahead)} ahead of the right time.`,
      `None of ${sessions} sessions was valid for longer than its life and the jumps back explain: the closest ended ${Math.round(-longestExcessMs / 1000)} s before that.`,
      `Limits were filled ${limits} times. None allowed more calls than it says, and one window after each jump each allowed exactly as many again.`,
      `${verifications} verifications were counted once. Each change of a portal held in another server at once.`,
      ...faults.slice(0, 10).map((fault) => `Fault: ${fault}.`),
    ],
  };
});

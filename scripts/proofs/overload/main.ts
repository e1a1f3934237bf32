/** `npm run prove -- overload [--seconds S] [--write]`: how long the server has twice the load that it can serve. */
import { runProof } from '../proof.ts';
import { judge, overload } from './overload.ts';

const proof = {
  name: 'overload',
  title: 'Overload',
  description:
    'See what callers get while a server has twice the load that it can serve, with slow clients among them.',
  order: 88,
};

await runProof(proof, async ({ seconds = 60 }) => {
  const others = Math.min(10, seconds);
  const result = await overload({
    seconds: others,
    overloadSeconds: seconds,
    connections: 1000,
    slow: 200,
    isPinned: true,
  });
  const points = judge(result);
  const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  const round = Math.round;
  const rows = result.phases.map((phase) =>
    row(
      ...[`${phase.load} ×`, round(phase.goodput), phase.refused, phase.late, phase.broken],
      ...[round(phase.okP50), round(phase.okP99), round(phase.refusedP99), round(phase.rssMb)],
    ),
  );
  return {
    held: points.every(({ held }) => held),
    lines: [
      `Capacity: ${round(result.capacity)} calls a second on one core (half of them keys.verifyKey, then portal.getSession, portal.listKeys and portal.createSession), over 32 connections that wait for their responses. Then requests come at a rate over 1,000 connections, and do not wait.`,
      `The load of twice the capacity lasts ${seconds} s, with 200 slow clients; the others ${others} s each.`,
      ...points.map(({ held, sentence }) => `${held ? '' : '**broken:** '}${sentence}`),
    ],
    details: [
      '| load | responses in time a second | refused | late | other | median, ms | 99 %, ms | 99 % of refusals, ms | memory, MB |',
      '|---|---|---|---|---|---|---|---|---|',
      ...rows,
    ].join('\n'),
  };
});

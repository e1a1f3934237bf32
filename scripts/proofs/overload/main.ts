/**
 * `npm run prove -- overload [--seconds S] [--proxy haproxy] [--share P] [--write]`: for how long the server has twice the load that it can serve,
 * in rounds of a minute, alone or behind a proxy that refuses what is too much. With a share, the server gets only a part of its core, such as
 * 0.4: then the load and the proxy have enough of the other one.
 */
import { CouldNotRun, runProof } from '../proof.ts';
import { costs, judge, overload, type Spread } from './overload.ts';

const proof = {
  name: 'overload',
  title: 'Overload',
  description:
    'See what callers get while a server has twice the load that it can serve, with slow clients among them.',
  order: 88,
  group: 'Failures',
};

/** The page of the result behind a proxy. */
const behindProxy = { name: '-haproxy', title: ' behind HAProxy', order: 88.5 };

/** As in deploy/haproxy/haproxy.cfg, and as the server by default. */
const limit = 250;

await runProof(
  proof,
  async ({ seconds = 60, more: { proxy, share } }) => {
    if (proxy !== undefined && proxy !== 'haproxy') throw new CouldNotRun('--proxy is haproxy');
    const cpuShare = share === undefined ? 1 : Number(share);
    if (!(cpuShare > 0 && cpuShare <= 1)) throw new CouldNotRun('--share is a part of a core, such as 0.4');
    const rounds = Math.max(1, Math.floor(seconds / 60));
    const overloadSeconds = seconds / rounds;
    const others = Math.min(5, seconds);
    const result = await overload({
      ...{ seconds: others, overloadSeconds, rounds },
      ...{ connections: 1000, slow: 200, isPinned: true },
      ...{ ...(cpuShare < 1 && { cpuShare }), ...(proxy && { proxyLimit: limit }) },
    });
    const points = judge(result);
    const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
    const round = Math.round;
    const phases = [
      result.before,
      ...result.rounds.flatMap(({ peak, overloaded }) => [peak, overloaded]),
      result.after,
    ];
    const rows = phases.map((phase) =>
      row(
        ...[`${phase.load} ×`, round(phase.capacity), round(phase.goodput), phase.refused, phase.late, phase.broken],
        ...[round(phase.okP50), round(phase.okP99), round(phase.refusedP99), round(phase.rssMb)],
      ),
    );
    const { served, refused } = costs(result);
    const loaded = proxy
      ? `requests to HAProxy, which passes on ${limit} at the same time and refuses the others,`
      : 'requests';
    const micros = ({ least, median, most }: Spread) => `${round(median)} µs (${round(least)} to ${round(most)})`;
    const r = refused.median / served.median;
    const cost = `a served call takes ${micros(served)} of the server's CPU time, and a refusal ${micros(refused)}; with these medians, a server that is always busy serves ${round((100 * (1 - 2 * r)) / (1 - r))} % of its capacity at twice the load`;
    return {
      held: points.every(({ held }) => held),
      lines: [
        `Half of the calls are keys.verifyKey, then portal.getSession, portal.listKeys and portal.createSession. Each of ${rounds} rounds finds the capacity of ${cpuShare < 1 ? `${round(100 * cpuShare)} % of a core` : 'one core'}, over 32 connections that wait for their responses. Then ${loaded} come at a rate over 1,000 connections, and do not wait: first at the capacity, then at twice the capacity with 200 slow clients, for ${round(overloadSeconds)} s. The other phases take ${others} s each.`,
        ...points.map(({ held, sentence }) => `${held ? '' : '**broken:** '}${sentence}`),
        ...(proxy ? [] : [cost]),
      ],
      details: [
        '| load | capacity, calls a second | responses in time a second | refused | late | other | median, ms | 99 %, ms | 99 % of refusals, ms | memory, MB |',
        '|---|---|---|---|---|---|---|---|---|---|',
        ...rows,
      ].join('\n'),
      ...(proxy && { variant: behindProxy }),
      args: [...(proxy ? ['--proxy', proxy] : []), ...(share ? ['--share', share] : [])],
    };
  },
  { proxy: { type: 'string' }, share: { type: 'string' } },
);

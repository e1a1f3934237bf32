/** A run: round after round of clients and faults, each with new objects, and the verdict of the checker on each round. */
import { setTimeout as sleep } from 'node:timers/promises';
import { randomOf } from '../../../tests/support/random.ts';
import { operate } from '../../../tests/support/shared/client.ts';
import { sendTo } from '../../lab/soak/servers.ts';
import { buildChecker, checkHistory, type Violation } from './check.ts';
import type { Workspace } from './client.ts';
import { type Call, unknown } from './history.ts';
import { inTurn, planOf, quotaOfUser, type Shape } from './plan.ts';
import { runRound } from './round.ts';
import { type Stage, type StageSettings, startStage } from './stage.ts';

/** How to run. */
export interface Settings extends StageSettings, Omit<Shape, 'servers'> {
  seed: number;
  /** The faults: one in each round, in turn. */
  faults: readonly string[];
  /** The run ends after the round in which this time is over, or after the first round with a violation. */
  seconds: number;
  /** The file for the page that porcupine draws of the first violation. */
  visualize?: string | undefined;
}

/** What a run has found. */
export interface Outcome {
  rounds: number;
  objects: number;
  calls: number;
  /** Calls that may have taken effect or not. */
  unknownCalls: number;
  /** How often each fault happened. */
  faults: Record<string, number>;
  violations: Violation[];
  undecided: string[];
  /** Responses that no client should get. */
  unexpected: string[];
  /** The time from the first call to the verdict that something is wrong. */
  caughtAfterMs?: number;
  history: Call[];
}

/** A time zone in which it is about noon, so that no day ends in a run. */
export function noonZone(now: Date): string {
  const ahead = 12 - now.getUTCHours();
  // These names have the sign of POSIX: west is positive.
  return ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

/** Creates the workspace of a run. */
async function newWorkspace({ redisEnv, places }: Stage): Promise<Workspace> {
  const { rootKey } = await operate<{ rootKey: string }>(redisEnv, 'workspace', 'create', '--name', 'Histories');
  const [place] = places;
  if (place === undefined) throw new Error('there is no server');
  const newApi = async (policy: object) => {
    const { body } = await sendTo(place, {
      operation: 'apis.createApi',
      bearer: rootKey,
      body: { name: 'API', ...policy },
    });
    const { data } = body as { data?: { apiId: string } };
    if (data === undefined) throw new Error(JSON.stringify(body));
    return data.apiId;
  };
  const quota = { limit: quotaOfUser, period: 'day', timeZone: noonZone(new Date()) };
  return { rootKey, apiId: await newApi({}), quotaApiId: await newApi({ policy: { perUser: { quota } } }) };
}

const nothing = (): Outcome => ({
  ...{ rounds: 0, objects: 0, calls: 0, unknownCalls: 0, faults: {} },
  ...{ violations: [], undecided: [], unexpected: [], history: [] },
});

/** Servers on which rounds can be played. @throws MissingBinary; Error if something does not start */
export async function openRun(settings: Settings) {
  const [stage] = await Promise.all([startStage(settings), buildChecker()]);
  const workspace = await newWorkspace(stage);
  const outcome = nothing();
  const nextFault = inTurn(settings.faults);
  let begun: number | undefined;
  return {
    outcome,

    /** Plays a round, and adds what the checker finds to the outcome. */
    async play(random: () => number, fault = nextFault(random)): Promise<void> {
      begun ??= performance.now();
      const plan = planOf(random, settings, fault);
      const injected = () =>
        Promise.all(
          plan.faults.map(async ({ name, atMs, forMs, server }) => {
            await sleep(atMs);
            outcome.faults[name] = (outcome.faults[name] ?? 0) + 1;
            await stage.inject(name, forMs, server);
          }),
        );
      const name = `${settings.seed}-${outcome.rounds}`;
      const { calls, unexpected } = await runRound(name, plan, workspace, stage.places, injected);
      const checked = await checkHistory(calls, settings.visualize);
      outcome.rounds += 1;
      outcome.objects += checked.objects;
      outcome.calls += calls.length;
      outcome.unknownCalls += calls.filter(({ result }) => result === unknown).length;
      outcome.violations.push(...checked.violations);
      outcome.undecided.push(...checked.undecided);
      outcome.unexpected.push(...unexpected);
      outcome.history = calls;
      if (checked.violations.length + unexpected.length > 0) outcome.caughtAfterMs ??= performance.now() - begun;
    },

    stop: () => stage.stop(),
  };
}

/**
 * Runs rounds until the time is over, or until the checker finds a violation.
 *
 * @throws as openRun
 */
export async function runHistories(settings: Settings): Promise<Outcome> {
  const run = await openRun(settings);
  const random = randomOf(settings.seed);
  const begun = performance.now();
  try {
    do await run.play(random);
    while (run.outcome.caughtAfterMs === undefined && performance.now() - begun < settings.seconds * 1000);
    return run.outcome;
  } finally {
    await run.stop();
  }
}

/**
 * How long it takes to find a planted fault, in seconds, for each of several seeds: from the first call to the verdict. A fault that is not
 * found in a minute is Infinity.
 *
 * @throws as openRun
 */
export async function timesToCatch(settings: Settings, seeds: number): Promise<number[]> {
  const { play, outcome, stop } = await openRun(settings);
  const times: number[] = [];
  try {
    for (let seed = 1; seed <= seeds; seed++) {
      const random = randomOf(seed);
      const before = outcome.violations.length;
      const begun = performance.now();
      const seconds = () => (performance.now() - begun) / 1000;
      while (outcome.violations.length === before && seconds() < 60) await play(random);
      times.push(outcome.violations.length === before ? Number.POSITIVE_INFINITY : seconds());
    }
  } finally {
    await stop();
  }
  return times;
}

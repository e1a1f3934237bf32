/** Judges a client: it makes documented calls to a server that is sometimes ill. */
import { mapConcurrently } from '../engine/pool.ts';
import { readSpec, type Spec } from '../engine/spec.ts';
import { type Driver, DriverFailed, type Reported } from './driver.ts';
import type { NamedPromise } from './promise.ts';
import { type ClientPromise, promises } from './promises.ts';
import { stageFor } from './server.ts';

/** The result of a promise. */
export interface Judgement extends NamedPromise {
  outcome: 'held' | 'broken' | 'unsupported';
  /** How the client broke the promise, or why it cannot make the call. */
  reasons: string[];
  /** How many requests the server received. */
  requests: number;
}

/** How a client is judged. */
export interface JudgeOptions {
  /** Judges only the promises whose id matches. */
  only?: RegExp | undefined;
  /** Maximum number of calls at the same time; 4 by default. */
  concurrency?: number;
  /** The contract; the openapi.yaml of this project by default. */
  spec?: Spec;
  /** Called with each result. */
  onJudged?: (judgement: Judgement) => void;
}

/** The client could not be judged: a healthy server got no sensible call. It says nothing about the client. */
export class NotJudged extends Error {}

/** The report of the driver, or that it failed. */
const reportOf = (reporting: Promise<Reported>): Promise<Reported | DriverFailed> =>
  reporting.catch((error: unknown) => {
    if (error instanceof DriverFailed) return error;
    throw error;
  });

/** One promise of a client, ready to be judged. */
export interface ClientCheck extends Pick<NamedPromise, 'id' | 'level' | 'name'> {
  run(): Promise<Judgement>;
}

/**
 * Returns the promises one by one, for a test runner. First the driver makes a call to a healthy server.
 *
 * @throws NotJudged if the driver cannot make this call, or no promise is chosen
 */
export async function clientChecks(driver: Driver, { only, spec }: JudgeOptions = {}): Promise<ClientCheck[]> {
  const newStage = stageFor(spec ?? (await readSpec()));

  const judged = async ({ play, judge, timeoutSeconds, ...promise }: ClientPromise): Promise<Judgement> => {
    const stage = await newStage(play);
    try {
      const env = { ...stage.env, ...(timeoutSeconds !== undefined && { TIMEOUT_SECONDS: String(timeoutSeconds) }) };
      const reported = await reportOf(driver(promise.call, env));
      const { requests, strayed, state } = stage;
      const counted = { ...promise, requests: requests.length };
      if (reported instanceof DriverFailed) return { ...counted, outcome: 'broken', reasons: [reported.message] };
      if (reported.unsupported !== undefined)
        return { ...counted, outcome: 'unsupported', reasons: [reported.unsupported] };
      const reasons = judge({ requests, strayed, state, reported });
      if (requests.length === 0) reasons.unshift('the client sent no request');
      return { ...counted, outcome: reasons.length === 0 ? 'held' : 'broken', reasons };
    } finally {
      await stage.stop();
    }
  };

  const chosen = promises.filter(({ id }) => only?.test(id) ?? true);
  if (chosen.length === 0) throw new NotJudged(`no promise matches ${only}`);
  const healthy = await newStage();
  try {
    const reported = await reportOf(driver('createKey', healthy.env));
    if (reported instanceof DriverFailed) throw new NotJudged(reported.message);
    if (reported.value !== 'key_EXAMPLE1')
      throw new NotJudged(`createKey on a healthy server reports ${JSON.stringify(reported)}, not the keyId`);
  } finally {
    await healthy.stop();
  }
  return chosen.map((promise) => {
    const { id, level, name } = promise;
    return { id, level, name, run: () => judged(promise) };
  });
}

/**
 * Judges a client by all promises.
 *
 * @returns one result for each promise, in the order of the list
 * @throws NotJudged if the driver cannot make a call to a healthy server
 */
export async function judgeClient(driver: Driver, options: JudgeOptions = {}): Promise<Judgement[]> {
  const { concurrency = 4, onJudged = () => {} } = options;
  return mapConcurrently(await clientChecks(driver, options), concurrency, async ({ run }) => {
    const judgement = await run();
    onJudged(judgement);
    return judgement;
  });
}

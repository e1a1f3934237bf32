/** Random sequences of calls, and the smallest one in which the server and the model differ. */
import fc from 'fast-check';
import type { OperationId } from '../../../generated/operations.ts';
import { Caller, Divergence, run } from './calls.ts';
import { model, type Numbers } from './model.ts';
import { scriptOf } from './script.ts';
import type { ProofServer } from './server.ts';
import type { World } from './world.ts';

/** One call of an operation, which four numbers select. */
class Call implements fc.AsyncCommand<World, Caller> {
  readonly operation: OperationId;
  readonly numbers: Numbers;

  constructor(operation: OperationId, numbers: Numbers) {
    this.operation = operation;
    this.numbers = numbers;
  }

  check(world: Readonly<World>): boolean {
    return model[this.operation](world as World, this.numbers) !== undefined;
  }

  async run(world: World, caller: Caller): Promise<void> {
    const step = model[this.operation](world, this.numbers);
    if (step !== undefined) await run(caller, this.operation, step);
  }

  toString(): string {
    return `${this.operation}(${this.numbers.join(', ')})`;
  }
}

/** How much more often than the others an operation is called: most calls need what these create, and few should end it. */
const weights: Partial<Record<OperationId, number>> = {
  ...{ 'portal.createSession': 3, 'portal.exchangeSession': 3, 'portal.createKey': 3, 'keys.createKey': 2 },
  ...{ 'keys.verifyKey': 5, 'apis.updateApi': 2, 'portal.updateConfiguration': 3, 'identities.updateIdentity': 2 },
  ...{ 'portal.revokeSessions': 0.6, 'portal.endSession': 0.6, liveness: 0.2, readiness: 0.2 },
};

/** The operations that are called: all of the contract. */
export const operationsOfModel = Object.keys(model) as OperationId[];

const digit = fc.nat(9);
const callOf = (operation: OperationId) =>
  fc.tuple(digit, digit, digit, digit).map((numbers) => new Call(operation, numbers));
const arbitraries = operationsOfModel.flatMap((operation) =>
  Array.from({ length: Math.round((weights[operation] ?? 1) * 5) }, () => callOf(operation)),
);

/** Most runs begin with what the other calls need. A failure that does not need it is found without it. */
const beginnings: OperationId[] = [
  ...(['apis.createApi', 'portal.createConfiguration', 'portal.createSession', 'portal.exchangeSession'] as const),
  ...(['keys.createKey', 'portal.createKey'] as const),
];
const beginning = fc.tuple(
  ...beginnings.map((operation) => {
    const numbers = fc.tuple(fc.constant(0), fc.nat(7), fc.nat(7), fc.nat(7));
    const call = numbers.map((chosen) => new Call(operation, chosen));
    return fc.option(call, { freq: 20, nil: undefined });
  }),
);

/** Options of a check. */
export interface CheckOptions {
  seed: number;
  runs: number;
  /** Repeats one failure, by its `replay`. */
  replay?: string | undefined;
  /** Ends with the run that is under way then, in Unix ms. */
  until?: number;
  /** How many runs may make a failure smaller. */
  maxShrinks?: number;
}

/** The result of a check. */
export interface CheckResult {
  runs: number;
  calls: number;
  seed: number;
  /** Present if the server and the model differ. */
  failure?: {
    message: string;
    /** The calls that lead to it, for a shell. */
    script: string;
    /** How many calls these are. */
    calls: number;
    /** Repeats it, with the same seed. */
    replay: string;
    /** How many runs it took to make it small. */
    shrinks: number;
  };
}

/** How many calls a run has at most, besides those of its beginning. */
const longestRun = 120;

/** Compares the server with the model. */
export async function check(
  server: ProofServer,
  { seed, runs, replay, until, maxShrinks = 150 }: CheckOptions,
): Promise<CheckResult> {
  const [path, replayPath] = replay?.split('@') ?? [];
  const options = { maxCommands: longestRun, size: 'max', ...(replayPath !== undefined && { replayPath }) } as const;
  let [calls, total, shrinks] = [0, 0, 0];
  let failed: { caller: Caller; message: string } | undefined;
  const isOver = () => (failed === undefined ? until !== undefined && Date.now() > until : shrinks >= maxShrinks);
  const property = fc.asyncProperty(beginning, fc.commands(arbitraries, options), async (first, commands) => {
    if (isOver()) return;
    if (failed === undefined) total += 1;
    else shrinks += 1;
    const world = await server.newWorld();
    const caller = new Caller(server.url);
    try {
      for (const call of first) if (call?.check(world)) await call.run(world, caller);
      await fc.asyncModelRun(() => ({ model: world, real: caller }), commands);
    } catch (error) {
      if (!(error instanceof Divergence)) throw error;
      failed = { caller, message: error.message };
      throw error;
    } finally {
      calls += caller.sent.length;
    }
  });
  const details = await fc.check(property, { seed, numRuns: runs, ...(path !== undefined && { path }) });
  const result = { runs: total, calls, seed };
  if (!details.failed) return result;
  if (failed === undefined) throw details.errorInstance;
  const { caller, message } = failed;
  return {
    ...result,
    failure: {
      ...{ message, script: scriptOf(caller.sent, message), calls: caller.sent.length, shrinks },
      replay: `${details.counterexamplePath}@${/replayPath="([^"]*)"/.exec(String(details.counterexample?.[1]))?.[1] ?? ''}`,
    },
  };
}

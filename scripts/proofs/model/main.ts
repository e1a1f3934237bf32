/**
 * `npm run prove -- model` compares the whole API with a model of it: random sequences of calls of every operation, each with the
 * response that the model predicts. A difference is made as small as possible, and printed as a script for a shell.
 */
import { startTargetRedis } from '../../../tests/support/target-redis.ts';
import { runProof } from '../proof.ts';
import { check, operationsOfModel } from './check.ts';
import { startProofServer } from './server.ts';

const proof = {
  name: 'model',
  title: 'A model of the whole API',
  description: 'See how many random calls of every operation returned exactly what a model of the API predicts.',
  order: 82,
  group: 'Correctness',
};

await runProof(proof, async ({ seed, seconds = 60, runs = 1_000_000, replay }) => {
  const redis = await startTargetRedis();
  const server = await startProofServer(redis.env);
  try {
    const until = Date.now() + seconds * 1000;
    const { failure, ...done } = await check(server, { seed, runs, replay, until });
    const lines = [`${done.runs} sequences, ${done.calls} calls of ${operationsOfModel.length} operations.`];
    if (failure === undefined)
      return { held: true, lines: [...lines, 'Each response was the one that the model predicts.'] };
    lines.push(
      `${failure.calls} calls lead to another response than the model predicts. ${failure.shrinks} runs made them so few.`,
      `Repeat it: npm run prove -- model --seed ${seed} --replay ${failure.replay}`,
      failure.script,
    );
    return { held: false, lines };
  } finally {
    await server.stop();
    await redis.stop();
  }
});

/**
 * `npm run conformance:client`, and `portico-conformance-client` of the package: judges a client of the contract. Exit codes are in the help
 * text below.
 */
import { writeFile } from 'node:fs/promises';
import { Command, CommanderError } from 'commander';
import { calls, commandDriver } from './driver.ts';
import { type Judgement, judgeClient, NotJudged } from './judge.ts';
import { promises } from './promises.ts';

interface Flags {
  only?: string;
  concurrency: string;
  patience: string;
  report?: string;
  strict?: true;
  list?: true;
}

const exitHeld = 0;
const exitBroken = 1;
const exitNotJudged = 2;

const program = new Command('portico-conformance-client')
  .description('Judges a client of openapi.yaml: it calls a server that loses, refuses and changes responses.')
  .argument('[command...]', 'a program that makes one call with the client: see below')
  .passThroughOptions()
  .exitOverride()
  .showHelpAfterError('(add --help for usage)')
  .option('--only <pattern>', 'judge only the promises whose id matches this regular expression')
  .option('--concurrency <n>', 'maximum number of calls at the same time', '4')
  .option('--patience <seconds>', 'how long a call may take', '60')
  .option('--report <file>', 'write the results as JSON')
  .option('--strict', 'fail the run if the client breaks a promise of the level "should"')
  .option('--list', 'print the promises with their sources, and judge nothing')
  .addHelpText(
    'after',
    `
The command gets the name of a call as its last argument, and these variables: BASE_URL, ROOT_KEY, API_ID, KEY_ID, API_KEY,
SESSION_TOKEN, SESSION_ID, OTHER_SESSION_ID; TIMEOUT_SECONDS, if the call has a time limit. It makes the call with the
client, and prints one line of JSON:

  {"value": …}           the call succeeded
  {"error": {…}}         it failed; status, type, requestId, locations, retryAfter and message as far as the client tells them
  {"unsupported": "…"}   the client cannot make this call, and why

Calls:
${Object.entries(calls)
  .map(([name, what]) => `  ${name.padEnd(12)}${what}`)
  .join('\n')}

Levels: a client that breaks a "must" does harm. A "should" is what a program has to do itself if the client does not.
Exit code: 0 each "must" that could be judged held, 1 the client broke one, 2 the client could not be judged: the options are wrong, or
it makes no call.

Example:
  $ portico-conformance-client node driver.ts`,
  );

const say = (line: string) => process.stdout.write(`${line}\n`);

function show({ outcome, level, id, name, call, reasons, requests }: Judgement): void {
  if (outcome === 'held') {
    say(`held         ${level.padEnd(8)}${id}`);
    return;
  }
  say(`${(outcome === 'broken' ? 'BROKEN' : outcome).padEnd(13)}${level.padEnd(8)}${id}: ${name}`);
  for (const reason of reasons) say(`    ${reason}`);
  say(`    the call was ${call}, with ${requests} requests`);
}

/** The outcomes of a level, as `must: 20 held, 0 broken, 1 unsupported`. */
function count(judgements: readonly Judgement[], level: string): string {
  const own = judgements.filter((judgement) => judgement.level === level);
  const counts = (['held', 'broken', 'unsupported'] as const).map(
    (kind) => `${own.filter(({ outcome }) => outcome === kind).length} ${kind}`,
  );
  return `${level}: ${counts.join(', ')}`;
}

/** @throws NotJudged if the client makes none of the calls: then nothing is known about it */
function refuseNothing(judgements: readonly Judgement[]): void {
  const [first] = judgements;
  if (judgements.every(({ outcome }) => outcome === 'unsupported'))
    throw new NotJudged(`it makes none of the chosen calls: ${first?.reasons.join('; ')}`);
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new NotJudged(`--only "${text}" is not a regular expression`);
  }
}

function positive(name: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new NotJudged(`--${name} takes an integer from 1 to 9999`);
  return Number(text);
}

async function main(): Promise<number> {
  program.parse();
  const { only, concurrency, patience, report, strict, list } = program.opts<Flags>();
  if (list) {
    for (const { id, level, name, source } of promises)
      say(`${level.padEnd(8)}${id}: ${name}\n        ${source.page}${source.quote ? `: "${source.quote}"` : ''}`);
    return exitHeld;
  }
  if (program.args.length === 0) throw new NotJudged('name the command that makes the calls, or --list');
  const judgements = await judgeClient(commandDriver(program.args, positive('patience', patience) * 1000), {
    ...(only !== undefined && { only: pattern(only) }),
    concurrency: positive('concurrency', concurrency),
    onJudged: show,
  });
  if (report !== undefined) await writeFile(report, `${JSON.stringify(judgements, null, 2)}\n`);
  say(`\n${count(judgements, 'must')}; ${count(judgements, 'should')}`);
  refuseNothing(judgements);
  const counts = judgements.filter(({ level }) => strict === true || level === 'must');
  return counts.some(({ outcome }) => outcome === 'broken') ? exitBroken : exitHeld;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has seen enough, as `head` does.
  if (error.code === 'EPIPE') process.exit(exitNotJudged);
  throw error;
});

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitHeld : exitNotJudged;
  else {
    const plain = error instanceof NotJudged;
    process.stderr.write(`The client could not be judged: ${plain ? error.message : (error as Error).stack}\n`);
    process.exitCode = exitNotJudged;
  }
}

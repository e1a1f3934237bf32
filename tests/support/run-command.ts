import { runCommandLine } from '../../src/server/cli/run.ts';

/** The output of a command and its exit code. */
export interface CommandOutcome {
  stdout: string;
  stderr: string;
  code: number;
}

/** Runs one command of the command line in this process, which must run no other at the same time. */
export async function runCommand(env: Record<string, string>, ...args: string[]): Promise<CommandOutcome> {
  const before = { env: process.env, out: process.stdout.write, err: process.stderr.write };
  const outcome = { stdout: '', stderr: '' };
  const capture = (stream: keyof typeof outcome) => (chunk: unknown) => {
    outcome[stream] += chunk;
    return true;
  };
  // No command asks the developer who runs the tests in a terminal.
  const isTTY = Object.getOwnPropertyDescriptor(process.stdin, 'isTTY');
  Object.defineProperty(process.stdin, 'isTTY', { configurable: true, value: false });
  process.env = { ...before.env, ...env };
  process.stdout.write = capture('stdout');
  process.stderr.write = capture('stderr');
  try {
    const code = await runCommandLine(args);
    return { ...outcome, code };
  } finally {
    Object.defineProperty(process.stdin, 'isTTY', isTTY ?? { configurable: true, value: undefined });
    process.env = before.env;
    process.stdout.write = before.out;
    process.stderr.write = before.err;
  }
}

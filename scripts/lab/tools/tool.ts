/** What every tool of the benchmark gets, and what it returns. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Spec } from '../../../contract-tests/engine/spec.ts';
import type { Known } from './arrange.ts';

/** One run of a tool: one operation of a server, with credentials and values that exist. */
interface Job {
  /** Base URL of the server, or of the proxy with the defect. */
  url: string;
  operation: string;
  /** The longest time that the tool may take. */
  seconds: number;
  known: Known;
  /** The contract, with values that exist in the examples. */
  spec: Spec;
  /** An empty folder of this run. */
  directory: string;
}

/** A tool of the benchmark. */
export interface Tool {
  /** With its version. */
  name: string;
  /** One line per finding, the same one whenever the tool finds the same. Throws Error if the tool could not run. */
  run(job: Job): Promise<string[]>;
}

/** The output of a program. */
interface Output {
  /** Absent if its time was over. */
  code?: number;
  text: string;
}

/** Runs a program, and ends it if it takes longer than `seconds`. Its output is one text. */
export async function runProgram(
  file: string,
  args: string[],
  { seconds, cwd, env = {} }: { seconds: number; cwd: string; env?: Record<string, string> },
): Promise<Output> {
  const child = spawn(file, args, {
    ...{ cwd, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...process.env, ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, seconds * 1000);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { text, ...(!isLate && code !== null && { code }) };
}

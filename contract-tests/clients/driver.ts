/**
 * How a client is driven: a program makes one documented call with the client, and tells what came of it. It does not know
 * which promise is judged.
 */
import { spawn } from 'node:child_process';

/** The calls that a driver makes, and the value that it reports. */
export const calls = {
  createKey: 'keys.createKey with apiId API_ID, externalId "user_123", name "Production"; the value is keyId',
  updateKey: 'keys.updateKey that clears the name of KEY_ID: name is null; the value is keyId',
  verifyKey: 'keys.verifyKey of API_KEY; the value is code',
  verifyTwice: 'the same twice, one after the other, with one client; the value is the list of both codes',
  deleteKey: 'keys.deleteKey of KEY_ID; the value is keyId',
  getSession: 'portal.getSession without input, as the user with SESSION_TOKEN; the value is externalId',
  signIn:
    'with one client that has the root key: portal.exchangeSession of SESSION_ID, portal.getSession with the token that it returned, and both again for OTHER_SESSION_ID; the value is the list of both externalIds',
} as const;

/** The name of a call. */
export type Call = keyof typeof calls;

/** The environment of a driver, beside `BASE_URL` and `ROOT_KEY`. The root key is that of every call except `getSession`. */
export interface DriverEnvironment extends Record<string, string | undefined> {
  BASE_URL: string;
  ROOT_KEY: string;
  API_ID: string;
  KEY_ID: string;
  API_KEY: string;
  SESSION_TOKEN: string;
  SESSION_ID: string;
  OTHER_SESSION_ID: string;
  /** The time limit of the call, if the client has one; otherwise its default. */
  TIMEOUT_SECONDS?: string;
}

/** What the client tells of a failure. What it does not tell is missing. */
export interface ReportedError {
  status?: number;
  /** The type of the error, or its code. */
  type?: string;
  requestId?: string;
  /** The locations of a validation error. */
  locations?: string[];
  /** Seconds until the next attempt. */
  retryAfter?: number;
  /** The text that a program would log. */
  message?: string;
}

/** What a driver reports: one of the three. */
export interface Reported {
  value?: unknown;
  error?: ReportedError;
  /** Why the client cannot make this call. */
  unsupported?: string;
}

/**
 * Makes a call.
 *
 * @throws DriverFailed if the driver reports nothing
 */
export type Driver = (call: Call, env: DriverEnvironment) => Promise<Reported>;

/** A driver that did not report. The client may have ended the program, or waits forever. */
export class DriverFailed extends Error {}

/** The last line of the output, which is the report. */
function reportIn(output: string): Reported | undefined {
  try {
    const found: unknown = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    const keys = typeof found === 'object' && found !== null ? Object.keys(found) : [];
    return ['value', 'error', 'unsupported'].some((key) => keys.includes(key)) ? (found as Reported) : undefined;
  } catch {
    return undefined;
  }
}

/** The program with its descendants, such as the one that a shell script starts. */
const killGroup = (pid: number | undefined) => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
};

/**
 * A driver that is a program: it gets the name of the call as its last argument, and prints its report as one line of JSON.
 *
 * @param command the program and its first arguments
 * @param patienceMs how long it may take, in ms
 */
export function commandDriver(command: readonly string[], patienceMs: number, cwd?: string): Driver {
  const [program = '', ...args] = command;
  return (call, env) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, [...args, call], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
        ...(cwd !== undefined && { cwd }),
      });
      const timer = setTimeout(() => {
        killGroup(child.pid);
        reject(new DriverFailed(`the call did not end within ${patienceMs / 1000} seconds`));
      }, patienceMs);
      const output = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const)
        child[name].setEncoding('utf8').on('data', (chunk: string) => {
          output[name] += chunk;
        });
      child.once('error', (error) => {
        clearTimeout(timer);
        reject(new DriverFailed(`the driver does not start: ${error.message}`));
      });
      child.once('close', (code) => {
        clearTimeout(timer);
        const report = reportIn(output.stdout);
        if (report !== undefined) resolve(report);
        else
          reject(new DriverFailed(`the driver ended (${code}) without a report: ${output.stderr.trim().slice(-500)}`));
      });
    });
}

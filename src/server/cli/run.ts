import { CommanderError } from 'commander';
import { type FailureReport, failureOf, UsageError } from './failure.ts';
import { oneLine, printError, printJson } from './output.ts';
import { createProgram } from './program.ts';

/** Prints a failure to stderr: as one line of JSON, or as sentences. */
function report({ code, message, errors }: FailureReport, isJson: boolean): void {
  if (isJson) printJson({ error: { code, message, ...(errors && { errors }) } }, process.stderr);
  else {
    const details = (errors ?? []).map(
      ({ option, message: wrong }) => `\n  ${oneLine(`${option ?? ''} ${wrong}`.trim())}`,
    );
    printError(`${message}${details.join('')}\n`);
  }
}

/**
 * Node puts U+FFFD in the place of bytes that are not UTF-8, so two different identifiers could become the same.
 *
 * @throws UsageError
 */
function requireText(args: string[]): void {
  const unclear = args.findIndex((arg) => arg.includes('\uFFFD'));
  if (unclear < 0) return;
  throw new UsageError(`Argument ${unclear + 1} is not valid UTF-8, or contains the replacement character U+FFFD.`);
}

/**
 * Runs one command of the command line, with its output on stdout and its errors on stderr.
 *
 * @param args the arguments after the name of the program
 * @returns the exit code, one of `exitCodes`
 */
export async function runCommandLine(args: string[]): Promise<number> {
  const isJson = args.includes('--json');
  let exitCode = 0;
  const setExitCode = (code: number) => {
    exitCode = code;
  };
  try {
    requireText(args);
    await createProgram({ silent: isJson, setExitCode }).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    const isCommander = error instanceof CommanderError;
    // Help and version also throw it, with exit code 0.
    if (isCommander && error.exitCode === 0) return 0;
    const failure = failureOf(error);
    // The code that throws it has printed its message as text.
    if (!isCommander || isJson) report(failure, isJson);
    return failure.exitCode;
  }
}

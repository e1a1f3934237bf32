/**
 * Notes the secrets that the servers of a test run issue, and every text of the shape of a secret that they emit. `judge.ts` compares both
 * when the run is over. Each process writes to a file of its own, at once, because tests kill processes.
 */
import { mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The environment variable with the directory of these files. Without it nothing is noted. */
export const secretsVariable = 'PORTICO_TESTS_SECRETS';

/** The environment variable with the secret fields of the data of each operation, as JSON by path. */
export const secretFieldsVariable = 'PORTICO_TESTS_SECRET_FIELDS';

/** Where a text comes from. */
export type Place = 'log' | 'response' | 'request' | 'redis';

/** A secret has at least 22 of these characters in a row. */
const shape = /[A-Za-z0-9_-]{22,}/g;
/** A SHA-256 in hex, of which Redis has many, and the id of a request, which is in each response: none is a secret. */
const harmless = /^([0-9a-f]{64}|req_[A-Za-z0-9]{20})$/;
/** How many texts a process remembers, so that it does not write one twice. */
const maxRemembered = 200_000;

const remembered = new Set<string>();
/** The file of this process in each directory. */
const files = new Map<string, number>();

function note(line: string): void {
  const directory = process.env[secretsVariable];
  const known = `${directory}\t${line}`;
  if (directory === undefined || remembered.has(known)) return;
  if (remembered.size > maxRemembered) remembered.clear();
  remembered.add(known);
  let file = files.get(directory);
  if (file === undefined) {
    mkdirSync(directory, { recursive: true });
    file = openSync(join(directory, `${process.pid}-${files.size}-${Date.now()}`), 'a');
    files.set(directory, file);
  }
  writeSync(file, `${line}\n`);
}

/** The parts of a text that have the shape of a secret. */
export const shapesIn = (text: string): string[] => text.match(shape)?.filter((found) => !harmless.test(found)) ?? [];

/** Notes secrets that were issued: those in this text. */
export function noteIssued(text: string): void {
  for (const found of shapesIn(text)) note(`issued\t${found}`);
}

/** Notes the credentials in the output of a command, which shows each once. */
export function noteIssuedBy(output: string): void {
  for (const [credential] of output.matchAll(/\b(?:rk|pst|ps)_[A-Za-z0-9_-]{22,}/g)) noteIssued(credential);
}

/**
 * Notes a text that a server has emitted.
 *
 * @param detail what it was, such as the path of a request
 * @param except texts of the shape of a secret that may be in it
 */
export function noteEmitted(place: Place, detail: string, text: string, except: ReadonlySet<string> = new Set()): void {
  if (process.env[secretsVariable] === undefined) return;
  for (const found of shapesIn(text)) if (!except.has(found)) note(`${place}\t${detail}\t${found}`);
}

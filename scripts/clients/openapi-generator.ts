/** OpenAPI Generator, which knows many languages: one jar, from Maven Central. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemBinary } from '../../tests/support/system-binary.ts';
import { CommandFailed } from './command.ts';
import type { KnownWarning, Tool, Workbench } from './language.ts';

export const version = '7.25.0';
const sha256 = '41ce4f6b07f196676439d710759fa1ced7a08066d06ff1bf314681470289efae';
const jar = ({ cache }: Workbench) => join(cache, `openapi-generator-cli-${version}.jar`);

const java = () => systemBinary(['java'], { debian: 'default-jdk-headless', brew: 'openjdk' });
export const maven = () => systemBinary(['mvn'], { debian: 'maven', brew: 'maven' });
/** A plugin of Maven that asks for artifacts and paths, by its full name, since no project names a version. */
export const mavenDependency = (goal: string) => `org.apache.maven.plugins:maven-dependency-plugin:3.8.1:${goal}`;

/** What it says of every contract of version 3.1, or of every language. */
export const knownWarnings: KnownWarning[] = [
  { pattern: /OpenAPI 3\.1 support is still in beta/, why: 'it says so of every 3.1' },
  { pattern: /Failed to get the schema name: null/, why: 'it asks for the name of a reference where there is none' },
  { pattern: /Ignoring complex example on request body/, why: 'examples are for people; the code has none' },
];

/** Has the jar in the cache, and sees to it that it is the one that we know. */
export async function prepareGenerator(bench: Workbench): Promise<void> {
  const file = jar(bench);
  java();
  if (!existsSync(file)) {
    const artifact = `-Dartifact=org.openapitools:openapi-generator-cli:${version}`;
    await bench.run([maven(), '-q', '-B', mavenDependency('copy'), artifact, `-DoutputDirectory=${bench.cache}`], {
      quiet: true,
    });
  }
  const found = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  if (found === sha256) return;
  await rm(file);
  throw new CommandFailed(`${file} had the SHA-256 ${found} instead of ${sha256}`);
}

/** How the jar is called. */
export const generator = (bench: Workbench): Tool => ({ command: [java(), '-jar', jar(bench)] });

/**
 * How a reader makes a client with one of its generators.
 *
 * @param name the generator's name of the language
 * @param into where, from the folder of the contract
 */
export function recipe(name: string, into: string, properties: Record<string, string>, ...options: string[]): string[] {
  // `portal.createSession` is `createSession` of what is called after its tag; else it would be `portalCreateSession` there.
  const prefix = { removeOperationIdPrefixDelimiter: '.', removeOperationIdPrefixCount: '1' };
  const all = Object.entries({ ...prefix, hideGenerationTimestamp: 'true', ...properties });
  return [
    ...['openapi-generator-cli', 'generate', '-i', 'openapi.yaml', '-g', name, '-o', into, ...options],
    ...['--remove-operation-id-prefix', `--additional-properties=${all.map((pair) => pair.join('=')).join()}`],
    ...['--global-property', 'apiTests=false,modelTests=false,apiDocs=false,modelDocs=false'],
  ];
}

/** OpenAPI Generator for many languages: one jar from Maven Central. */
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
/** Maven's dependency plugin by its full name, because no project sets its version. */
export const mavenDependency = (goal: string) => `org.apache.maven.plugins:maven-dependency-plugin:3.8.1:${goal}`;

/** Warnings for every 3.1 contract or for every language. */
export const knownWarnings: KnownWarning[] = [
  { pattern: /OpenAPI 3\.1 support is still in beta/, why: 'it warns for every 3.1 document' },
  { pattern: /Failed to get the schema name: null/, why: 'it looks up the name of an inline schema' },
  { pattern: /Ignoring complex example on request body/, why: 'the client code needs no examples' },
];

/** Downloads the jar into the cache if it is missing, and verifies its checksum. */
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
  throw new CommandFailed(`${file} has SHA-256 ${found}, expected ${sha256}`);
}

/** The command that runs the jar. */
export const generator = (bench: Workbench): Tool => ({ command: [java(), '-jar', jar(bench)] });

/**
 * The command that generates a client.
 *
 * @param name the name of the generator
 * @param into output folder, relative to the folder of the contract
 */
export function recipe(name: string, into: string, properties: Record<string, string>, ...options: string[]): string[] {
  // Removes the tag from method names: `createSession` in place of `portalCreateSession`.
  const prefix = { removeOperationIdPrefixDelimiter: '.', removeOperationIdPrefixCount: '1' };
  const all = Object.entries({ ...prefix, hideGenerationTimestamp: 'true', ...properties });
  return [
    ...['openapi-generator-cli', 'generate', '-i', 'openapi.yaml', '-g', name, '-o', into, ...options],
    ...['--remove-operation-id-prefix', `--additional-properties=${all.map((pair) => pair.join('=')).join()}`],
    ...['--global-property', 'apiTests=false,modelTests=false,apiDocs=false,modelDocs=false'],
  ];
}

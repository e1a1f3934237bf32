/** Java: OpenAPI Generator's client on java.net.http and Jackson, compiled by Maven with the generated build file. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemBinary } from '../../tests/support/system-binary.ts';
import type { Language } from './language.ts';
import {
  generator,
  knownWarnings,
  maven,
  mavenDependency,
  prepareGenerator,
  recipe,
  version,
} from './openapi-generator.ts';

const classes = 'dev.portico.client';
const packages = { invokerPackage: classes, apiPackage: `${classes}.api`, modelPackage: `${classes}.model` };

export const java: Language = {
  id: 'java',
  title: 'Java',
  generator: 'OpenAPI Generator, java, library native',
  version,
  proves: 'run',
  recipe: recipe('java', '.', { ...packages, enumUnknownDefaultCase: 'true' }, '--library', 'native'),
  notes: [
    '`enumUnknownDefaultCase=true`, else the client cannot read values that are added to an enumeration',
    'pass `Map.of()` to an operation without input: for `null` the client sends `null`, which the server refuses',
  ],
  knownWarnings,
  first: { file: 'src/main/java/First.java', fence: 'java' },
  async prepare(bench) {
    await prepareGenerator(bench);
    systemBinary(['javac'], { debian: 'default-jdk-headless', brew: 'openjdk' });
  },
  tool: generator,
  async compile({ run }) {
    const classpath = [mavenDependency('build-classpath'), '-Dmdep.outputFile=target/classpath'];
    await run([maven(), '-q', '-B', '-Dmaven.test.skip=true', 'compile', ...classpath]);
  },
  async start({ directory }, program) {
    const libraries = await readFile(join(directory, 'target/classpath'), 'utf8');
    const main = { first: 'First', flow: 'Flow', judge: 'Judge' }[program];
    return ['java', '-cp', `target/classes:${libraries.trim()}`, main];
  },
};

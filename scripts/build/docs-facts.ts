/** Gathers what the documentation is made from, each thing from where it is defined. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { promises } from '../../contract-tests/clients/promises.ts';
import { readSpec, specErrors, specOperations } from '../../contract-tests/engine/spec.ts';
import type { CommandFact, CommandGroupFact, Facts, GuideFact, OpenApi, Operation } from '../../src/docs/facts.ts';
import { browsers } from '../../src/portal/browsers.ts';
import { examplesOf } from '../../src/server/cli/command.ts';
import { exitCodes } from '../../src/server/cli/failure.ts';
import { createProgram } from '../../src/server/cli/program.ts';
import { settings } from '../../src/server/config/index.ts';
import { readJudged } from '../clients/judged.ts';
import { languages } from '../clients/languages.ts';

const guides = join(import.meta.dirname, '../../docs');

async function readGuides(): Promise<GuideFact[]> {
  const names = (await readdir(guides, { recursive: true })).filter((name) => name.endsWith('.md'));
  return Promise.all(
    names.sort().map(async (source) => ({ source, text: await readFile(join(guides, source), 'utf8') })),
  );
}

const commandFact = (command: Command, name: string): CommandFact => ({
  name,
  description: command.description(),
  options: command.options.map(({ flags, description, mandatory, defaultValue }) => ({
    flags,
    description,
    required: mandatory,
    default: defaultValue === undefined || typeof defaultValue === 'boolean' ? undefined : String(defaultValue),
  })),
  examples: examplesOf(command),
});

/** A noun with its verbs; a command without any is a group of its own. */
const groupFact = (noun: Command): CommandGroupFact => ({
  name: noun.name(),
  description: noun.description(),
  commands:
    noun.commands.length === 0
      ? [commandFact(noun, noun.name())]
      : noun.commands.map((verb) => commandFact(verb, `${noun.name()} ${verb.name()}`)),
});

/** Everything that is documented. */
export async function readFacts(): Promise<Facts> {
  const spec = await readSpec();
  const program = createProgram();
  return {
    document: spec as unknown as OpenApi,
    operations: specOperations(spec) as unknown as Operation[],
    errors: specErrors(spec).map((error) => ({
      ...error,
      summary: spec.components.examples[error.code.replaceAll('/', '.')]?.summary ?? error.title,
    })),
    settings,
    commandLine: {
      description: program.description(),
      examples: examplesOf(program),
      groups: program.commands.map(groupFact),
      exitCodes,
    },
    guides: await readGuides(),
    browsers,
    clients: languages.map(({ title, generator, version, proves, recipe, notes = [] }) => ({
      ...{ title, generator, version, verified: proves, recipe, notes },
    })),
    clientPromises: promises.map(({ id, level, name, source }) => ({ id, level, name, source: source.page })),
    judgedClients: (await readJudged()).map(({ title, made, results }) => ({
      ...{ title, made },
      outcomes: Object.fromEntries(Object.entries(results).map(([id, { outcome }]) => [id, outcome])),
    })),
    changelog: await readFile(join(guides, '../CHANGELOG.md'), 'utf8'),
  };
}

/** Everything that exists is documented, and everything documented exists. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import MarkdownIt from 'markdown-it';
import { readFacts } from '../../scripts/build/docs-facts.ts';
import type { Facts } from '../../src/docs/facts.ts';
import { type Page, pagesOf } from '../../src/docs/page.ts';
import { settingsTable } from '../../src/docs/pages/configuration.ts';
import { credentialOf } from '../../src/docs/samples.ts';
import { fieldsOf } from '../../src/docs/schema-fields.ts';
import { sectionsOf } from '../../src/docs/site.ts';
import { root } from '../../src/server/package.ts';
import { expectEach } from '../support/expect-each.ts';

let facts: Facts;
let pages: Page[];
const parser = new MarkdownIt();

beforeAll(async () => {
  facts = await readFacts();
  pages = sectionsOf(facts, 'https://portal.acme.example').flatMap(pagesOf);
});

const page = (source: string) => pages.find((found) => found.source === source)?.markdown ?? '';

describe('documents', () => {
  test('every environment variable', () => {
    expect(page('configuration/environment.md')).toContain(settingsTable(facts));
    expect(facts.settings.filter(({ description }) => description === '')).toEqual([]);
  });

  test('the README is short, and links to the pages that exist', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    expect(readme.split('\n').length).toBeLessThanOrEqual(121);
    const sources = new Set(pages.map(({ source }) => source));
    const links = [...readme.matchAll(/\]\(docs\/([^)#]+\.md)/g)].map(([, source]) => source ?? '');
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((source) => !sources.has(source))).toEqual([]);
    const generated = [...readme.matchAll(/`\/docs\/([\w/-]+)`/g)].map(([, source]) => `${source}.md`);
    expect(generated).toContain('configuration/environment.md');
    expect(generated.filter((source) => !sources.has(source))).toEqual([]);
  });

  test('every command of the command line with every option', () => {
    const text = page('configuration/command-line.md');
    expectEach(
      facts.commandLine.groups.flatMap(({ commands }) => commands),
      ({ name, options, description }) => {
        const [, section = ''] = text.split(`### portico ${name}\n`);
        const [own = ''] = section.split(/^#{2,3} /m);
        expect(own).toContain(description);
        for (const { flags, description: text } of options) {
          expect(own).toContain(`\`${flags}\``);
          expect(text).not.toBe('');
        }
      },
    );
  });

  test('every field of a portal', () => {
    const {
      CreateConfigurationRequest = {},
      UpdateConfigurationRequest = {},
      PortalConfiguration = {},
    } = facts.document.components.schemas;
    const fields = [CreateConfigurationRequest, UpdateConfigurationRequest, PortalConfiguration]
      .flatMap((schema) => fieldsOf(facts.document, schema))
      // `portal` selects the portal to update.
      .filter(({ name }) => name !== 'portal');
    expectEach(fields, ({ name }) => expect(page('configuration/portal.md')).toContain(`\n| \`${name}\``));
  });

  test('every operation, with its permission, fields, headers, examples and errors', () => {
    expectEach(facts.operations, (operation) => {
      const text = page(`reference/${operation.operationId}.md`);
      const expected = [
        operation.summary,
        operation.description.trim(),
        `${operation.method.toUpperCase()} ${operation.path}`,
        ...(operation['x-permission'] === undefined ? [] : [`\`${operation['x-permission']}\``]),
        ...Object.keys(operation.responses)
          .filter((status) => status < '400')
          .map((status) => `### ${status}\n`),
        ...['sh', 'ts', 'python', 'go'].map((language) => `\`\`\`${language} title=`),
      ];
      for (const part of expected) expect(text).toContain(part);
      const codes = JSON.stringify(operation.responses).matchAll(/components\/examples\/([\w.]+)/g);
      for (const [, name = ''] of codes) expect(text).toContain(`\`${name.replaceAll('.', '/')}\``);
    });
  });

  test('every error, with its causes, fixes and related errors', () => {
    expectEach(facts.errors, ({ code, status, title, detail, page: prose }) => {
      const text = page(`errors/${code}.md`);
      const related = prose.relatedErrors.flatMap(({ code: other, when }) => [`[\`${other}\`](`, when]);
      for (const part of [
        prose.whatHappened,
        detail,
        `${status} ${title}`,
        ...prose.causes,
        ...prose.howToFix,
        ...prose.commonMistakes,
        ...related,
        '## Operations that return this error',
        '```sh title="curl"',
      ])
        expect(text).toContain(part);
    });
  });

  test('the permission that each operation requires of a root key', () => {
    const guarded = facts.operations.filter((operation) => operation['x-permission'] !== undefined);
    expectEach(guarded, ({ operationId, 'x-permission': permission }) =>
      expect(page('integrate/root-key-permissions.md')).toContain(
        `[\`${operationId}\`](../reference/${operationId}.md) | \`${permission}\``,
      ),
    );
  });
});

describe('mentions only existing', () => {
  interface Mention {
    source: string;
    text: string;
  }
  /** The code spans and the shell lines of all pages. */
  function mentions(): { spans: Mention[]; lines: Mention[] } {
    const spans: Mention[] = [];
    const lines: Mention[] = [];
    for (const { source, markdown } of pages) {
      for (const { type, info, content, children } of parser.parse(markdown, {})) {
        for (const child of children ?? [])
          if (child.type === 'code_inline') spans.push({ source, text: child.content });
        if (type === 'fence' && info.startsWith('sh')) {
          for (const line of content.replaceAll(/\\\n\s*/g, '').split('\n')) lines.push({ source, text: line });
        }
      }
    }
    return { spans, lines };
  }

  /** The names of all fields: `branding.logoUrl` and `logoUrl`. */
  function fieldNames(): Set<string> {
    const fields = Object.values(facts.document.components.schemas).flatMap((schema) =>
      fieldsOf(facts.document, schema),
    );
    return new Set(
      fields.flatMap(({ name }) => {
        const parts = name.replaceAll('[]', '').split('.');
        return parts.map((_, i) => parts.slice(i).join('.'));
      }),
    );
  }

  const enumValues = () => {
    const values = new Set<unknown>();
    JSON.stringify(facts.document, (key, value) => {
      if (['enum', 'x-extensible-enum'].includes(key) && Array.isArray(value))
        for (const item of value) values.add(item);
      return value;
    });
    return values;
  };

  test('operations', () => {
    const known = new Set(facts.operations.map(({ operationId }) => operationId));
    const nouns = new Set([...known].map((operationId) => operationId.split('.')[0]));
    const fields = fieldNames();
    const values = enumValues();
    const unknown = mentions().spans.filter(({ text }) => {
      const [, noun, verb] = /^([a-z]\w*)\.([a-z]\w*)$/i.exec(text) ?? [];
      if (noun === undefined || verb === undefined || !nouns.has(noun)) return false;
      return !known.has(text) && !fields.has(text) && !values.has(text);
    });
    expect(unknown).toEqual([]);
    const paths = new Set(facts.operations.map(({ path }) => path));
    const { spans, lines } = mentions();
    const called = [...spans, ...lines].flatMap(({ source, text }) =>
      [...text.matchAll(/\/v2\/[a-z]\w*(?:\.\w+)?(?![\w/])/gi)].map(([path]) => ({ source, path })),
    );
    expect(called.length).toBeGreaterThan(50);
    expect(called.filter(({ path }) => !paths.has(path))).toEqual([]);
  });

  test('errors', () => {
    const known = new Set(facts.errors.map(({ code }) => code));
    const unknown = mentions().spans.filter(({ text }) => /^(unkey|user)\/\w+\/\w+$/.test(text) && !known.has(text));
    expect(unknown).toEqual([]);
  });

  test('environment variables', () => {
    // Variables of Node, of our tests, and of the samples that users see.
    const others = ['NODE_EXTRA_CA_CERTS', 'CONTRACT_REDIS', 'API_KEY'];
    const known = new Set([
      ...facts.settings.map(({ name }) => name),
      ...facts.operations.map(credentialOf),
      ...others,
    ]);
    const values = enumValues();
    // Variables that the page itself exports.
    const own = (source: string) => new Set([...page(source).matchAll(/\bexport ([A-Z_]+)=/g)].map(([, name]) => name));
    const { spans } = mentions();
    const unknown = spans.flatMap(({ source, text }) => {
      const [, name] = /^\$?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=.*)?$/.exec(text) ?? [];
      const isKnown = name === undefined || known.has(name) || values.has(name) || own(source).has(name);
      return isKnown ? [] : [{ source, name }];
    });
    expect(unknown).toEqual([]);
  });

  test('commands, and their options', () => {
    const commands = new Map(
      facts.commandLine.groups.flatMap(({ commands: found }) =>
        found.map((command) => [command.name, command] as const),
      ),
    );
    const nouns = new Set([...commands.keys()].map((name) => name.split(' ')[0] ?? ''));
    const { spans, lines } = mentions();
    const calls = [...spans, ...lines].flatMap(({ source, text }) => {
      // A call can be in a substitution of the shell: `source <(portico …)`.
      const [, call] = /(?:^|\s)portico (?:-- )?([a-z].*?)\)?$/.exec(text) ?? [];
      return call === undefined ? [] : [{ source, call }];
    });
    expect(calls.length).toBeGreaterThan(20);
    const unknown = calls.flatMap(({ source, call }) => {
      const [noun = '', verb = ''] = call.split(/\s+/);
      const command = commands.get(`${noun} ${verb}`) ?? commands.get(noun);
      if (command === undefined) return nouns.has(noun) && !/^[a-z]/.test(verb) ? [] : [`${source}: portico ${call}`];
      const flags = new Set(command.options.flatMap(({ flags: written }) => written.match(/--[a-z-]+/g) ?? []));
      const used = call.split('#')[0]?.match(/(?<=\s)--[a-z-]+/g) ?? [];
      return used
        .filter((flag) => flag !== '--help' && !flags.has(flag))
        .map((flag) => `${source}: portico ${noun} ${verb} ${flag}`);
    });
    expect(unknown).toEqual([]);
  });

  test('npm scripts and programs, in every Markdown file', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const folders = ['docs', 'clients/typescript'];
    const found = await Promise.all(
      folders.map(async (folder) =>
        (await readdir(join(root, folder), { recursive: true })).map((name) => `${folder}/${name}`),
      ),
    );
    const sources = [...(await readdir(root)), ...found.flat()].filter(
      (name) => name.endsWith('.md') && !/node_modules|dist/.test(name),
    );
    expect(sources).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']));
    let used = 0;
    const missing: string[] = [];
    for (const source of sources) {
      const text = await readFile(join(root, source), 'utf8');
      for (const [call, name = ''] of text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)) {
        used++;
        if (!(name in scripts)) missing.push(`${source}: ${call}`);
      }
      for (const [call, path = ''] of text.matchAll(/\bnpx node ([\w./-]+\.ts)/g)) {
        used++;
        if (!existsSync(join(root, path))) missing.push(`${source}: ${call}`);
      }
    }
    expect(used).toBeGreaterThan(30);
    expect(missing).toEqual([]);
  });
});

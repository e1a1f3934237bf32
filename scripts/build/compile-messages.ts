/**
 * Compiles the ICU messages of the portal when it is built: a browser then loads no parser for them, and parses none before the page is
 * usable.
 */
import { basename, dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import compile from 'icu-minify/compile';
import { type Language, languages } from '../../src/portal/messages/index.ts';

const directory = join(import.meta.dirname, '../../src/portal/messages');
const isLanguage = (code: string): code is Language => code in languages;

/** Texts, or what use-intl formats instead of them, by the same keys. */
type Node = string | { [key: string]: Node };

/** Compiles each text. */
export const compiled = (node: Node): unknown =>
  typeof node === 'string'
    ? compile(node)
    : Object.fromEntries(Object.entries(node).map(([key, part]) => [key, compiled(part)]));

/** Compiles the texts of each language that a bundle contains, which then needs use-intl without its parser. */
export const compileMessages: Plugin = {
  name: 'compile-messages',
  setup({ onLoad }) {
    onLoad({ filter: /\/messages\/[a-z]{2}\.ts$/ }, async ({ path }) => {
      const code = basename(path, '.ts');
      if (dirname(path) !== directory || !isLanguage(code)) return undefined;
      return { contents: JSON.stringify(compiled((await languages[code]()).default)), loader: 'json' };
    });
  },
};

/** What a bundle with compiled messages loads instead of the parser. */
export const withoutParser = { 'use-intl/format-message': 'use-intl/format-message/format-only' };

/** Which mutants a test covers if it uses what another mutant changes while a module is loaded. */
import { basename } from 'node:path';

/** What it needs to know of a mutant. */
interface Located {
  id: string;
  file: string;
  line: number;
  endLine: number;
}

/** Through so many constants that are made of each other. */
const mostSteps = 3;

/** The names that a line declares: a constant of a module, or a property of one. */
const declaring = /^(?:export )?(?:const|let|function|async function|class) (\w+)|^ {2}(?:async )?(\w+)(?:: |\()/;

/**
 * Finds the mutants of code that uses what a mutant changes: those within its range, and those on lines that have the name of
 * the constant, or of its property, in which it is.
 */
export class Related {
  readonly #lines: Map<string, string[]>;
  readonly #at: Map<string, Located[]>;
  readonly #using = new Map<string, string[]>();

  /** @param sources the text of each file */
  constructor(mutants: Located[], sources: Map<string, string>) {
    this.#lines = new Map([...sources].map(([file, source]) => [file, source.split('\n')]));
    this.#at = Map.groupBy(mutants, ({ file, line }) => `${file}:${line}`);
    for (const [file, lines] of this.#lines) {
      for (const [i, text] of lines.entries()) {
        for (const word of new Set(text.match(/\w+/g))) {
          const places = this.#using.get(word) ?? [];
          places.push(`${file}:${i + 1}`);
          this.#using.set(word, places);
        }
      }
    }
  }

  /** The ids of mutants: the first ones are those of code that is nearest. */
  of({ id, file, line, endLine }: Located): string[] {
    const found = new Set<string>();
    for (let i = line; i <= endLine; i++)
      for (const mutant of this.#at.get(`${file}:${i}`) ?? []) if (mutant.id !== id) found.add(mutant.id);
    const seen = new Set<string>();
    let places = [`${file}:${line}`];
    for (let step = 0; step < mostSteps && places.length > 0; step++) {
      const names = new Set(places.flatMap((place) => this.#declaredAt(place)));
      places = [...names].flatMap((name) => this.#usesOf(name, file)).filter((place) => !seen.has(place));
      for (const place of places) {
        seen.add(place);
        for (const mutant of this.#at.get(place) ?? []) if (mutant.id !== id) found.add(mutant.id);
      }
    }
    return [...found];
  }

  /** The names of the declarations that contain a line. */
  #declaredAt(place: string): string[] {
    const [file = '', number] = place.split(':');
    const lines = this.#lines.get(file) ?? [];
    const [, local] = /^ +const (\w+)/.exec(lines[Number(number) - 1] ?? '') ?? [];
    if (local !== undefined) return [local];
    const names: string[] = [];
    for (let i = Number(number) - 1; i >= 0; i--) {
      const [, top, property] = declaring.exec(lines[i] ?? '') ?? [];
      if (property !== undefined && names.length === 0) names.push(`.${property}`);
      if (top !== undefined) return names.length > 0 ? names : [top];
      if (/^[})\]]/.test(lines[i] ?? '')) return names;
    }
    return names;
  }

  /** The lines that use a name: those of its own file, and of files that import it. A name with a point is a property. */
  #usesOf(name: string, file: string): string[] {
    const word = name.replace('.', '');
    const places = this.#using.get(word) ?? [];
    if (name !== word) return places.filter((place) => this.#textAt(place).includes(name));
    return places.filter((place) => {
      const [user = ''] = place.split(':');
      const isImported = user !== file && this.#lines.get(user)?.some((text) => text.includes(`/${basename(file)}'`));
      return (user === file || isImported) && !/^(import|export \{)/.test(this.#textAt(place));
    });
  }

  #textAt(place: string): string {
    const [file = '', number] = place.split(':');
    return this.#lines.get(file)?.[Number(number) - 1] ?? '';
  }
}

/** The result of a run: a score for each room, the survivors, and what the list of equivalent mutants says about them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A mutant that was run, of TypeScript or Lua. */
export interface Outcome {
  /** From the root of the project. */
  file: string;
  line: number;
  mutator: string;
  original: string;
  replacement: string;
  /** `ignored`: it runs only while a module is loaded. */
  status: 'killed' | 'survived' | 'not covered' | 'ignored';
}

/** A mutant that behaves like the original, so no test can notice it. */
type Equivalent = Pick<Outcome, 'file' | 'mutator' | 'original' | 'replacement'> & { reason: string };

const path = join(import.meta.dirname, 'equivalents.json');

/** Their number may only become smaller: `maximum` does not grow. */
const { maximum, equivalents } = JSON.parse(readFileSync(path, 'utf8')) as {
  maximum: number;
  equivalents: Equivalent[];
};

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

const isSame = (equivalent: Equivalent, outcome: Outcome) =>
  equivalent.file === outcome.file &&
  equivalent.mutator === outcome.mutator &&
  oneLine(equivalent.original) === oneLine(outcome.original) &&
  oneLine(equivalent.replacement) === oneLine(outcome.replacement);

/** The room of a file, and the part of its mutants that tests must notice. */
function roomOf(file: string): { room: string; target: number } {
  if (file.endsWith('.lua')) return { room: 'lua', target: 0.85 };
  if (/http\/process\/|server\/\w+\.ts$/.test(file)) return { room: 'process', target: 0.75 };
  const room = file.split('/')[2] ?? '';
  return { room, target: room === 'domain' || room === 'store' ? 0.85 : 0.75 };
}

interface Score {
  room: string;
  target: number;
  killed: number;
  survived: number;
  equivalent: number;
  ignored: number;
}

/** A room with fewer mutants in a run, such as that of a small change, cannot miss its target. */
const fewMutants = 20;

const partOf = ({ killed, survived }: Score) => (killed + survived === 0 ? 1 : killed / (killed + survived));
const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
const show = (text: string) => (oneLine(text).length > 90 ? `${oneLine(text).slice(0, 87)}…` : oneLine(text));

/**
 * Writes the report.
 *
 * @param isWhole whether all mutants were run, so that an equivalent mutant that no longer exists is reported
 * @returns its lines, and whether every room reaches its target and the list of equivalent mutants is right
 */
export function reportOn(outcomes: Outcome[], isWhole: boolean): { lines: string[]; passed: boolean } {
  const scores = new Map<string, Score>();
  const survivors: Outcome[] = [];
  const used = new Set<Equivalent>();
  for (const outcome of outcomes) {
    const { room, target } = roomOf(outcome.file);
    const score = scores.get(room) ?? { room, target, killed: 0, survived: 0, equivalent: 0, ignored: 0 };
    scores.set(room, score);
    const equivalent = equivalents.find((each) => isSame(each, outcome));
    if (outcome.status === 'killed') score.killed++;
    else if (outcome.status === 'ignored') score.ignored++;
    else if (equivalent !== undefined) {
      used.add(equivalent);
      score.equivalent++;
    } else {
      score.survived++;
      survivors.push(outcome);
    }
  }
  const rows = [...scores.values()].toSorted((a, b) => a.room.localeCompare(b.room));
  const missed = rows
    .filter((score) => score.killed + score.survived >= fewMutants && partOf(score) < score.target)
    .map(({ room }) => room);
  const stale = isWhole ? equivalents.filter((equivalent) => !used.has(equivalent)) : [];
  const lines = [
    ...survivors
      .toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
      .map(({ file, line, mutator, original, replacement, status }) => {
        const coverage = status === 'not covered' ? ' (no test covers it)' : '';
        return `SURVIVED  ${file}:${line}  ${mutator}: ${show(original)} → ${show(replacement) || 'nothing'}${coverage}`;
      }),
    ...stale.map(
      ({ file, original, replacement }) => `NOT EQUIVALENT  ${file}: ${show(original)} → ${show(replacement)}`,
    ),
    ...(equivalents.length > maximum
      ? [`${equivalents.length} equivalent mutants, but at most ${maximum} are allowed`]
      : []),
    '',
    'room       noticed  survived  equivalent  at start  score    target',
    ...rows.map((score) => {
      const { room, killed, survived, equivalent, ignored, target } = score;
      const cells = [String(killed).padStart(7), String(survived).padStart(8), String(equivalent).padStart(10)];
      return `${room.padEnd(9)}  ${cells.join('  ')}  ${String(ignored).padStart(8)}  ${percent(partOf(score)).padEnd(7)}  ${percent(target)}`;
    }),
    ...missed.map((room) => `FAILED    ${room} does not reach its target`),
  ];
  return { lines, passed: missed.length === 0 && stale.length === 0 && equivalents.length <= maximum };
}

/** The page of an error, and the list of all. */
import type { ErrorFact, Facts, Operation } from '../facts.ts';
import { errorSource, linkTo, type Page } from '../page.ts';
import { code, jsonBlock, list, plain, section, steps, table } from '../write-markdown.ts';
import { errorsOf, operationList, sampleBlocks, sampleRequests } from './operation.ts';

/** The operations that can give an error. */
const givenBy = (facts: Facts, errorCode: string): Operation[] =>
  facts.operations.filter((operation) =>
    errorsOf(facts, operation).some(({ errors }) => errors.some((error) => error.code === errorCode)),
  );

/** An operation to show a correct request of: one that can give the error, or else a related one. */
function operationToShow(facts: Facts, error: ErrorFact): Operation | undefined {
  const codes = [error.code, ...error.page.relatedErrors.map((related) => related.code)];
  return codes.flatMap((errorCode) => givenBy(facts, errorCode))[0] ?? facts.operations[0];
}

const body = (facts: Facts, error: ErrorFact) =>
  facts.document.components.examples[error.code.replaceAll('/', '.')]?.value;

/** Everything about one error. */
export function errorPage(facts: Facts, error: ErrorFact, base: string): Page {
  const source = errorSource(error.code);
  const shown = operationToShow(facts, error);
  const correct = shown === undefined ? undefined : sampleRequests(shown, base)[0];
  const operations = givenBy(facts, error.code);
  const related = error.page.relatedErrors.map(
    (other) => `[${code(other.code)}](${linkTo(source, errorSource(other.code))}): ${other.when}`,
  );
  const request =
    correct === undefined
      ? ''
      : `A correct request, here of ${code(shown?.operationId ?? '')}:\n\n${sampleBlocks(correct.request)}`;
  return {
    source,
    title: error.summary,
    label: error.code.split('/').at(-1) ?? error.code,
    isCode: { title: false, label: true },
    badge: { text: String(error.status), kind: 'error' },
    description: `${error.status} ${error.title}, ${error.code}: ${plain(error.detail)}`,
    keywords: `${error.code} ${error.title} ${error.detail}`,
    markdown: [
      `> ${error.detail}\n`,
      `${code(error.code)}, with the status **${error.status} ${error.title}**.\n`,
      section('What happened', error.page.whatHappened),
      section('Example', jsonBlock(body(facts, error))),
      section('Common causes', list(error.page.causes)),
      section('How to fix it', `${steps(error.page.howToFix)}\n${request}`),
      section('Common mistakes', list(error.page.commonMistakes)),
      section('Related errors', list(related)),
      section(
        'Which operations give it',
        operations.length === 0
          ? 'None by itself: it is about requests that reach no operation.'
          : operationList(source, operations),
      ),
    ].join('\n'),
  };
}

/** Groups of errors, by their system and category, in the order of the spec. */
export function errorGroups({ errors }: Facts): { title: string; errors: ErrorFact[] }[] {
  const groupOf = ({ code: errorCode }: ErrorFact) => errorCode.split('/').slice(0, 2).join('/');
  return [...Map.groupBy(errors, groupOf)].map(([title, found]) => ({ title, errors: found }));
}

/** The list of all errors. */
export function errorsPage(facts: Facts): Page {
  const source = 'errors/index.md';
  const groups = errorGroups(facts).map(({ title, errors }) =>
    section(
      title,
      table(
        ['Error', 'Status', 'What happened'],
        errors.map((error) => [
          `[${code(error.code.split('/').at(-1) ?? '')}](${linkTo(source, errorSource(error.code))})`,
          `${error.status} ${error.title}`,
          error.summary,
        ]),
      ),
    ),
  );
  return {
    source,
    title: 'All errors',
    description: 'Every error that Portico answers with: its status, what happened, and how to fix it.',
    markdown: `${facts.document.components.schemas['Problem']?.description ?? ''}

${facts.document.components.schemas['ProblemType']?.description ?? ''}
${groups.join('')}`,
  };
}

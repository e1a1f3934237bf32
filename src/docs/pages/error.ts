/** The pages of the errors. */
import type { ErrorFact, Facts, Operation } from '../facts.ts';
import { errorSource, linkTo, type Page } from '../page.ts';
import { code, jsonBlock, list, plain, section, steps, table } from '../write-markdown.ts';
import { errorsOf, operationList, sampleBlocks, sampleRequests } from './operation.ts';

/** The operations that can return an error. */
const operationsWith = (facts: Facts, errorCode: string): Operation[] =>
  facts.operations.filter((operation) =>
    errorsOf(facts, operation).some(({ errors }) => errors.some((error) => error.code === errorCode)),
  );

/** The operation of the example request: one that can return the error, or a related error. */
function exampleOperation(facts: Facts, error: ErrorFact): Operation | undefined {
  const codes = [error.code, ...error.page.relatedErrors.map((related) => related.code)];
  return codes.flatMap((errorCode) => operationsWith(facts, errorCode))[0] ?? facts.operations[0];
}

const body = (facts: Facts, error: ErrorFact) =>
  facts.document.components.examples[error.code.replaceAll('/', '.')]?.value;

/** The page of one error. */
export function errorPage(facts: Facts, error: ErrorFact, base: string): Page {
  const source = errorSource(error.code);
  const example = exampleOperation(facts, error);
  const correct = example === undefined ? undefined : sampleRequests(facts, example, base)[0];
  const operations = operationsWith(facts, error.code);
  const related = error.page.relatedErrors.map(
    (other) => `[${code(other.code)}](${linkTo(source, errorSource(other.code))}): ${other.when}`,
  );
  const request =
    correct === undefined
      ? ''
      : `A correct request to ${code(example?.operationId ?? '')}:\n\n${sampleBlocks(correct.request)}`;
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
      `Error code: ${code(error.code)}. Status: **${error.status} ${error.title}**.\n`,
      section('What happened', error.page.whatHappened),
      section('Example', jsonBlock(body(facts, error))),
      section('Common causes', list(error.page.causes)),
      section('How to fix it', `${steps(error.page.howToFix)}\n${request}`),
      section('Common mistakes', list(error.page.commonMistakes)),
      section('Related errors', list(related)),
      section(
        'Operations that return this error',
        operations.length === 0
          ? 'No single operation: the server returns it before a request reaches an operation.'
          : operationList(source, operations),
      ),
    ].join('\n'),
  };
}

/** The errors by system and category, in the order of the spec. */
export function errorGroups({ errors }: Facts): { title: string; errors: ErrorFact[] }[] {
  const groupOf = ({ code: errorCode }: ErrorFact) => errorCode.split('/').slice(0, 2).join('/');
  return [...Map.groupBy(errors, groupOf)].map(([title, found]) => ({ title, errors: found }));
}

/** The page that lists all errors. */
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
    description: 'Every error that the server returns: its status, what happened, and how to fix it.',
    markdown: `${facts.document.components.schemas['Problem']?.description ?? ''}

${facts.document.components.schemas['ProblemType']?.description ?? ''}
${groups.join('')}`,
  };
}

/** What the contract promises and what the cases check are the same, both ways. */
import { expect, test } from '@jest/globals';
import { cases } from './cases/index.ts';
import { readSpec, resolve, specErrors, specOperations } from './engine/spec.ts';

const spec = await readSpec();

/** Errors that no operation answers: `elsewhere` are checked outside the cases, `later` are of operations to come. */
const ofNoOperation = {
  elsewhere: ['user/bad_request/method_not_allowed', 'user/bad_request/route_not_found'],
  later: ['unkey/data/key_not_found', 'user/too_many_requests/rate_limited'],
};

/** `operation status [error]` for every answer that the contract documents. */
function promised(): string[] {
  return specOperations(spec).flatMap(({ operationId, responses }) =>
    Object.entries(responses).flatMap(([status, declared]) => {
      if (status === '200') return [`${operationId} 200`];
      const examples = resolve(spec, declared).content?.['application/json']?.examples ?? {};
      return Object.values(examples).map(({ $ref = '' }) => {
        const code = $ref.replace('#/components/examples/', '').replaceAll('.', '/');
        return `${operationId} ${status} ${code}`;
      });
    }),
  );
}

const checked = new Set(
  cases.map(({ operation, answer: { status, error } }) => [operation, status, error].filter(Boolean).join(' ')),
);

test('every documented answer has a case', () => {
  expect(promised().filter((promise) => !checked.has(promise))).toEqual([]);
});

test('every case checks a documented answer', () => {
  const documented = new Set(promised());
  expect([...checked].filter((promise) => !documented.has(promise))).toEqual([]);
});

test('every error of the catalogue is answered by some operation, or is on the list of those that are not', () => {
  const answered = new Set(promised().map((promise) => promise.split(' ')[2]));
  const unanswered = specErrors(spec).filter(({ code }) => !answered.has(code));
  expect(unanswered.map(({ code }) => code).sort()).toEqual(Object.values(ofNoOperation).flat().sort());
});

test('two cases of one operation never carry the same name', () => {
  const titles = cases.map(({ operation, name }) => `${operation}: ${name}`);
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
});

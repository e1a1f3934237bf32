import { cases } from './cases/index.ts';
import { type AnyCheck, type Check, caseCheck, flowCheck } from './engine/check.ts';
import { constraintCases } from './engine/constraint-cases.ts';
import { partChecks } from './engine/parts.ts';
import type { Spec } from './engine/spec.ts';
import { flows } from './flows/index.ts';
import { seedChecks } from './seeds/checks.ts';

/** The checks that send requests: written cases, cases generated from the schemas, flows, and the promises of public pages. */
export const requestChecks = (spec: Spec): Check[] => [
  ...cases.map((row) => caseCheck(row, 'case')),
  ...constraintCases(spec).map((row) => caseCheck(row, 'constraint')),
  ...flows(spec).map(flowCheck),
  ...seedChecks,
];

/** All checks of all profiles: those that send requests, and those of the parts of their responses. */
export function allChecks(spec: Spec): AnyCheck[] {
  const sending = requestChecks(spec);
  return [...sending, ...partChecks(spec, sending)];
}

import { cases } from './cases/index.ts';
import { type Check, caseCheck, flowCheck } from './engine/check.ts';
import { constraintCases } from './engine/constraint-cases.ts';
import type { Spec } from './engine/spec.ts';
import { flows } from './flows/index.ts';
import { seedChecks } from './seeds/checks.ts';

/** All checks of all profiles: written cases, cases generated from the schemas, flows, and the promises of public pages. */
export const allChecks = (spec: Spec): Check[] => [
  ...cases.map((row) => caseCheck(row, 'case')),
  ...constraintCases(spec).map((row) => caseCheck(row, 'constraint')),
  ...flows(spec).map(flowCheck),
  ...seedChecks,
];

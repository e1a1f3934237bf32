import { accessMutants } from './access.ts';
import { keyMutants } from './keys.ts';
import type { Mutant, MutantWorld } from './mutant.ts';
import { operatorMutants } from './operators.ts';
import { portalMutants } from './portal.ts';
import { answerMutants } from './responses.ts';
import { secretMutants, sessionMutants } from './sessions.ts';
import { validationMutants } from './validation.ts';

/** Every mutant, in front of this server. */
export const allMutants = (world: MutantWorld): Mutant[] => [
  ...answerMutants,
  ...sessionMutants,
  ...secretMutants,
  ...accessMutants(world),
  ...validationMutants(world),
  ...operatorMutants,
  ...keyMutants,
  ...portalMutants,
];

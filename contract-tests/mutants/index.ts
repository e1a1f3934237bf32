import { accessMutants } from './access.ts';
import { accountMutants } from './account.ts';
import { aloneMutants } from './alone.ts';
import { backendKeyMutants } from './backend-keys.ts';
import { crossOriginMutants } from './cross-origin.ts';
import { hostnameMutants } from './hostnames.ts';
import { identityMutants } from './identities.ts';
import { keyMutants } from './keys.ts';
import type { Mutant, MutantOptions } from './mutant.ts';
import { operatorMutants } from './operators.ts';
import { policyMutants } from './policies.ts';
import { portalMutants } from './portal.ts';
import { responseMutants } from './responses.ts';
import { scopeMutants } from './scopes.ts';
import { secretMutants, sessionMutants } from './sessions.ts';
import { validationMutants } from './validation.ts';

/** The mutants that are written by hand, for this server: they break what an operation does, which no schema says. */
export const writtenMutants = (world: MutantOptions): Mutant[] => [
  ...responseMutants,
  ...sessionMutants,
  ...secretMutants,
  ...accessMutants(world),
  ...validationMutants(world),
  ...operatorMutants,
  ...keyMutants,
  ...policyMutants,
  ...backendKeyMutants,
  ...portalMutants,
  ...scopeMutants,
  ...accountMutants,
  ...aloneMutants,
  ...identityMutants,
  ...crossOriginMutants,
  ...hostnameMutants(world),
];

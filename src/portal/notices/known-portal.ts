import { createContext, useContext } from 'react';
import type { SessionPortal } from '../../../generated/client/types.gen.ts';

const KnownPortal = createContext<SessionPortal | undefined>(undefined);

/** Provides the portal whose brand the notices show. */
export const KnownPortalProvider = KnownPortal;

/** Returns the portal of this page, if the server knows it. */
export const useKnownPortal = (): SessionPortal | undefined => useContext(KnownPortal);

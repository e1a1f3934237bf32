import { createContext, useContext } from 'react';

const SignedOut = createContext<() => void>(() => {});

/** Provides what happens after the session of this page has ended on the user's request. */
export const SignedOutProvider = SignedOut;

/** Returns what to call after the session of this page has ended on the user's request. */
export const useSignedOut = (): (() => void) => useContext(SignedOut);

import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { KeyAction, PortalSession, VisibleApi } from '../../../generated/client/types.gen.ts';
import { answerOf, dataOf } from './answer.ts';
import { portal } from './client.ts';

const Session = createContext<PortalSession | undefined>(undefined);

/** Gives the session to everything below. */
export const SessionProvider = Session;

/** The session of whoever is signed in. Only below the frame. */
export function useSession(): PortalSession {
  const session = useContext(Session);
  if (session === undefined) throw new Error('there is no session here');
  return session;
}

const sessionKey = ['session'];

/** Reads the session of whoever is signed in; anew when someone comes back to the tab, since much may have happened. */
export const useSessionQuery = () =>
  useQuery({
    queryKey: sessionKey,
    queryFn: () => dataOf(portal.getSession()),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: 'always',
  });

/** The session as it was read last, if it ever was. */
export const sessionIn = (queryClient: QueryClient) => queryClient.getQueryData<PortalSession>(sessionKey);

const apisQuery = queryOptions({
  queryKey: ['apis'],
  queryFn: async () => (await answerOf(portal.listApis())).data,
  staleTime: Number.POSITIVE_INFINITY,
});

/** The APIs of the portal, and what the user may do in each. */
export const useApis = () => useQuery(apisQuery);

/** Asks for the APIs before it is known whether anybody is signed in, so that the keys need not wait for both in turn. */
export const prefetchApis = (queryClient: QueryClient): Promise<void> => queryClient.prefetchQuery(apisQuery);

/** Those of the APIs in which the user may do this. */
export const apisWith = (apis: readonly VisibleApi[], action: KeyAction): VisibleApi[] =>
  apis.filter(({ actions }) => actions.includes(action));

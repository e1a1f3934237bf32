import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { KeyAction, PortalSession, VisibleApi } from '../../../generated/client/types.gen.ts';
import { portal } from './client.ts';

const Session = createContext<PortalSession | undefined>(undefined);

/** Provides the session to its children. */
export const SessionProvider = Session;

/** Returns the session of the signed-in user. Only for children of the frame. */
export function useSession(): PortalSession {
  const session = useContext(Session);
  if (session === undefined) throw new Error('useSession is used outside of SessionProvider');
  return session;
}

const sessionKey = ['session'];

const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: () => portal.getSession(),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Reads the session of the signed-in user, and again when the user returns to the tab. */
export const useSessionQuery = () => useQuery({ ...sessionQuery, refetchOnWindowFocus: 'always' });

/** Requests the session before the first component asks for it. Never fails: the component asks again, and shows the error. */
export const prefetchSession = (queryClient: QueryClient): Promise<void> =>
  queryClient.prefetchQuery({ ...sessionQuery, retry: false });

/** Returns the last session that was read, if any. */
export const sessionIn = (queryClient: QueryClient) => queryClient.getQueryData<PortalSession>(sessionKey);

const apisQuery = queryOptions({
  queryKey: ['apis'],
  queryFn: async () => (await portal.listApis()).data,
  staleTime: Number.POSITIVE_INFINITY,
});

/** Reads the APIs of the portal, with the user's allowed actions in each. */
export const useApis = () => useQuery(apisQuery);

/** Requests the APIs before the session is known, so that the list of keys does not wait for both in sequence. */
export const prefetchApis = (queryClient: QueryClient): Promise<void> => queryClient.prefetchQuery(apisQuery);

/** Filters the APIs in which the user may perform this action. */
export const apisWith = (apis: readonly VisibleApi[], action: KeyAction): VisibleApi[] =>
  apis.filter(({ actions }) => actions.includes(action));

import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { PorticoError } from '../../../clients/typescript/src/index.ts';
import { codeOf, isTransient } from './failures.ts';

/** Retries of a read after a transient failure, and the first delay in ms. */
const retries = 2;
const firstRetryDelayMs = 500;
/** For how long a response counts as fresh, in ms. */
const freshMs = 10_000;

/** Whether the error means that the session has ended or is refused, so that no other call can succeed. */
export const endsSession = (error: unknown): boolean =>
  error instanceof PorticoError &&
  (error.status === 401 || (error.status === 403 && ['forbidden', 'workspace_disabled'].includes(codeOf(error))));

/** `meta` of a mutation whose failure says nothing about the session of this page. */
export const ignoreSessionEnd = { ignoreSessionEnd: true };

/**
 * Creates the cache of all calls. Any call that finds that the session has ended ends the visit.
 *
 * @param onVisitEnded receives the server's error
 */
export function createQueryClient(onVisitEnded: (error: PorticoError) => void): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof PorticoError && endsSession(error)) onVisitEnded(error);
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, { meta }) => {
        if (meta !== ignoreSessionEnd) onError(error);
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: freshMs,
        retry: (failures, error) => failures < retries && isTransient(error),
        retryDelay: (attempt) => firstRetryDelayMs * 2 ** attempt,
        // The calls themselves detect a missing network.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}

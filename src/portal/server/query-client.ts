import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { CallFailed } from './answer.ts';

/** How often a read is tried again that failed for a passing reason, and how long the first wait is, in ms. */
const retries = 2;
const firstRetryDelayMs = 500;
/** How long what was read counts as fresh, in ms. */
const freshMs = 10_000;

/** Whether the session is over, or may not be used any more: nothing else on the page will work either. */
export const endsTheVisit = (error: unknown): boolean =>
  error instanceof CallFailed &&
  (error.status === 401 || (error.status === 403 && ['forbidden', 'workspace_disabled'].includes(error.code)));

/** For a call whose failure says nothing about the session that the page has: `meta` of its mutation. */
export const asideFromVisit = { asideFromVisit: true };

/**
 * The cache of everything that is read. Any call, whichever it is, that finds the session over ends the visit.
 *
 * @param onVisitEnded called with what the server said
 */
export function createQueryClient(onVisitEnded: (error: CallFailed) => void): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof CallFailed && endsTheVisit(error)) onVisitEnded(error);
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, { meta }) => {
        if (meta !== asideFromVisit) onError(error);
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: freshMs,
        retry: (failures, error) => failures < retries && error instanceof CallFailed && error.isPassing,
        retryDelay: (attempt) => firstRetryDelayMs * 2 ** attempt,
        // The calls themselves find out whether there is a network.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}

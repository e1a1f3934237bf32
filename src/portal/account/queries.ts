import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { signOut } from '../entry/leave.ts';
import { portal } from '../server/client.ts';
import { fullPage } from '../server/pages.ts';

/** Items per page of a list. */
const pageSize = 20;
const sessionsKey = ['account', 'sessions'];
const entriesKey = ['account', 'entries'];
const paged = { initialPageParam: undefined as string | undefined };

/** Reads the user's sessions in this portal, newest first. */
export const useUserSessions = () =>
  useInfiniteQuery({
    queryKey: sessionsKey,
    queryFn: ({ pageParam }) => fullPage(pageSize, pageParam, (page) => portal.listUserSessions(page)),
    ...paged,
    getNextPageParam: ({ next }) => next,
  });

/** Reads the user's part of the audit log, newest first. */
export const useAuditEntries = () =>
  useInfiniteQuery({
    queryKey: entriesKey,
    queryFn: ({ pageParam }) => fullPage(pageSize, pageParam, (page) => portal.listAuditEntries(page)),
    ...paged,
    getNextPageParam: ({ next }) => next,
  });

/**
 * Ends the other sessions of the user, and this one too if `all` is true.
 *
 * @param onEnded gets the number of ended sessions
 */
export function useEndSessions(onEnded: (ended: number, all: boolean) => void) {
  const client = useQueryClient();
  return useMutation({
    // If this session ends too, other calls in progress may find its end first.
    mutationFn: (all: boolean) => {
      const end = () => portal.endOtherSessions({ all });
      return all ? signOut(end) : end();
    },
    onSuccess: ({ ended }, all) => {
      onEnded(ended, all);
      if (!all) void client.invalidateQueries({ queryKey: ['account'] });
    },
  });
}

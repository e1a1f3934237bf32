import { useCallback, useEffect, useState } from 'react';
import { addressOf, type KeyQuery, queryIn } from './key-query.ts';

/** Changes what the list shows, and the address: in the same entry of the history, or in a new one. */
type Change = (changed: Partial<KeyQuery>, how?: 'replace' | 'push') => void;

/** What the list of keys shows, as the address of the page says, and a function that changes it. */
export function useKeyQuery(): [query: KeyQuery, change: Change] {
  const [query, setQuery] = useState(() => queryIn(location.search));
  const change = useCallback<Change>(
    (changed, how = 'replace') => {
      const next = { ...query, ...changed };
      const { pathname, search } = location;
      const address = addressOf(next);
      if (address !== search) history[`${how}State`](null, '', pathname + address);
      setQuery(next);
    },
    [query],
  );
  useEffect(() => {
    const { pathname, search } = location;
    // A text that could be a key is removed at once.
    const address = addressOf(queryIn(search));
    if (search !== '' && address !== search) history.replaceState(null, '', pathname + address);
    const read = () => {
      if (location.pathname === pathname) setQuery(queryIn(location.search));
    };
    window.addEventListener('popstate', read);
    return () => window.removeEventListener('popstate', read);
  }, []);
  return [query, change];
}

import { useEffect } from 'react';

/** Sets the document title. */
export function usePageTitle(...parts: string[]): void {
  const title = parts.join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}

import { useEffect, useState } from 'react';
import { readBoot } from '../../boot.ts';

/** Loads the renderer's style sheet, which only this tab needs. Returns whether it is loaded. */
export function useStyle(): boolean {
  const [isThere, setIsThere] = useState(false);
  useEffect(() => {
    const { documentationStyle } = readBoot();
    const id = 'documentation-style';
    let link = document.getElementById(id);
    if (link === null) {
      link = Object.assign(document.createElement('link'), { id, rel: 'stylesheet', href: documentationStyle });
      document.head.append(link);
    } else if ((link as HTMLLinkElement).sheet !== null) {
      setIsThere(true);
      return;
    }
    // The documentation is readable without it.
    const done = () => setIsThere(true);
    link.addEventListener('load', done);
    link.addEventListener('error', done);
    return () => {
      link.removeEventListener('load', done);
      link.removeEventListener('error', done);
    };
  }, []);
  return isThere;
}

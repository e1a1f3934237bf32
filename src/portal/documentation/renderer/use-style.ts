import { useEffect, useState } from 'react';
import { readBoot } from '../../boot.ts';

/** Has the renderer's style sheet loaded, which only this tab needs. Whether it is there. */
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
    // Without it the documentation is not pretty, and can still be read.
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

import { type ReactNode, useEffect, useRef } from 'react';
import { usePageTitle } from '../parts/page-title.ts';

/** A page with one message and links to continue. */
export function Notice({
  title,
  text,
  as: Element = 'main',
  children,
}: {
  title: string;
  text: string;
  /** `section` if the page already has a main element. */
  as?: 'main' | 'section';
  children?: ReactNode;
}) {
  usePageTitle(title);
  const heading = useRef<HTMLHeadingElement>(null);
  // The notice replaces other content, so it moves the focus for screen readers.
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return (
    <Element className="notice">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <p>{text}</p>
      {children !== undefined && <div className="ways">{children}</div>}
    </Element>
  );
}

import { type ReactNode, useEffect, useRef } from 'react';
import { usePageTitle } from '../parts/page-title.ts';

/** A page with one thing to say, and ways to go on from it. */
export function Notice({
  title,
  text,
  as: Element = 'main',
  children,
}: {
  title: string;
  text: string;
  /** A section where the page has its main element already. */
  as?: 'main' | 'section';
  children?: ReactNode;
}) {
  usePageTitle(title);
  const heading = useRef<HTMLHeadingElement>(null);
  // It takes the place of whatever was there, so a screen reader is led to it.
  useEffect(() => heading.current?.focus(), []);
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

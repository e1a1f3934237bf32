import { type ReactNode, useEffect, useRef } from 'react';
import { Brand } from '../parts/brand.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { useKnownPortal } from './known-portal.ts';

/** A page with one message under the brand of the portal, and ways to continue. The first of them is the primary one. */
export function Notice({
  title,
  text,
  as: Element = 'main',
  isBusy,
  children,
}: {
  title: string;
  text: string;
  /** `section` if the page already has a main element, and the brand. */
  as?: 'main' | 'section';
  /** Whether the page is about to continue by itself. */
  isBusy?: boolean;
  children?: ReactNode;
}) {
  usePageTitle(title);
  const portal = useKnownPortal();
  const heading = useRef<HTMLHeadingElement>(null);
  // The notice replaces other content, so it moves the focus for screen readers.
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return (
    <Element className="notice" {...(isBusy && { 'aria-busy': true })}>
      <div className="notice-card">
        {Element === 'main' && portal !== undefined && <Brand of={portal} />}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p>{text}</p>
        {children !== undefined && <div className="ways">{children}</div>}
      </div>
    </Element>
  );
}

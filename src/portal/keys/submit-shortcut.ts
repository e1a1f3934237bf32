import type { KeyboardEvent } from 'react';

/** Submits a form with Ctrl+Enter or ⌘+Enter, also from a field with several lines. */
export function submitShortcut(event: KeyboardEvent<HTMLFormElement>): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.currentTarget.requestSubmit();
}

import { Component, type ReactNode } from 'react';

/** An error boundary: shows a fallback if a child fails to render, so that a bug never leaves an empty page. */
export class ErrorBoundary extends Component<{ fallback: ReactNode; children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    return this.state.crashed ? this.props.fallback : this.props.children;
  }
}

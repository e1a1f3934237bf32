import { Component, type ReactNode } from 'react';

/** Shows something else where what is below fails, so that a mistake of ours never leaves an empty page. */
export class Crash extends Component<{ instead: ReactNode; children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    return this.state.crashed ? this.props.instead : this.props.children;
  }
}

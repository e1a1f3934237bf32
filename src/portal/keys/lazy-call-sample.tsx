import { type ComponentType, useEffect, useState } from 'react';
import type { CallSampleProps } from './call-sample.tsx';

let Loaded: ComponentType<CallSampleProps> | undefined;

/** A sample of a call. Few users see it, so its code is loaded when it is shown. */
export function CallSample(props: CallSampleProps) {
  const [state, setState] = useState<'loading' | 'loaded' | 'failed'>(Loaded === undefined ? 'loading' : 'loaded');
  useEffect(() => {
    if (state !== 'loading') return;
    import('./call-sample.tsx').then(
      (module) => {
        Loaded = module.default;
        setState('loaded');
      },
      // It is a help only. The documentation has the same.
      () => setState('failed'),
    );
  }, [state]);
  if (state === 'loading') return <div className="call-sample-code" aria-hidden="true" />;
  return Loaded !== undefined && <Loaded {...props} />;
}

import { type ComponentType, useEffect, useState } from 'react';
import { readBoot } from '../boot.ts';
import type { CallSampleProps } from './call-sample.tsx';
import { CallSamplePlace } from './call-sample-place.tsx';

let Loaded: ComponentType<CallSampleProps> | undefined;

/** A sample of a call. Few users see it, so its code is loaded when it is shown. */
function LoadedSample(props: CallSampleProps) {
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
  if (state === 'loading') return <CallSamplePlace />;
  return Loaded !== undefined && <Loaded {...props} />;
}

/** The same, if the portal has a document: only that says what a call looks like. */
export function CallSample(props: CallSampleProps) {
  const [hasDocument] = useState(() => readBoot().hasDocument === true);
  return hasDocument && <LoadedSample {...props} />;
}

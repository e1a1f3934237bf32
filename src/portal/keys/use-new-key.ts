import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { newIdempotencyKey } from '../../../clients/typescript/src/index.ts';
import type { NewKey } from '../../../generated/client/types.gen.ts';
import { mayHaveSucceeded } from '../server/failures.ts';
import { useKeysChanged } from './use-keys.ts';

/**
 * Creates one key for one opened form, however often the user submits it. If a response is lost, the key may exist: then the
 * form must not change, and the next submit repeats the same request and gets the same key.
 *
 * @param create sends the request
 * @param onRefused called if no key was created
 */
export function useNewKey<Body>(
  create: (body: Body, options: { idempotencyKey: string }) => Promise<NewKey>,
  onCreated: (key: NewKey) => void,
  onRefused: (error: unknown) => void = () => {},
) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  /** The body of a request whose outcome is unknown. */
  const [uncertain, setUncertain] = useState<Body>();
  const keysChanged = useKeysChanged();
  const submitButton = useRef<HTMLButtonElement>(null);
  const { mutate, error, isPending } = useMutation({
    mutationFn: (body: Body) => create(body, { idempotencyKey }),
    onSuccess: onCreated,
    onError: (failed, body) => {
      const isUncertain = mayHaveSucceeded(failed);
      setUncertain(isUncertain ? body : undefined);
      if (isUncertain) void keysChanged();
      else onRefused(failed);
    },
    // The response contains the key. The cache drops it when the page no longer shows it.
    gcTime: 0,
  });
  const isUncertain = uncertain !== undefined;
  // The field that had the focus is disabled now.
  useEffect(() => {
    if (isUncertain && !isPending) submitButton.current?.focus();
  }, [isUncertain, isPending]);
  return {
    /** Sends the request, or repeats it if its outcome is unknown. `body` is called only for a new request. */
    submit: (body: () => Body) => mutate(uncertain ?? body()),
    error,
    isPending,
    /** Whether the key may exist although no response says so. */
    isUncertain,
    submitButton,
  };
}

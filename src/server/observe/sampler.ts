import type { Sampler } from '@opentelemetry/sdk-trace';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { SamplerName } from '../config/traces.ts';

/** Creates a sampler; `argument` is the share of a ratio sampler, from 0 to 1. */
export function samplerOf({ name, argument }: { name: SamplerName; argument: number }): Sampler {
  const [, parentBased, kind] = /^(parentbased_)?(\w+)$/.exec(name) ?? [];
  const own =
    kind === 'always_off'
      ? new AlwaysOffSampler()
      : kind === 'traceidratio'
        ? new TraceIdRatioBasedSampler(argument)
        : new AlwaysOnSampler();
  return parentBased === undefined ? own : new ParentBasedSampler({ root: own });
}

import { expect, test } from '@jest/globals';
import { samplerOf } from './sampler.ts';

test.each([
  ['always_on', 'AlwaysOnSampler'],
  ['always_off', 'AlwaysOffSampler'],
  ['traceidratio', 'TraceIdRatioBased{0.25}'],
  ['parentbased_always_on', /^ParentBased\{root=AlwaysOnSampler,/],
  ['parentbased_always_off', /^ParentBased\{root=AlwaysOffSampler,/],
  ['parentbased_traceidratio', /^ParentBased\{root=TraceIdRatioBased\{0.25\},/],
] as const)('%s', (name, text) => {
  expect(samplerOf({ name, argument: 0.25 }).toString()).toEqual(
    typeof text === 'string' ? text : expect.stringMatching(text),
  );
});

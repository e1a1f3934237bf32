import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { confirm } from './confirm.ts';
import { CommandFailure, UsageError } from './failure.ts';

/** A terminal whose operator types this. */
function terminal(typed: string | undefined, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  if (typed !== undefined) input.end(typed);
  return { input, output, printed: () => String(output.read() ?? '') };
}

test.each(['y\n', 'Y\n', 'yes\n', ' YES \r\n'])('%j confirms', async (typed) => {
  const asked = terminal(typed);
  await expect(confirm('Delete "a\u001b"?', {}, asked)).resolves.toBeUndefined();
  expect(asked.printed()).toContain('Delete "a\\u001b"? [y/N] ');
});

test.each(['\n', 'n\n', 'no\n', 'yess\n', 'maybe y\n', ''])('%j does not', async (typed) => {
  await expect(confirm('Delete?', {}, terminal(typed))).rejects.toEqual(
    new CommandFailure('canceled', 'Canceled. Nothing is changed.'),
  );
});

test('--yes asks nothing', async () => {
  const asked = terminal(undefined);
  await confirm('Delete?', { yes: true }, asked);
  expect(asked.printed()).toBe('');
  await expect(confirm('Delete?', { yes: true }, terminal(undefined, false))).resolves.toBeUndefined();
});

test('without a terminal there is nobody to ask, even if the input says yes', async () => {
  const asked = terminal('y\n', false);
  await expect(confirm('Delete?', {}, asked)).rejects.toBeInstanceOf(UsageError);
  await expect(confirm('Delete?', {}, asked)).rejects.toThrow('Add --yes.');
  expect(asked.printed()).toBe('');
});

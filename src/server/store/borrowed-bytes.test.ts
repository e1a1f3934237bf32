import { expect, test } from '@jest/globals';
import { borrowedBytes } from './borrowed-bytes.ts';

const hourMs = 3_600_000;
/** In the hour 10. */
const ending = 10.5 * hourMs;

/** A process, and what its calls tell the script. Each call gets a reply that lends as many bytes. */
function process() {
  const borrowed = borrowedBytes();
  const told: string[] = [];
  const write = (bytes: number, loan = 0, expiresAt = ending, quota = 'quota') =>
    borrowed.write(quota, bytes, async (lent) => {
      told.push(lent);
      return { outcome: 'ok', expiresAt, loan };
    });
  return { borrowed, told, write };
}

test('what is lent can be used once, for the same quota', async () => {
  const { told, write } = process();
  await write(10, 100);
  await write(1, 0, ending, 'other');
  await write(60);
  await write(41, 1);
  await write(41);
  await write(1);
  expect(told).toEqual(['lend', 'lend', '10', 'lend', '10', 'lend']);
});

test('a loan for one hour is gone once a record ends in another', async () => {
  const { told, write } = process();
  await write(10, 100);
  await write(10, 0, ending + hourMs);
  await write(10, 20, ending + hourMs);
  await write(20);
  expect(told).toEqual(['lend', '10', 'lend', '11']);
});

test('one call borrows at a time', async () => {
  const { told, write } = process();
  await Promise.all([write(10, 100), write(10), write(10)]);
  await write(100);
  expect(told).toEqual(['lend', 'count', 'count', '10']);
});

test('bytes of a record that was refused come back, and those of one with an unknown outcome do not', async () => {
  const { borrowed, told, write } = process();
  await write(10, 100);
  await borrowed.write('quota', 60, async () => ({ outcome: 'refused' }));
  const failed = borrowed.write('quota', 60, () => Promise.reject(new Error('no reply')));
  await expect(failed).rejects.toThrow('no reply');
  await write(40);
  await write(1);
  expect(told).toEqual(['lend', '10', 'lend']);
});

test('a call that fails does not keep others from borrowing', async () => {
  const { borrowed, told, write } = process();
  await expect(borrowed.write('quota', 1, () => Promise.reject(new Error('no reply')))).rejects.toThrow('no reply');
  await write(1);
  expect(told).toEqual(['lend']);
});

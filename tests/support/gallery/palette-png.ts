/** PNG files with a palette: a picture of a page takes a third of the space, and differs by no more than anybody can see. */
import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** The keyword of the text chunk with the hash of the original file. */
const keyword = 'portico:sha256';

const hashOf = (original: Buffer) => createHash('sha256').update(original).digest('hex');

/** A chunk of a PNG file: length, type, data, checksum. */
function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** Rounds a channel to this many bits. */
const round = (value: number, bits: number) => {
  const most = 2 ** bits - 1;
  return Math.round((Math.round((value * most) / 255) * 255) / most);
};

/** The palette of a picture and the position of each pixel in it, or undefined if there are more than 256 colours. */
function indexed(data: Buffer, bits: number): { palette: number[]; pixels: Buffer } | undefined {
  const rounded = Array.from({ length: 256 }, (_, value) => round(value, bits));
  const positions = new Map<number, number>();
  const pixels = Buffer.alloc(data.length / 4);
  for (let i = 0; i < pixels.length; i++) {
    const [red = 0, green = 0, blue = 0] = [data[4 * i], data[4 * i + 1], data[4 * i + 2]].map(
      (each = 0) => rounded[each] ?? 0,
    );
    const color = red * 65_536 + green * 256 + blue;
    const position = positions.get(color) ?? positions.size;
    if (position > 255) return undefined;
    positions.set(color, position);
    pixels[i] = position;
  }
  return { palette: [...positions.keys()].flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]), pixels };
}

/** Writes an opaque PNG with a palette, and the hash of the original in it. Colours are rounded as little as 256 allow. */
export function paletted(original: Buffer): Buffer {
  const { width, height, data } = PNG.sync.read(original);
  const { palette, pixels } = indexed(data, 8) ?? indexed(data, 6) ?? indexed(data, 5) ?? indexed(data, 4) ?? {};
  if (palette === undefined || pixels === undefined) return original;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, with a palette.
  header.set([8, 3], 8);
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) pixels.copy(lines, y * (width + 1) + 1, y * width, (y + 1) * width);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('tEXt', Buffer.from(`${keyword}\0${hashOf(original)}`, 'latin1')),
    chunk('PLTE', Buffer.from(palette)),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Whether a file was made from exactly these bytes. */
export const isMadeFrom = (file: Buffer, original: Buffer): boolean =>
  file.includes(`${keyword}\0${hashOf(original)}`, 0, 'latin1');

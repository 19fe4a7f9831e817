import { deflateRawSync } from 'node:zlib';

/** A pickle of protocol 0 that imports a name; nothing in it is called. */
export function pickle(module: string, name: string): Buffer {
  return Buffer.from(`c${module}\n${name}\n.`, 'latin1');
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** One dictionary with a call in each protocol, as Python writes them. */
export const PICKLES = {
  protocol0: bytes('(dp0\nVa\np1\n(lp2\nI1\nasVe\np3\nc__builtin__\nprint\np4\n(Vx\np5\ntp6\nRp7\ns.'),
  protocol1: bytes(
    '}q\0(X\x01\0\0\0aq\x01]q\x02K\x01aX\x01\0\0\0eq\x03c__builtin__\nprint\nq\x04X\x01\0\0\0xq\x05\x85q\x06Rq\x07u.',
  ),
  protocol2: bytes(
    '\x80\x02}q\0X\x01\0\0\0eq\x01c__builtin__\nprint\nq\x02X\x01\0\0\0xq\x03\x85q\x04Rq\x05s.',
  ),
  protocol4: bytes(
    '\x80\x04\x95\x24\0\0\0\0\0\0\0}\x94\x8c\x01e\x94\x8c\x08builtins\x94\x8c\x05print\x94\x93\x94\x8c\x01x\x94\x85\x94R\x94s.',
  ),
  inst: bytes("(S'x'\nios\nsystem\n."),
  // Broken after the import: it has run by then.
  broken: bytes('cos\nsystem\n\0\0\0'),
} as const;

/** What torch.save wrote before 1.6: its magic number as a pickle, a protocol, and then the rest. */
export const TORCH_LEGACY = Buffer.concat([
  bytes('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.'),
  PICKLES.protocol2,
]);

/** A ZIP file without its directory: what reads its beginning needs none. */
export function zip(files: Readonly<Record<string, Buffer>>, how: 'stored' | 'deflated' = 'stored'): Buffer {
  return Buffer.concat(
    Object.entries(files).flatMap(([name, content]) => {
      const data = how === 'stored' ? content : deflateRawSync(content);
      const header = Buffer.alloc(30);
      header.write('PK\x03\x04', 'latin1');
      header.writeUInt16LE(how === 'stored' ? 0 : 8, 8);
      header.writeUInt32LE(data.length, 18);
      header.writeUInt32LE(content.length, 22);
      header.writeUInt16LE(Buffer.byteLength(name), 26);
      return [header, Buffer.from(name), data];
    }),
  );
}

/** What torch.save writes since 1.6. */
export function torchZip(more: Readonly<Record<string, Buffer>> = {}): Buffer {
  return zip({ 'archive/data.pkl': PICKLES.protocol2, 'archive/byteorder': bytes('little'), ...more });
}

export function tar(files: Readonly<Record<string, Buffer>>): Buffer {
  return Buffer.concat(
    Object.entries(files).flatMap(([name, content]) => {
      const header = Buffer.alloc(512);
      header.write(name);
      header.write(content.length.toString(8).padStart(11, '0'), 124);
      header.write('ustar\x0000', 257);
      header.fill(' ', 148, 156);
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
      return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
    }),
  );
}

/** An array of NumPy with that header, and nothing in it. */
export function npy(header: string): Buffer {
  return Buffer.concat([bytes('\x93NUMPY\x01\0'), Buffer.from([header.length, 0]), bytes(header)]);
}

export function bzip2Magic(): Buffer {
  return bytes('BZh91AY&SY');
}

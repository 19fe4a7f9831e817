import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/core/failure.ts';
import { readGgufHeader } from '../../../src/core/weights/ggufHeader.ts';
import type { HeaderReader } from '../../../src/core/weights/headerReader.ts';
import { moduleTarget } from '../../../src/core/weights/modulePatterns.ts';
import { readSafetensorsHeader } from '../../../src/core/weights/safetensorsHeader.ts';
import { fileOf, gguf, memoryReader, safetensors, safetensorsHeader } from './weightFiles.ts';

const TERABYTE = 2 ** 40;
const MOST = 8 * 1024 * 1024;

/** A file of a terabyte that begins as `beginning` does and goes on with zeros; who reads too far in is refused. */
function endless(beginning: Buffer): Pick<HeaderReader, 'read'> & { furthest: number } {
  const bytes = Buffer.concat([beginning, Buffer.alloc(MOST)]);
  const reader = {
    ...memoryReader(bytes, TERABYTE),
    furthest: 0,
    read(_file: unknown, start: number, end: number) {
      reader.furthest = Math.max(reader.furthest, end);
      if (end > MOST) return Promise.reject(new Failure('refused', 'That is too far in.'));
      return Promise.resolve({ bytes: bytes.subarray(start, end), size: TERABYTE });
    },
  };
  return reader;
}

const u32 = (...values: readonly number[]) => Buffer.from(Uint32Array.from(values).buffer);
const u64 = (...values: readonly bigint[]) => Buffer.from(BigUint64Array.from(values).buffer);
const ggufBeginning = (tensors: bigint, values: bigint, ...rest: readonly Buffer[]) =>
  Buffer.concat([Buffer.from('GGUF'), u32(3), u64(tensors, values), ...rest]);

describe('the header of a file of weights', () => {
  const kindOf = (reading: Promise<unknown>) =>
    reading.then(
      () => 'read',
      (error: unknown) => (error instanceof Failure ? error.kind : String(error)),
    );

  for (const [what, beginning, kind] of [
    ['as many tensors as the file has bytes', ggufBeginning(BigInt(TERABYTE), 0n), 'corrupt'],
    ['2^64 - 1 values', ggufBeginning(0n, 2n ** 64n - 1n), 'corrupt'],
    ['a key that goes on after what is read', ggufBeginning(0n, 1n, u64(2n ** 36n)), 'refused'],
    ['a key that goes on after the file', ggufBeginning(0n, 1n, u64(2n ** 63n)), 'corrupt'],
    ['a list longer than the file', ggufBeginning(0n, 1n, u64(0n), u32(9, 10), u64(2n ** 38n)), 'corrupt'],
    ['a list longer than what is read', ggufBeginning(0n, 1n, u64(0n), u32(9, 0), u64(2n ** 38n)), 'refused'],
    ['texts without end', ggufBeginning(0n, 1n, u64(0n), u32(9, 8), u64(2n ** 37n)), 'refused'],
    [
      'lists in lists',
      ggufBeginning(0n, 1n, u64(0n), u32(9), ...Array<Buffer>(9).fill(Buffer.concat([u32(9), u64(1n)]))),
      'corrupt',
    ],
    ['empty lists without end', ggufBeginning(0n, 1n, u64(0n), u32(9, 9), u64(2n ** 37n)), 'refused'],
    ['a value of an unknown type', ggufBeginning(0n, 1n, u64(0n), u32(13)), 'corrupt'],
    ['a tensor of 4 billion dimensions', ggufBeginning(1n, 0n, u64(0n), u32(0xffff_ffff)), 'corrupt'],
    ['a version that there is not', Buffer.concat([Buffer.from('GGUF'), u32(4), u64(0n, 0n)]), 'corrupt'],
  ] as const) {
    it(`of GGUF with ${what} is ${kind}, and read no further than headers go`, async () => {
      const reader = endless(beginning);
      assert.equal(await kindOf(readGgufHeader(reader, fileOf(beginning, TERABYTE))), kind);
      assert.ok(reader.furthest <= 2 * MOST);
    });
  }

  it('of GGUF is read as far as it goes, more at a time', async () => {
    const words = Array.from({ length: 150_000 }, (_, index) => `a word of a vocabulary: ${index}`);
    const content = gguf({ words, last: 7 }, [{ name: 'w', shape: [3n], type: 0 }]);
    const ends: number[] = [];
    const { read } = memoryReader(content);
    const header = await readGgufHeader(
      {
        read: (file, start, end) => {
          ends.push(end);
          return read(file, start, end);
        },
      },
      fileOf(content),
    );
    const list = header.metadata.get('words');
    assert(typeof list === 'object');
    assert.equal(list.length, 150_000);
    assert.ok(list.bytes.includes('a word of a vocabulary: 149999'));
    assert.equal(header.metadata.get('last'), 7);
    assert.ok(ends.length <= 3, String(ends));
  });

  it('of either format is refused wherever it is cut, and changed bytes are never believed beyond the file', async () => {
    const whole = {
      gguf: gguf(
        { 'general.architecture': 'llama', list: ['a', 'b'] },
        [{ name: 'w', shape: [3n], type: 0 }],
        {
          data: 0,
        },
      ),
      safetensors: safetensors({ w: { dtype: 'F32', shape: [3] }, v: { dtype: 'U8', shape: [] } }),
    };
    const readers = { gguf: readGgufHeader, safetensors: readSafetensorsHeader };
    const format = fc.constantFrom('gguf', 'safetensors');
    await fc.assert(
      fc.asyncProperty(format, fc.nat(), fc.nat(255), fc.boolean(), async (one, at, byte, isCut) => {
        const content = Buffer.from(whole[one]);
        const index = at % content.length;
        content[index] = byte;
        const bytes = isCut ? content.subarray(0, index) : content;
        const kind = await kindOf(readers[one](memoryReader(bytes), fileOf(bytes)));
        assert.ok(kind === 'corrupt' || (kind === 'read' && !isCut), kind);
      }),
      { numRuns: 2000 },
    );
  });

  it('of safetensors tells where the data of each tensor are', async () => {
    const content = safetensors({ a: { dtype: 'F32', shape: [2, 3] }, b: { dtype: 'U8', shape: [5] } });
    const { tensors, metadata } = await readSafetensorsHeader(memoryReader(content), fileOf(content));
    const [a, b] = tensors;
    assert.deepEqual([a?.begin, a?.end, b?.end], [content.length - 29, content.length - 5, content.length]);
    assert.deepEqual([...metadata], [['format', 'pt']]);
  });

  it('of safetensors is refused for tensors of other forms', async () => {
    for (const info of [
      ...[
        '[]',
        '{"dtype":1,"shape":[],"data_offsets":[0,0]}',
        '{"dtype":"F32","shape":[0.5],"data_offsets":[0,0]}',
      ],
      ...[
        '{"dtype":"F32","shape":[],"data_offsets":[1,0]}',
        '{"dtype":"F32","shape":[],"data_offsets":[0,1e9]}',
      ],
      '{"dtype":"F32","shape":[],"data_offsets":[0]}',
    ]) {
      const content = Buffer.concat([safetensorsHeader(`{"w":${info}}`), Buffer.alloc(8)]);
      assert.equal(
        await kindOf(readSafetensorsHeader(memoryReader(content), fileOf(content))),
        'corrupt',
        info,
      );
    }
    for (const text of ['[]', '7', '"text"', 'true']) {
      const content = safetensorsHeader(text);
      assert.equal(
        await kindOf(readSafetensorsHeader(memoryReader(content), fileOf(content))),
        'corrupt',
        text,
      );
    }
  });
});

describe('a target of compressed-tensors', () => {
  it('is matched as Python does, where it says no more than which parts have to be there', () => {
    const text = fc.stringMatching(/^[ab.]{0,4}$/);
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        text,
        (parts, isWhole, name) => {
          const expression = parts.map((part) => part.replaceAll('.', '\\.')).join('.*');
          const expected = new RegExp(`^${expression}${isWhole ? '$' : ''}`).test(name);
          assert.equal(moduleTarget(`re:${expression}${isWhole ? '$' : ''}`)(name), expected);
        },
      ),
    );
  });
});

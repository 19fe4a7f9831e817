import assert from 'node:assert/strict';
import { gguf as libraryGguf, GGMLFileQuantizationType, GGMLQuantizationType } from '@huggingface/gguf';
import { parseSafetensorsMetadata } from '@huggingface/hub';
import fc from 'fast-check';
import { fileTypeName, tensorTypeName } from '../../../src/core/weights/ggmlTypes.ts';
import { readGgufHeader } from '../../../src/core/weights/ggufHeader.ts';
import { countParameters } from '../../../src/core/weights/packing.ts';
import { storedAs } from '../../../src/core/weights/quantization.ts';
import { readSafetensorsHeader } from '../../../src/core/weights/safetensorsHeader.ts';
import { shares } from '../../../src/core/weights/summary.ts';
import { fileOf, gguf, memoryReader, safetensorsHeader } from './weightFiles.ts';
import { anyText } from '../../setup/anyText.ts';

/** Serves files to a library by the last part of their address. */
function serving(files: Readonly<Record<string, Buffer>>): typeof fetch {
  return (input, init) => {
    const name = new URL(input instanceof Request ? input.url : input).pathname.split('/').at(-1) ?? '';
    const content = files[name];
    if (content === undefined) {
      return Promise.resolve(
        new Response(null, { status: 404, headers: { 'x-error-code': 'EntryNotFound' } }),
      );
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(new Headers(init?.headers).get('range') ?? '') ?? [];
    const begin = Number(from ?? 0);
    const bytes = new Uint8Array(content.subarray(begin, from === undefined ? Infinity : Number(to) + 1));
    const headers = {
      etag: '"e"',
      'content-length': String(bytes.length),
      'content-range': `bytes ${begin}-${Math.max(begin, begin + bytes.length - 1)}/${content.length}`,
    };
    return Promise.resolve(new Response(bytes, { status: from === undefined ? 200 : 206, headers }));
  };
}

describe('weights are read as the libraries of Hugging Face read them', () => {
  const MODULES = ['m.0.q_proj', 'm.experts.1.w1', 'm.shared_experts.w1', 'lm_head', 'w', 'm.re+'];
  const module = fc.constantFrom(...MODULES);
  const suffix = fc.constantFrom(
    ...['weight', 'qweight', 'qzeros', 'g_idx', 'scales', 'biases', 'bias', 'weight_packed', 'weight_scale'],
    ...[
      'weight_shape',
      'x_blocks',
      'x_scales',
      'absmax',
      'weight.quant_state.bitsandbytes__nf4',
      'input_scale',
    ],
  );
  const dtype = fc.constantFrom('F32', 'BF16', 'F8_E4M3', 'F8_E8M0', 'I8', 'U8', 'I32', 'U32', 'U16', 'BOOL');
  const shape = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 3 });
  const tensors = fc.dictionary(
    fc.tuple(module, suffix).map(([before, after]) => `${before}.${after}`),
    fc.record({ dtype, shape, data_offsets: fc.constant([0, 0]) }),
    { maxKeys: 12, noNullPrototype: true },
  );

  const pattern = fc.oneof(
    module,
    module.map((name) => `re:^${name.replaceAll('.', '\\.')}.*`),
    fc.constantFrom(
      're:.*experts.*',
      're:lm_head$',
      're:m\\.(0|1)',
      're:',
      'Linear',
      '*',
      'm.*',
      '*.w1*',
      'a**b',
      '',
    ),
  );
  const bits = fc.constantFrom<unknown>(2, 3, 4, 8, 0, -1, undefined, null);
  const format = fc.constantFrom<unknown>(
    ...['pack-quantized', 'mxfp4-pack-quantized', 'NVFP4-Pack-Quantized', 'naive-quantized', 'int2', 'fp4'],
    ...[null, undefined],
  );
  const mlx = {
    bits: fc.constantFrom<unknown>(2, 4, 7, 8, undefined, null, '4'),
    group_size: fc.constantFrom<unknown>(16, 32, 64, undefined, null),
    mode: fc.constantFrom<unknown>('affine', 'MXFP4', 'nvfp4', 'other', undefined, null, 4),
  };
  const quantization = fc
    .tuple(
      fc.record(
        {
          quant_method: fc.constantFrom<unknown>(
            ...[
              'gptq',
              'AWQ',
              'mxfp4',
              'fp8',
              'bitsandbytes',
              'compressed-tensors',
              'mlx',
              'quanto',
              null,
              5,
            ],
          ),
          load_in_4bit: fc.boolean(),
          modules_to_not_convert: fc.option(fc.array(pattern, { maxLength: 3 })),
          ignore: fc.option(fc.array(pattern, { maxLength: 3 })),
          format,
          expert_dtype: format,
          store_dtype: format,
          config_groups: fc.dictionary(
            fc.constantFrom('group_0', 'group_1'),
            fc.record(
              {
                format,
                targets: fc.array(pattern, { maxLength: 2 }),
                weights: fc.record({ num_bits: fc.constantFrom(2, 3, 4, 8, null) }, { requiredKeys: [] }),
              },
              { requiredKeys: [] },
            ),
            { noNullPrototype: true },
          ),
          ...mlx,
        },
        { requiredKeys: [] },
      ),
      fc.dictionary(module, fc.oneof(fc.constant(false), fc.record(mlx, { requiredKeys: [] })), {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      bits,
    )
    .map(([one, modules, number]) => ({ bits: number, ...modules, ...one }));
  const part = {
    quantization,
    quantization_config: fc.option(quantization),
    expert_dtype: fc.constantFrom('fp4', null),
  };
  const config = fc.record(
    { ...part, text_config: fc.record(part, { requiredKeys: [] }) },
    { requiredKeys: [] },
  );

  it('safetensors: the same parameters, however they are packed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(tensors, { minLength: 1, maxLength: 2 }),
        config,
        async (headers, settings) => {
          const texts = headers.map((header) =>
            JSON.stringify({ __metadata__: { format: 'pt' }, ...header }),
          );
          const files = texts.map((text) => Buffer.concat([safetensorsHeader(text), Buffer.alloc(50_000)]));
          const names = files.map((_, index) => `${index}.safetensors`);
          const theirs = await parseSafetensorsMetadata({
            repo: { type: 'model', name: 'acme/generated' },
            path: 'model.safetensors.index.json',
            computeParametersCount: true,
            fetch: serving({
              'config.json': Buffer.from(JSON.stringify(settings)),
              'model.safetensors.index.json': Buffer.from(
                JSON.stringify({ weight_map: Object.fromEntries(names.map((name) => [name, name])) }),
              ),
              ...Object.fromEntries(files.map((content, index) => [`${index}.safetensors`, content])),
            }),
          });
          const ours = await Promise.all(
            files.map(async (content) => {
              const { tensors } = await readSafetensorsHeader(memoryReader(content), fileOf(content));
              return tensors;
            }),
          );
          const stored = storedAs(JSON.parse(JSON.stringify(settings)));
          const sorted = (counts: readonly { readonly dtype: string; readonly parameters: number }[]) =>
            counts.toSorted((a, b) => (a.dtype < b.dtype ? -1 : 1));
          assert.deepEqual(
            sorted(shares(countParameters(ours.flat(), stored))),
            sorted(
              Object.entries(theirs.parameterCount).map(([type, parameters]) => ({
                dtype: type,
                parameters,
              })),
            ),
          );
        },
      ),
      { numRuns: 700 },
    );
  });

  it('GGUF: the same tensors and values, whatever version and byte order', async () => {
    const text = anyText({ maxLength: 12 });
    const values = fc.dictionary(
      // The library keeps them in an object.
      text.filter((key) => key !== '__proto__'),
      fc.oneof(text, fc.nat(0xffff_ffff), fc.array(text, { maxLength: 4 })),
      { maxKeys: 5, noNullPrototype: true },
    );
    const infos = fc.array(
      fc.record({
        name: text,
        shape: fc.array(fc.bigInt({ min: 0n, max: 9n }), { maxLength: 4 }),
        type: fc.nat(50),
      }),
      { maxLength: 5 },
    );
    const version = fc.constantFrom<1 | 2 | 3>(1, 2, 3);
    await fc.assert(
      fc.asyncProperty(
        values,
        infos,
        version,
        fc.boolean(),
        async (metadata, named, written, isBigEndian) => {
          const content = gguf(metadata, named, { version: written, isBigEndian });
          const ours = await readGgufHeader(memoryReader(content), fileOf(content));
          const theirs = await libraryGguf('https://weights.invalid/x.gguf', {
            fetch: serving({ 'x.gguf': content }),
          });
          assert.deepEqual(
            ours.tensors.map(({ name, type, shape, begin }) => ({ name, type, shape, begin: BigInt(begin) })),
            theirs.tensorInfos.map(({ name, dtype: type, shape, offset }) => ({
              name,
              type,
              shape: shape.map(Number),
              begin: theirs.tensorDataOffset + offset,
            })),
          );
          const known = new Map<string, unknown>(Object.entries(theirs.metadata));
          for (const [key, value] of ours.metadata) {
            const other = known.get(key);
            const read = typeof value === 'object' ? value.length : value;
            assert.deepEqual(read, Array.isArray(other) ? other.length : other);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('GGUF: the same names of types', () => {
    const type = fc.integer({ min: 0, max: 1100 });
    const their = (names: object, number: number): unknown =>
      (names as Readonly<Record<number, string>>)[number];
    fc.assert(
      fc.property(type, (number) => {
        assert.equal(tensorTypeName(number), their(GGMLQuantizationType, number) ?? String(number));
        assert.equal(
          fileTypeName(number),
          number < 1000 ? their(GGMLFileQuantizationType, number) : undefined,
        );
      }),
      { numRuns: 1000 },
    );
  });
});

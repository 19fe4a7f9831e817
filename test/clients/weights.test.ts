import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import fc from 'fast-check';
import { tensorBytes, tensorTypeName } from '../../src/core/weights/ggmlTypes.ts';
import { compareLocalWeights } from '../../src/core/weights/localWeights.ts';
import { packagesWithWeights, weightReadersOrSkip } from '../setup/python.ts';

interface Model {
  readonly files: number;
  readonly tensors: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly seed: number;
  }[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

interface Pair {
  readonly format: 'safetensors' | 'gguf';
  readonly before: Model;
  readonly after: Model;
}

/** How the reference readers and numpy say that two models differ. */
interface Difference {
  readonly tensors: readonly (readonly [kind: string, name: string])[];
  /** Keys. */
  readonly metadata: readonly string[];
  /** Of tensors, before and after. */
  readonly counts: readonly [number, number];
  readonly parameters: readonly [number, number];
}

interface Answer {
  readonly pairs: readonly Difference[];
  readonly real: readonly {
    readonly package: string;
    /** Absolute paths. */
    readonly before: string;
    readonly after: string;
    readonly difference: Difference;
  }[];
  /** Number, name, numbers in a block, and its bytes. */
  readonly types: readonly (readonly [number, string, number, number])[];
}

/** Small enough that two models have tensors in common, and that some of those are the same. */
const name = fc.oneof(
  fc
    .tuple(fc.nat(3), fc.constantFrom('attn.q', 'mlp.up', 'norm'))
    .map(([layer, part]) => `blk.${layer}.${part}.weight`),
  fc.constantFrom('output.weight', 'embed', 'ü'),
);
const seed = fc.constantFrom(1, 2);
const files = fc.integer({ min: 1, max: 3 });

function model(
  dtype: fc.Arbitrary<string>,
  shape: fc.Arbitrary<number[]>,
  metadata: fc.Arbitrary<Record<string, unknown>>,
): fc.Arbitrary<Model> {
  const tensor = fc.record({ name, dtype, shape, seed });
  return fc.record({
    files,
    tensors: fc.uniqueArray(tensor, { selector: (one) => one.name, minLength: 3, maxLength: 10 }),
    metadata,
  });
}

const key = fc.constantFrom('general.name', 'general.author', 'general.license');
const safetensorsModel = model(
  fc.constantFrom('F32', 'F16', 'BF16', 'F8_E4M3', 'I64', 'U8', 'BOOL'),
  fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  fc.dictionary(key, fc.constantFrom('one', 'two'), { maxKeys: 3 }),
);
const ggufModel = model(
  fc.constantFrom('F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q5_1', 'TQ1_0', 'I8', 'F64'),
  fc.constantFrom([256], [1, 256], [2, 512], [3, 1, 256]),
  fc.record(
    {
      ...{ 'general.name': fc.constantFrom('one', 'two'), 'llama.block_count': fc.constantFrom(1, 2) },
      ...{ 'general.quantized': fc.boolean(), 'tokenizer.tokens': fc.constantFrom(['a', 'b'], ['a', 'c']) },
      'tokenizer.types': fc.constantFrom([1, 2, 3], [1, 2], [1, 2, 4]),
    },
    { requiredKeys: [] },
  ),
);
const pairs: readonly Pair[] = [
  ...fc
    .sample(fc.tuple(safetensorsModel, safetensorsModel), 30)
    .map(([before, after]): Pair => ({ format: 'safetensors', before, after })),
  ...fc
    .sample(fc.tuple(ggufModel, ggufModel), 30)
    .map(([before, after]): Pair => ({ format: 'gguf', before, after })),
];

/** One process of Python writes and reads all models; each test looks at some. */
describe('what changed in weights, beside the reference readers and numpy', () => {
  const { signal } = new AbortController();
  let folder: string | undefined;
  let answer: Answer;

  before(async function () {
    // Covers the installation.
    this.timeout(10 * 60_000);
    const python = await weightReadersOrSkip(this);
    folder = await mkdtemp(join(tmpdir(), 'reference-weights-'));
    const { stdout } = await execa(python, [fileURLToPath(new URL('weights.py', import.meta.url))], {
      input: JSON.stringify({ folder, pairs, packages: packagesWithWeights }),
    });
    answer = JSON.parse(stdout) as Answer;
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  async function ours(before: string, after: string): Promise<Difference> {
    const { changes } = await compareLocalWeights(before, after, { signal, onProgress: () => undefined });
    return {
      tensors: changes.tensors.map(({ kind, name: tensor }) => [kind, tensor] as const),
      metadata: changes.metadata.map((change) => change.key),
      counts: [changes.before.tensors, changes.after.tensors],
      parameters: [changes.before.parameters, changes.after.parameters],
    };
  }

  /** In an order that does not depend on names. */
  const sorted = ({ tensors, ...rest }: Difference) => ({
    ...rest,
    tensors: tensors.map((change) => change.join(' ')).sort(),
  });

  for (const format of ['safetensors', 'gguf'] as const) {
    it(`is the same in generated models of ${format}, in one file or several`, async () => {
      let differing = 0;
      for (const [at, pair] of pairs.entries()) {
        if (pair.format !== format) continue;
        const [before, after] = await Promise.all(
          ['before', 'after'].map(async (side) => {
            const place = join(folder!, String(at), side);
            const [first] = (await readdir(place)).sort();
            return join(place, first!);
          }),
        );
        const expected = answer.pairs[at]!;
        assert.deepEqual(sorted(await ours(before!, after!)), sorted(expected), JSON.stringify(pair));
        differing += expected.tensors.length;
      }
      assert.ok(differing > 30);
    });
  }

  for (const named of packagesWithWeights) {
    it(`is the same in the weights of ${named}, which people use, and variants of them`, async () => {
      const real = answer.real.filter((one) => one.package === named);
      assert.ok(real.length >= 2);
      for (const { before, after, difference } of real) {
        assert.ok(difference.tensors.length > 0);
        assert.deepEqual(sorted(await ours(before, after)), sorted(difference));
      }
    });
  }

  it('knows the size of each type of GGUF as the reference does', () => {
    const known = answer.types.filter(([type]) => tensorBytes(type, 0) !== undefined);
    assert.ok(known.length > 25);
    for (const [type, typeName, numbers, bytes] of answer.types) {
      const size = tensorBytes(type, numbers);
      if (size === undefined) continue;
      assert.deepEqual([tensorTypeName(type), size], [typeName, bytes]);
      if (numbers > 1) assert.equal(tensorBytes(type, numbers + 1), undefined);
    }
  });
});

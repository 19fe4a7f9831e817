import assert from 'node:assert/strict';
import { bzip2Magic, npy, pickle, PICKLES, tar, TORCH_LEGACY, torchZip, zip } from './codeFiles.ts';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { lfs, memorySnapshot } from '../publish/memorySnapshot.ts';
import { type CodeFormat, codeFormatOf } from '../../../src/core/weights/codeFormats.ts';
import { lookAtPlan } from '../../../src/core/publish/planLooks.ts';
import { warningsOf } from '../../../src/core/publish/warnings.ts';
import { pickleVerdict } from '../../../src/core/weights/pickleOpcodes.ts';

const begins = (bytes: Buffer | string, size?: number) => {
  const whole = Buffer.from(bytes);
  return { bytes: whole, size: size ?? whole.length };
};

/** By name alone, as far as one can tell without the content. */
const NAMES: Readonly<Record<CodeFormat, readonly string[]>> = {
  pickle: [
    ...['a.pkl', 'a.pickle', 'dir/a.PKL', 'a.p', 'a.pt', 'a.pth', 'pytorch_model.bin', 'a.ckpt', 'a.joblib'],
    ...['a.dill', 'a.pt2', 'a.th', 'a.sav', 'a.pdparams', 'checkpoint.pth.tar', 'a.pkl.gz', 'a.joblib.z'],
    ...['a.pickle.xz', 'a.joblib.bz2', 'a.pkl.zip', 'pytorch_model-00001-of-00002.bin', 'optimizer.pt'],
    ...['rng_state_0.pth', '__0_0.distcp', '.metadata', 'training_args.bin'],
  ],
  torchScript: ['a.ptl', 'a.torchscript', 'model.torchscript.pt', 'traced_model.pt', 'model_scripted.pth'],
  keras: ['tf_model.h5', 'a.hdf5', 'a.keras'],
  savedModel: ['saved_model.pb', 'frozen_inference_graph.pb', 'saved_model.pbtxt', 'model.ckpt-100.meta'],
  nemo: ['a.nemo'],
  torchArchive: ['a.mar'],
  tensorRt: ['a.engine', 'a.plan', 'a.trt'],
  python: ['modeling_custom.py', 'a/handler.py', 'a.pyc', 'a.whl'],
  pythonReference: [],
  pythonYaml: [],
  rData: ['a.rds', 'a.RData', 'a.rda'],
  sharedLibrary: ['libops.so', 'libops.so.1.2', 'ops.dll', 'ops.dylib', 'ops.pyd'],
  program: ['setup.exe', 'install.sh', 'run.bat', 'run.ps1', 'model.llamafile', 'a.jar'],
};

const HARMLESS_NAMES = [
  ...['model.safetensors', 'model.gguf', 'model.onnx', 'config.json', 'tokenizer.json', 'tokenizer.model'],
  ...['vocab.txt', 'merges.txt', 'README.md', 'flax_model.msgpack', 'model.tflite', 'model.npz', 'a.npy'],
  ...['pytorch_model.bin.index.json', 'model.ckpt.index', 'model.ckpt.data-00000-of-00001', 'data.parquet'],
  ...[
    'spiece.model',
    'a.mlmodel',
    'image.png',
    '.gitattributes',
    'LICENSE',
    'params.yaml',
    'a.zip',
    'a.tar.gz',
  ],
  ...['policy.pth.md', 'happy', 'a.so-called.txt', 'events.out.tfevents.1'],
];

/** Content that tells where the name does not. */
const TOLD_BY_CONTENT: readonly (readonly [string, Buffer, CodeFormat])[] = [
  ...Object.entries(PICKLES).flatMap(([kind, bytes]) => [
    [`${kind}.bin`, bytes, 'pickle'] as const,
    [`${kind}.ckpt`, bytes, 'pickle'] as const,
  ]),
  ['gensim.model', PICKLES.protocol2, 'pickle'],
  ['gensim-old.model', PICKLES.protocol0, 'pickle'],
  ['weights.dat', PICKLES.protocol4, 'pickle'],
  ['weights', PICKLES.protocol2, 'pickle'],
  ['model.safetensors', PICKLES.protocol2, 'pickle'],
  ['legacy.bin', TORCH_LEGACY, 'pickle'],
  ['older.bin', tar({ sys_info: pickle('os', 'system'), pickle: PICKLES.protocol2 }), 'pickle'],
  ['archive.bin', torchZip(), 'pickle'],
  ['weights.data', torchZip(), 'pickle'],
  ['scripted.bin', torchZip({ 'model/constants.pkl': PICKLES.protocol2 }), 'torchScript'],
  ['policy.zip', zip({ data: Buffer.from('{}'), 'policy.pth': torchZip() }), 'pickle'],
  ['checkpoint.tar', tar({ 'config.json': Buffer.from('{}'), 'model.bin': TORCH_LEGACY }), 'pickle'],
  ['checkpoint.tar.gz', gzipSync(tar({ 'model.pth': TORCH_LEGACY })), 'pickle'],
  ['handler.zip', zip({ 'handler.py': Buffer.from('import os') }), 'python'],
  ['compressed.bin', gzipSync(PICKLES.protocol0), 'pickle'],
  ['zlib.bin', deflateSync(PICKLES.protocol0), 'pickle'],
  ['scaler.z', deflateSync(PICKLES.protocol2), 'pickle'],
  ['scaler.dat', deflateSync(PICKLES.protocol2, { level: 1 }), 'pickle'],
  ['bzip2.bin', bzip2Magic(), 'pickle'],
  ['objects.npy', npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"), 'pickle'],
  ['records.npy', npy("{'descr': [('a', '<f4'), ('b', '|O')], 'shape': (1,), }"), 'pickle'],
  ['bare.npy', PICKLES.protocol0, 'pickle'],
  ['stored.npz', zip({ 'a.npy': npy("{'descr': '|O', 'shape': (1,), }") }), 'pickle'],
  ['deflated.npz', zip({ 'a.npy': npy("{'descr': '|O', 'shape': (1,), }") }, 'deflated'), 'pickle'],
  ['config.json', Buffer.from('{"auto_map": {"AutoModel": "evil/repo--modeling.X"}}'), 'pythonReference'],
  ['tokenizer_config.json', Buffer.from('{"auto_map": {}}'), 'pythonReference'],
  ['hparams.yaml', Buffer.from('a: !!python/object/apply:os.system ["x"]\n'), 'pythonYaml'],
  ['ops', Buffer.from('\x7fELF\x02\x01', 'latin1'), 'program'],
  ['mac', Buffer.from('cffaedfe07000001', 'hex'), 'program'],
  ['anyones.gguf', Buffer.from("MZqFpD='\n"), 'program'],
  ['run', Buffer.from('#!/bin/sh\necho\n'), 'program'],
];

/** What a `.bin` and its like are proven to be. */
const HARMLESS_CONTENT: readonly (readonly [string, Buffer])[] = [
  ['ggml-base.bin', Buffer.from('lmgg\0\0\0\0')],
  ['llama.bin', Buffer.concat([Buffer.from('GGUF\x03\0\0\0'), Buffer.from([35, 1, 0, 0, 0, 0, 0, 0])])],
  ['openvino_model.bin', Buffer.from(new Float32Array([0.1, -0.2, 3]).buffer)],
  ['group1-shard1of1.bin', Buffer.alloc(5000)],
  ['ctranslate2.bin', Buffer.from([6, 0, 0, 0, 14, 0])],
  ['fasttext.bin', Buffer.from([0xba, 0x16, 0x4f, 0x2f, 12, 0, 0, 0])],
  ['word2vec.bin', Buffer.from('3000000 300\n</s> ')],
  ['empty.bin', Buffer.alloc(0)],
  ['spss.sav', Buffer.from('$FL2@(#) SPSS')],
  ['tokenizer.model', Buffer.from('0a0e0a053c756e6b3e1500000000', 'hex')],
  ['floats.npy', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }")],
  ['floats.npz', zip({ 'a.npy': npy("{'descr': '<f4', 'shape': (1,), }") }, 'deflated')],
  ['data.csv.gz', gzipSync('a,b\n1,2\n')],
  ['data.csv.z', deflateSync('a,b\n1,2\n')],
  ['x.dat', Buffer.from('x\x9cnothing compressed', 'latin1')],
  ['slides.pptx', zip({ 'ppt/slide.xml': Buffer.from('<a/>') })],
  ['model.safetensors', Buffer.from('8002000000000000', 'hex')],
  ['config.json', Buffer.from('{"model_type": "bert"}')],
  ['params.yaml', Buffer.from('# no !!python/object/apply here\nlr: 1\n')],
  ['README.md', Buffer.from('cos\nsystem\n')],
  ['notes.txt', Buffer.from('# How to run it\n')],
];

describe('Formats that run code when they are loaded', () => {
  for (const [format, names] of Object.entries(NAMES)) {
    it(`are told by name: ${format}`, () => {
      assert.deepEqual(
        names.map((name) => [name, codeFormatOf(name)]),
        names.map((name) => [name, format]),
      );
    });
  }

  it('are not what ordinary files of a model are called', () => {
    assert.deepEqual(
      HARMLESS_NAMES.filter((name) => codeFormatOf(name) !== undefined),
      [],
    );
  });

  for (const [name, bytes, format] of TOLD_BY_CONTENT) {
    it(`are told by content: ${name}`, () => assert.equal(codeFormatOf(name, begins(bytes)), format));
  }

  for (const [name, bytes] of HARMLESS_CONTENT) {
    it(`are not what the content clears: ${name}`, () => {
      assert.equal(codeFormatOf(name, begins(bytes)), undefined);
    });
  }

  it('are not cleared by the magic bytes of another format in front of a pickle', () => {
    // G takes eight bytes for a number, and what follows is loaded.
    const disguised = Buffer.concat([Buffer.from('GGUF\x03\0\0\0N'), PICKLES.protocol0]);
    assert.equal(codeFormatOf('model.bin', begins(disguised)), 'pickle');
  });

  it('are told where the pickle begins with more data than was read', () => {
    const long = Buffer.concat([Buffer.from('8e0000010000000000', 'hex'), Buffer.alloc(1000)]);
    assert.equal(codeFormatOf('model.bin', begins(long, 10_000_000)), 'pickle');
    assert.equal(codeFormatOf('model.bin', begins(long)), undefined, 'cut off, it cannot be loaded');
  });

  it('are not cleared by values that are put in front of an import', () => {
    const values = [
      'N',
      '(',
      '}',
      ')',
      'I1\n',
      "S'a'\n",
      'V\x01\n',
      'K\x01',
      'J\0\0\0\0',
      'G\0\0\0\0\0\0\0\0',
      '\x88',
    ];
    const prefix = fc.array(fc.constantFrom(...values)).map((parts) => parts.join(''));
    fc.assert(
      fc.property(prefix, fc.stringMatching(/^[a-z]{1,9}$/), (front, module) => {
        const bytes = Buffer.from(`${front}c${module}\nrun\n`, 'latin1');
        assert.equal(pickleVerdict(bytes, bytes.length), 'runs');
      }),
    );
  });

  it('are judged of any bytes without failing', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 700 }),
        fc.constantFrom('a.bin', 'a.npz', 'a.tar.gz', 'a'),
        (bytes, name) => {
          codeFormatOf(name, begins(Buffer.from(bytes)));
          codeFormatOf(name, begins(Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), bytes])));
        },
      ),
    );
  });

  for (const safe of [false, true]) {
    it(`are told before a publish ${safe ? 'with safetensors beside' : 'alone'}, and ordinary files are not`, async () => {
      const named = Object.values(NAMES).flatMap((names) =>
        names.map((name) => [name, PICKLES.protocol2] as const),
      );
      const unsafe = [...named, ...TOLD_BY_CONTENT.map(([name, bytes]) => [name, bytes] as const)];
      const inFolders = (files: readonly (readonly [string, Buffer])[], top: string) =>
        files.flatMap(([name, bytes], at) => [
          [`${top}${at}/${name}`, lfs(bytes)] as const,
          ...(safe ? [[`${top}${at}/weights.safetensors`, lfs(Buffer.alloc(8))] as const] : []),
        ]);
      const snapshot = memorySnapshot(
        Object.fromEntries([...inFolders(unsafe, 'unsafe'), ...inFolders(HARMLESS_CONTENT, 'safe')]),
      );
      const never = new AbortController().signal;
      const quiet = () => undefined;
      const log = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };
      const seen = await lookAtPlan({ snapshot, changed: snapshot.files }, log, never);
      const warnings = warningsOf({ ...seen, bytes: 0, smallestPlan: undefined, ahead: undefined });
      const told = warnings.flatMap((warning) =>
        ['pickle', 'code', 'python', 'program'].includes(warning.kind) && 'paths' in warning
          ? warning.paths
          : [],
      );
      assert(unsafe.length >= 60);
      assert.deepEqual([...told].sort(), unsafe.map(([name], at) => `unsafe${at}/${name}`).sort());
    });
  }
});

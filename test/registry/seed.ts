import { createHash } from 'node:crypto';
import type { Behaviour } from './hub/call.ts';
import { publishFiles } from './publishFiles.ts';
import type { State } from './state.ts';
import type { ModelStore } from './store/modelStore.ts';

/** Adds two organizations with registries of several ecosystems, and published models here and there. */
export async function seed(state: State, models: ModelStore, behaviour: Behaviour): Promise<void> {
  const own = state.defaults!;
  const ownRegistry = state.registry(own.organization, own.registry)!;
  state.addRegistry(own.organization, { name: 'Python tools', ecosystem: 'python', emoji: ':python:' });

  state.addPipeline(own.organization, {
    name: 'Publish models',
    repository: 'git@github.com:acme/sentiment-small.git',
  });

  const research = state.addOrganization('tyrell-research', 'Tyrell Research').slug;
  const language = state.addRegistry(research, {
    name: 'Language models',
    ecosystem: 'huggingface',
    description: 'Checkpoints of the language team, one version for each evaluated commit.',
    emoji: ':hugging_face:',
    color: '#f0ccff',
  });
  const open = state.addRegistry(research, {
    name: 'Open weights',
    ecosystem: 'huggingface',
    description: 'Models anyone may download.',
    emoji: ':unlock:',
    public: true,
  });
  const wheels = state.addRegistry(research, {
    name: 'Wheels',
    ecosystem: 'python',
    description: 'Training and evaluation code.',
    oidcPolicy:
      '- iss: https://agent.buildkite.com\n  scopes:\n    - read_packages\n    - write_packages\n  claims:\n    organization_slug: tyrell-research\n',
  });
  state.addRegistry(research, { name: 'Serving images', ecosystem: 'container', emoji: ':docker:' });

  const robotics = state.addOrganization('rossum_robotics', 'Rossum Robotics').slug;
  const perception = state.addRegistry(robotics, {
    name: 'Perception',
    ecosystem: 'huggingface',
    description: 'Vision models that run on the robots.',
    color: '#c7f0d2',
  });
  state.addRegistry(robotics, { name: 'Empty shelf', ecosystem: 'huggingface' });
  state.addRegistry(robotics, { name: 'Front end', ecosystem: 'npm' });
  state.addRegistry(robotics, { name: 'Firmware', ecosystem: 'files', public: true });

  for (const version of ['0.9.1', '1.0.0', '1.1.0']) {
    state.addPackage({
      registryId: wheels.id,
      name: 'evaluation-harness',
      version,
      size: 48_213,
      digests: { sha256: hash('sha256', version), sha512: hash('sha512', version) },
      metadata: {},
    });
  }

  const plans = [
    {
      registry: ownRegistry,
      model: 'acme/sentiment-small',
      task: 'text-classification',
      license: 'mit',
      versions: 3,
    },
    {
      registry: language,
      model: 'tyrell/nexus-6b-chat',
      task: 'text-generation',
      license: 'apache-2.0',
      versions: 4,
    },
    {
      registry: language,
      model: 'tyrell/voight-kampff',
      task: 'text-classification',
      license: 'other',
      versions: 2,
    },
    {
      registry: language,
      model: 'baselines/bag-of-words',
      task: 'text-classification',
      license: 'mit',
      versions: 1,
    },
    {
      registry: open,
      model: 'tyrell/owl-embedding',
      task: 'feature-extraction',
      license: 'apache-2.0',
      versions: 2,
    },
    {
      registry: perception,
      model: 'rossum/gripper-vision',
      task: 'object-detection',
      license: 'mit',
      versions: 3,
    },
    {
      registry: perception,
      model: 'rossum/depth-lite',
      task: 'depth-estimation',
      license: 'mit',
      versions: 1,
    },
  ];
  for (const { registry, model, task, license, versions } of plans) {
    for (let version = 1; version <= versions; version += 1) {
      await publishFiles(state, models, behaviour, {
        registry,
        model,
        message:
          version === 1 ? 'First evaluated checkpoint' : `Train for ${String(version * 1000)} more steps`,
        files: modelFiles(model, task, license, version),
      });
    }
  }
}

function modelFiles(
  model: string,
  task: string,
  license: string,
  version: number,
): Record<string, string | Buffer> {
  const title = model.split('/')[1]!;
  return {
    '.gitattributes': '*.safetensors filter=lfs diff=lfs merge=lfs -text\n',
    'README.md': [
      '---',
      `license: ${license}`,
      `pipeline_tag: ${task}`,
      'library_name: transformers',
      'tags:',
      '  - sample',
      '---',
      '',
      `# ${title}`,
      '',
      `Sample of a ${task} model, checkpoint ${String(version)}.`,
      '',
    ].join('\n'),
    'config.json': `${JSON.stringify({ model_type: 'sample', hidden_size: 64, num_hidden_layers: 2, checkpoint: version }, null, 2)}\n`,
    'tokenizer/vocab.txt': ['[PAD]', '[UNK]', 'the', 'model', 'says', 'hello'].join('\n') + '\n',
    'model.safetensors': safetensors(64, 64, version),
  };
}

/** A safetensors file with one float32 matrix: https://huggingface.co/docs/safetensors/index#format */
function safetensors(rows: number, columns: number, seedNumber: number): Buffer {
  const data = Buffer.alloc(rows * columns * 4);
  for (let index = 0; index < rows * columns; index += 1) {
    data.writeFloatLE(Math.sin(index * seedNumber), index * 4);
  }
  const header = JSON.stringify({
    __metadata__: { format: 'pt' },
    'embeddings.weight': { dtype: 'F32', shape: [rows, columns], data_offsets: [0, data.length] },
  });
  const padded = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, data]);
}

function hash(algorithm: string, content: string): string {
  return createHash(algorithm).update(content).digest('hex');
}

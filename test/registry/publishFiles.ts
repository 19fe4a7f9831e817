import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Behaviour } from './hub/call.ts';
import { lfsPaths } from './hub/uploadModes.ts';
import type { Registry, State } from './state.ts';
import { CommitDraft } from './store/commitDraft.ts';
import type { ModelStore } from './store/modelStore.ts';
import { modelNameProblem, pathProblem } from './store/paths.ts';
import { publishCommit } from './store/publishing.ts';

/**
 * Adds files to a model, made when missing, in one commit on `main`, and answers the commit's SHA. What the Hub protocol
 * would upload through LFS becomes an LFS object.
 */
export async function publishFiles(
  state: State,
  models: ModelStore,
  behaviour: Behaviour,
  version: {
    readonly registry: Registry;
    readonly model: string;
    readonly files: Readonly<Record<string, string | Buffer>>;
    readonly message?: string | undefined;
    readonly createdAt?: Date | undefined;
  },
): Promise<string> {
  const { registry, model } = version;
  const problem =
    modelNameProblem(model) ??
    Object.keys(version.files)
      .map(pathProblem)
      .find((each) => each !== undefined);
  if (problem !== undefined) throw new Error(problem);
  const repository = models.model(registry.id, model);
  await repository.create();
  const files = Object.entries(version.files).map(([path, content]) => ({
    path,
    content: Buffer.from(content),
  }));
  const attributes = new Map(
    await repository.attributes(await repository.tree(await repository.revision('main'))),
  );
  for (const { path, content } of files) if (path.endsWith('.gitattributes')) attributes.set(path, content);
  const large = await lfsPaths(
    files.map(({ path, content }) => ({ path, size: content.length, sample: content.subarray(0, 512) })),
    attributes,
    behaviour,
  );
  const draft = await CommitDraft.open(repository.objects);
  try {
    for (const { path, content } of files) {
      if (!large.has(path)) await draft.addFile(path, content);
      else {
        const pointer = { sha256: createHash('sha256').update(content).digest('hex'), size: content.length };
        await repository.objects.put(pointer, Readable.from([content]));
        await draft.addLfsFile(path, pointer);
      }
    }
    const outcome = await publishCommit(state, registry, model, repository, draft, {
      branch: 'main',
      parent: undefined,
      message: `${version.message ?? `Publish ${model}`}\n`,
      author: state.ensureUser('Grace Hopper', 'grace@example.com'),
      createdAt: version.createdAt,
    });
    if (outcome.kind !== 'committed') throw new Error(`${model} could not be published: ${outcome.kind}.`);
    return outcome.sha;
  } finally {
    await draft.close();
  }
}

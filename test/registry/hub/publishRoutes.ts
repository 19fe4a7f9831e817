import { isMap, parseDocument } from 'yaml';
import { z } from 'zod';
import { ignored, type ControlFiles } from '../store/attributes.ts';
import { modelNameProblem } from '../store/paths.ts';
import { readBlobs } from '../store/modelTree.ts';
import { internalId, repositoryOf, revisionOf, type HubCall } from './call.ts';
import { HubRefusal, checked } from './refusal.ts';
import { lfsPaths } from './uploadModes.ts';

const createBody = z.object({
  name: z.string(),
  organization: z.string().nullish(),
  type: z.string().nullish(),
  private: z.boolean().nullish(),
});

export async function createRepository(call: HubCall): Promise<void> {
  const { name, organization, type, private: isPrivate } = checked(createBody, await call.exchange.json());
  if ((type ?? 'model') !== 'model') throw new HubRefusal(400, 'This registry holds models only.');
  const model = call.named(organization ? `${organization}/${name}` : name);
  call.needWrite?.(model);
  const problem = modelNameProblem(model);
  if (problem !== undefined) throw new HubRefusal(400, problem);
  const repository = call.models.model(call.registry.id, model);
  // Every released client reads a model's address in this form, whatever path the endpoint has.
  const shown = call.shown(model);
  const url = `${call.endpoint}/models/${shown}`;
  const isNew = await repository.create();
  if (isNew && call.behaviour.firstCommit === 'empty')
    await repository.beginEmpty({ name: 'registry', email: 'registry@example.com' });
  if (isNew && isPrivate) call.makePrivate?.(model);
  if (isNew) await call.exchange.answerJson(200, { url, name: shown, id: internalId(call, model) });
  else await call.exchange.answerJson(409, { error: 'You already created this model repo', url });
}

const validateBody = z.object({ content: z.string(), repoType: z.string().nullish() });

/** Front matter as the Hub's own pattern has it, which `REGEX_YAML_BLOCK` of huggingface_hub copies. */
const frontMatterBlock = /^\s*---(?:\r\n|\r|\n)([\S\s]*?)(?:\r\n|\r|\n)---[ \t]*(?:\r\n|\n|$)/;

/** Judges the front matter of a README, as far as YAML goes. */
export async function validateYaml({ exchange }: HubCall): Promise<void> {
  const { content } = checked(validateBody, await exchange.json());
  const frontMatter = frontMatterBlock.exec(content)?.[1]?.replace(/\r\n?/g, '\n');
  if (frontMatter === undefined || frontMatter.trim() === '') {
    const message = 'empty or missing yaml metadata in repo card';
    await exchange.answerJson(200, { errors: [], warnings: [{ message }] });
    return;
  }
  const document = parseDocument(frontMatter);
  const errors = document.errors.map(({ message }) => ({ message }));
  if (errors.length === 0 && !isMap(document.contents)) {
    errors.push({ message: 'The metadata of the card must be a mapping.' });
  }
  await exchange.answerJson(errors.length === 0 ? 200 : 400, {
    ...(errors.length > 0 && { error: 'Invalid metadata in README.md.' }),
    errors,
    warnings: document.warnings.map(({ message }) => ({ message })),
  });
}

const preuploadBody = z.object({
  files: z.array(
    z.object({ path: z.string(), size: z.number().int().nonnegative(), sample: z.base64().default('') }),
  ),
  gitIgnore: z.string().optional(),
  gitAttributes: z.string().optional(),
});

export async function preupload(call: HubCall): Promise<void> {
  const repository = repositoryOf(call);
  const body = checked(preuploadBody, await call.exchange.json());
  const revision = await revisionOf(call, repository);
  const tree = await repository.tree(revision);
  const paths = body.files.map((file) => file.path);

  const attributes = new Map<string, Buffer>(await repository.attributes(tree)) as Map<string, Buffer> &
    ControlFiles;
  if (body.gitAttributes !== undefined) attributes.set('.gitattributes', Buffer.from(body.gitAttributes));
  const large = await lfsPaths(
    body.files.map((file) => ({ ...file, sample: Buffer.from(file.sample, 'base64') })),
    attributes,
    call.behaviour,
  );
  let gitIgnore = Buffer.from(body.gitIgnore ?? '');
  const ignoreFile = tree.byPath.get('.gitignore');
  if (body.gitIgnore === undefined && ignoreFile?.kind === 'file') {
    gitIgnore = Buffer.from(
      (await readBlobs(repository.gitDirectory, [ignoreFile.oid])).get(ignoreFile.oid)!,
    );
  }
  const leftOut = await ignored(gitIgnore, paths);

  await call.exchange.answerJson(200, {
    commitOid: revision.kind === 'commit' ? revision.sha : null,
    files: paths.map((path) => {
      const entry = tree.byPath.get(path);
      const oid = entry?.kind === 'file' ? (entry.lfs?.sha256 ?? entry.oid) : null;
      return {
        path,
        uploadMode: large.has(path) ? 'lfs' : 'regular',
        shouldIgnore: leftOut.has(path),
        ...(call.behaviour.preuploadOid === 'present' && { oid }),
      };
    }),
  });
}

import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { Fault, FaultRule, HubBehaviour } from './registry.ts';
import { startRegistry } from './startRegistry.ts';

const bytes = z.number().int().nonnegative();
const faultRule = z.strictObject({
  method: z.string().optional(),
  path: z.string(),
  times: z.union([z.number().int().positive(), z.literal('always')]).optional(),
  after: z.number().int().nonnegative().optional(),
  fault: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('delay'), ms: z.number().nonnegative() }),
    z.strictObject({
      kind: z.literal('status'),
      status: z.number().int().min(200).max(599),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.string().optional(),
    }),
    z.strictObject({ kind: z.literal('resetRequest'), afterBytes: bytes }),
    z.strictObject({ kind: z.literal('loseAnswer') }),
    z.strictObject({ kind: z.literal('resetAnswer'), afterBytes: bytes }),
    z.strictObject({ kind: z.literal('hang') }),
    z.strictObject({
      kind: z.literal('flood'),
      bytes: bytes.optional(),
      bytesPerSecond: z.number().positive().optional(),
    }),
    z.strictObject({ kind: z.literal('slow'), bytesPerSecond: z.number().positive() }),
  ]),
});

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be more than 0.');
  return value;
}

function fault(text: string, previous: readonly FaultRule[]): readonly FaultRule[] {
  try {
    const { path, times, ...rule } = faultRule.parse(JSON.parse(text));
    return [...previous, { ...rule, path: new RegExp(path), times: times === 'always' ? Infinity : times }];
  } catch (error) {
    throw new InvalidArgumentError(error instanceof z.ZodError ? z.prettifyError(error) : String(error));
  }
}

interface Options {
  readonly port: number;
  readonly data: string;
  readonly seed: boolean;
  readonly hub: boolean;
  readonly hubPort: number;
  readonly lfsThreshold?: number;
  readonly multipartThreshold?: number;
  readonly partBytes?: number;
  readonly uploadUrlLifetime?: number;
  readonly uploadOrigin: NonNullable<HubBehaviour['uploadOrigin']>;
  readonly commitUrl: NonNullable<HubBehaviour['commitUrl']>;
  readonly preuploadOid: boolean;
  readonly batchTransfer: boolean;
  readonly verify: boolean;
  readonly everythingIsLfs: boolean;
  readonly treePageSize?: number;
  readonly firstCommit: boolean;
  readonly organizationLimit?: number;
  readonly userLimit?: number;
  readonly buildStep?: number;
  readonly fault: readonly FaultRule[];
}

const exampleFault: { readonly path: string; readonly times: 'always'; readonly fault: Fault } = {
  path: '/objects/batch',
  times: 'always',
  fault: { kind: 'delay', ms: 500 },
};

const options = new Command('registry')
  .description(
    'A model registry on 127.0.0.1: Buildkite’s REST API and the Hugging Face Hub protocol over real Git repositories. Prints one line of JSON when it is ready; Ctrl-C stops it and keeps the data.',
  )
  .requiredOption('--data <folder>', 'where everything is kept; made when missing')
  .option('--port <number>', '0 takes a free one', wholeNumber, 0)
  .option('--seed', 'add organizations, registries and published models, once', false)
  .option('--hub', 'serve a Hub at the root of another address, too', false)
  .option('--hub-port <number>', 'where; 0 takes a free one', wholeNumber, 0)
  .option(
    '--lfs-threshold <bytes>',
    'size from which a file is LFS whatever .gitattributes says',
    wholeNumber,
  )
  .option('--multipart-threshold <bytes>', 'size from which an object is uploaded in parts', wholeNumber)
  .option('--part-bytes <bytes>', 'size of a part', positiveNumber)
  .option('--upload-url-lifetime <ms>', 'how long a signed upload URL lives', wholeNumber)
  .addOption(
    new Option('--upload-origin <origin>', 'where signed upload URLs lead')
      .choices(['same', 'other'])
      .default('same'),
  )
  .addOption(
    new Option('--commit-url <style>', 'how commitUrl is spelled')
      .choices(['absolute', 'relative', 'placeholder', 'empty'])
      .default('absolute'),
  )
  .option('--no-preupload-oid', 'leave out what a path holds now')
  .option('--no-batch-transfer', 'leave out which transfer a batch uses')
  .option('--no-verify', 'give uploads no verify action')
  .option('--first-commit', 'give a new model a commit without files', false)
  .option('--everything-is-lfs', 'call every file LFS that is not empty', false)
  .option('--tree-page-size <entries>', 'entries of a tree page', positiveNumber)
  .option('--organization-limit <requests>', 'REST requests a minute of an organization', positiveNumber)
  .option('--user-limit <requests>', 'REST requests a minute of a user', positiveNumber)
  .option(
    '--build-step <ms>',
    'how long a build waits and runs before it passes; absent, it stays scheduled',
    wholeNumber,
  )
  .option('--fault <json>', `a fault, repeatable: ${JSON.stringify(exampleFault)}`, fault, [])
  .parse()
  .opts<Options>();

const registry = await startRegistry({
  dataDir: options.data,
  port: options.port,
  seed: options.seed,
  ...(options.hub && { rootHub: { port: options.hubPort } }),
  hub: {
    ...(options.lfsThreshold !== undefined && { lfsThresholdBytes: options.lfsThreshold }),
    ...(options.multipartThreshold !== undefined && { multipartThresholdBytes: options.multipartThreshold }),
    ...(options.partBytes !== undefined && { partBytes: options.partBytes }),
    ...(options.uploadUrlLifetime !== undefined && { uploadUrlLifetimeMs: options.uploadUrlLifetime }),
    ...(options.treePageSize !== undefined && { treePageSize: options.treePageSize }),
    uploadOrigin: options.uploadOrigin,
    commitUrl: options.commitUrl,
    preuploadOid: options.preuploadOid ? 'present' : 'absent',
    batchTransfer: options.batchTransfer ? 'stated' : 'omitted',
    verifyAction: options.verify ? 'present' : 'absent',
    everythingIsLfs: options.everythingIsLfs,
    firstCommit: options.firstCommit ? 'empty' : 'none',
  },
  rateLimit: {
    organization: options.organizationLimit ?? 200,
    user: options.userLimit ?? 50,
  },
  ...(options.buildStep !== undefined && { buildStepMs: options.buildStep }),
});
for (const rule of options.fault) registry.inject(rule);

const { apiUrl, packagesUrl, webUrl, rootHub, token, readOnlyToken, organization } = registry;
console.log(
  JSON.stringify({
    apiUrl,
    packagesUrl,
    webUrl,
    token,
    readOnlyToken,
    organization,
    registry: registry.registry,
    ...(rootHub && { hubUrl: rootHub.url, hubToken: rootHub.token }),
  }),
);

let stopping: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopping ??= registry.stop();
  });
}

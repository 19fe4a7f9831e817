import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { FailureKind } from '../failure.ts';
import { MAX_PER_CALL } from '../hub/client.ts';
import type { BatchedObject, LfsObject, UploadInstructions } from '../hub/lfsBatch.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import { checkedObject } from './content.ts';
import type { Delivery } from './deliveries.ts';
import { allOf, inChunks } from './run.ts';
import type { Run } from './run.ts';

type LfsDelivery = Extract<Delivery, { kind: 'lfs' }>;

/** An object of the LFS store, and the files of the snapshot that hold it. */
interface SharedObject extends LfsObject {
  readonly files: readonly [SnapshotFile, ...SnapshotFile[]];
}

/** An object the server lacks, and the file its bytes come from. */
interface Upload {
  readonly object: SharedObject;
  readonly source: SnapshotFile;
  readonly instructions: UploadInstructions;
  /** When the server gave the instructions, in milliseconds of the Unix epoch. */
  readonly askedAt: number;
}

const CALLS_AT_ONCE = 3;
const LOOKS_AT_ONCE = 16;
const UPLOADS_AT_ONCE = 5;
/** How long an upload address is trusted where the server tells no lifetime. */
const ADDRESS_LIFETIME_MS = 5 * 60_000;
const ATTEMPTS = 3;

/** Sends every object that the server lacks, biggest first. An object that is missing here stops it before the first byte. */
export async function uploadObjects(run: Run, deliveries: readonly LfsDelivery[]): Promise<void> {
  const uploads = await wantedUploads(run, shared(deliveries));
  const bytes = uploads.reduce((sum, { object }) => sum + object.size, 0);
  run.log.info(
    `${deliveries.length} LFS files changed; the registry lacks ${uploads.length} objects of ${bytes} bytes.`,
  );
  run.progress.expect(
    bytes,
    uploads.reduce((sum, { object }) => sum + object.files.length, 0),
  );
  const biggestFirst = [...uploads].sort((a, b) => b.object.size - a.object.size);
  await allOf(biggestFirst, UPLOADS_AT_ONCE, run.signal, async (upload, signal) => {
    await send(run, upload, signal);
    run.progress.filesDone(upload.object.files.length);
  });
}

function shared(deliveries: readonly LfsDelivery[]): SharedObject[] {
  const objects = new Map<string, LfsObject & { files: [SnapshotFile, ...SnapshotFile[]] }>();
  for (const { file, oid } of deliveries) {
    const object = objects.get(oid);
    if (object) object.files.push(file);
    else objects.set(oid, { oid, size: file.size, files: [file] });
  }
  return [...objects.values()];
}

async function wantedUploads(run: Run, objects: readonly SharedObject[]): Promise<Upload[]> {
  const asked = await allOf(
    inChunks(objects, MAX_PER_CALL),
    CALLS_AT_ONCE,
    run.signal,
    async (chunk, signal) => {
      const askedAt = Date.now();
      const answer = await run.hub.batch(run.plan.target.hub.revision, chunk, signal);
      return chunk.flatMap((object) => {
        const instructions = instructionsIn(answer.get(object.oid), object);
        return instructions === undefined ? [] : [{ object, instructions, askedAt }];
      });
    },
  );
  const wanted = await allOf(asked.flat(), LOOKS_AT_ONCE, run.signal, async (upload) => ({
    ...upload,
    source: await sourceOf(upload.object),
  }));
  const missing = wanted.flatMap(({ object, source }) =>
    source ? [] : object.files.map(({ path }) => path),
  );
  if (missing.length > 0) throw missingObjects(missing.sort());
  return wanted.flatMap(({ source, ...upload }) => (source ? [{ ...upload, source }] : []));
}

/** What to do for an object; undefined where the server has it. Throws where the server refuses it. */
function instructionsIn(
  answer: BatchedObject | undefined,
  object: SharedObject,
): UploadInstructions | undefined {
  if (answer?.kind === 'wanted') return answer.instructions;
  if (answer?.kind !== 'refused') return undefined;
  const [{ path }] = object.files;
  throw new Failure(
    kindOfRefusal(answer.code),
    l10n.t('The registry refuses “{0}” ({1}): {2}', path, answer.code ?? '—', answer.message),
    { status: answer.code, serverMessage: answer.message, paths: object.files.map((file) => file.path) },
  );
}

function kindOfRefusal(code = 422): FailureKind {
  if ([402, 413, 507].includes(code)) return 'quota';
  if (code === 429) return 'rateLimit';
  return code >= 500 ? 'server' : 'refused';
}

async function sourceOf(object: SharedObject): Promise<SnapshotFile | undefined> {
  for (const file of object.files) {
    if (file.kind === 'blob' || (await file.present())) return file;
  }
  return undefined;
}

function missingObjects(paths: readonly string[]): Failure {
  const [first = ''] = paths;
  return new Failure(
    'missingObject',
    paths.length === 1
      ? l10n.t(
          'The LFS object of “{0}” is neither on this machine nor in the registry. Get it with “git lfs pull”.',
          first,
        )
      : l10n.t(
          'The LFS objects of “{0}” and {1} more are neither on this machine nor in the registry. Get them with “git lfs pull”.',
          first,
          paths.length - 1,
        ),
    { paths },
  );
}

/** Sends one object. Its address is asked for again where it has grown old, or the server does not take it any more. */
async function send(run: Run, upload: Upload, signal: AbortSignal): Promise<void> {
  const { object, source } = upload;
  const freshUntil = upload.instructions.expiresAt ?? upload.askedAt + ADDRESS_LIFETIME_MS;
  let instructions =
    Date.now() < freshUntil ? upload.instructions : await instructionsAnew(run, object, signal);
  if (instructions === undefined) {
    // Someone else was faster.
    run.progress.expect(-object.size, 0);
    return;
  }
  for (let attempt = 1; ; attempt++) {
    let counted = 0;
    try {
      await run.hub.upload(checkedObject(source, object.oid), instructions, {
        subject: l10n.t('the upload of “{0}”', source.path),
        onSent: (bytes) => {
          counted += bytes;
          run.progress.sent(bytes);
        },
        signal,
      });
      return;
    } catch (error) {
      if (!(error instanceof Failure) || !looksExpired(error)) throw error;
      if (attempt === ATTEMPTS) throw addressRefused(source, error);
      run.log.info(
        `The upload address of ${source.path} was refused (${error.status ?? ''}); asking for another one.`,
      );
      instructions = await instructionsAnew(run, object, signal);
      // The attempt whose answer was lost had reached the server.
      if (instructions === undefined) return;
      run.progress.sent(-counted);
    }
  }
}

async function instructionsAnew(
  run: Run,
  object: SharedObject,
  signal: AbortSignal,
): Promise<UploadInstructions | undefined> {
  const answer = await run.hub.batch(run.plan.target.hub.revision, [object], signal);
  return instructionsIn(answer.get(object.oid), object);
}

/** Stores tell an expired or used-up address in these ways; the token has no part in it. */
function looksExpired({ status }: Failure): boolean {
  return status !== undefined && [400, 401, 403, 404, 410].includes(status);
}

function addressRefused(file: SnapshotFile, cause: Failure): Failure {
  return new Failure(
    'refused',
    l10n.t(
      'The registry gave addresses for the upload of “{0}” and then refused them. {1}',
      file.path,
      cause.message,
    ),
    {
      status: cause.status,
      serverMessage: cause.serverMessage,
      requestId: cause.requestId,
      paths: [file.path],
      cause,
    },
  );
}

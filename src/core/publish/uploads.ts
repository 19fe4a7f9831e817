import * as l10n from '@vscode/l10n';
import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { FailureKind } from '../failure.ts';
import { MAX_PER_CALL } from '../hub/connection.ts';
import type { BatchedObject, LfsObject, UploadInstructions } from '../hub/lfsBatch.ts';
import type { Sha256 } from '../objectIds.ts';
import type { LfsFile, SnapshotFile } from '../snapshot/snapshot.ts';
import { checkedObject } from './content.ts';
import { missingObjects } from './contentFailures.ts';
import { objectsOf, presenceOf, refusalAmong } from './missingContent.ts';
import { watchFile } from './fileEvents.ts';
import { askBatch } from './leftOut.ts';
import { inChunks } from './run.ts';
import type { Run } from './run.ts';
import type { Scope } from '../async/scope.ts';

/** An object of the LFS store, and the files of the snapshot that hold it. */
interface SharedObject extends LfsObject {
  /** Where its bytes come from. */
  readonly source: SnapshotFile;
  readonly files: SnapshotFile[];
}

/** An object the server lacks, and how it wants it. */
interface Upload {
  readonly object: SharedObject;
  readonly instructions: UploadInstructions;
  /** Milliseconds of the Unix epoch. */
  readonly freshUntil: number;
}

/** A file of the snapshot whose content travels as an LFS object. */
export interface ObjectFile {
  readonly file: SnapshotFile;
  readonly oid: Sha256;
}

const CALLS_AT_ONCE = 3;
const LOOKS_AT_ONCE = 16;
/** How long an upload address is trusted where the server tells no lifetime. */
const ADDRESS_LIFETIME_MS = 5 * 60_000;
const ATTEMPTS = 3;
/** Addresses are asked for so many seconds ahead at the speed of late, or so many bytes where that is more; and for so many objects at most. */
const AHEAD_SECONDS = 10;
const AHEAD_BYTES = 64 * 1024 * 1024;
const AHEAD_OBJECTS = 2 * MAX_PER_CALL;

/** The objects that a publish sends, in the order of their size as far as they are known. */
export interface Uploads {
  /** Objects to be sent. One that is known already is sent once. */
  add(files: readonly ObjectFile[]): void;
  /** No more will come: the sending ends with the last one. */
  close(): void;
}

/**
 * Sends objects while they become known: their addresses are asked for shortly before they are needed, and what the server has is
 * left out. The work belongs to the scope.
 */
export function startUploads(run: Run, scope: Scope): Uploads {
  const { budget, meter, stored } = run;
  const known = new Map<Sha256, SharedObject>();
  /** Smallest first: the next one is the last. */
  let unasked: SharedObject[] = [];
  const ready: Upload[] = [];
  let asking = 0;
  /** Asked about and not yet begun. */
  const ahead = { objects: 0, bytes: 0 };
  let closed = false;
  let wake = (): void => undefined;
  scope.signal.addEventListener('abort', () => wake(), { once: true });

  const settled = ({ oid, files }: SharedObject): void => {
    stored.add(oid);
    meter.filesDone(files.length);
  };
  const isThere = ({ oid, size, files }: SharedObject): void => {
    stored.add(oid);
    // It does not travel.
    meter.expect(-size, -files.length);
  };

  const goAhead = ({ size }: SharedObject, by: 1 | -1): void => {
    ahead.objects += by;
    ahead.bytes += by * size;
  };
  const isEnoughAhead = (): boolean =>
    ahead.objects >= AHEAD_OBJECTS ||
    (ahead.objects >= Math.max(1, budget.free) &&
      ahead.bytes >= Math.max(AHEAD_BYTES, budget.rate * AHEAD_SECONDS));
  const ask = async (objects: readonly SharedObject[]): Promise<void> => {
    const askedAt = Date.now();
    const answer = await askBatch(run, objects, scope.signal);
    for (const object of objects) {
      const instructions = instructionsIn(run, answer.get(object.oid), object);
      if (instructions === undefined) {
        goAhead(object, -1);
        isThere(object);
      } else {
        const freshUntil = instructions.expiresAt ?? askedAt + ADDRESS_LIFETIME_MS;
        ready.push({ object, instructions, freshUntil });
      }
    }
  };
  const lookAhead = (): void => {
    while (asking < CALLS_AT_ONCE && unasked.length > 0) {
      const objects: SharedObject[] = [];
      while (objects.length < MAX_PER_CALL && !isEnoughAhead()) {
        const object = unasked.pop();
        if (object === undefined) break;
        goAhead(object, 1);
        objects.push(object);
      }
      if (objects.length === 0) return;
      asking += 1;
      void scope.begin(async () => {
        try {
          await ask(objects);
        } finally {
          asking -= 1;
          wake();
        }
      });
    }
  };
  const next = async (): Promise<Upload | undefined> => {
    for (;;) {
      scope.signal.throwIfAborted();
      lookAhead();
      const upload = ready.shift();
      if (upload !== undefined) {
        goAhead(upload.object, -1);
        return upload;
      }
      if (closed && asking === 0 && unasked.length === 0) return undefined;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };

  void scope.begin(async () => {
    for (;;) {
      const release = await budget.take(scope.signal);
      const upload = await next().catch((error: unknown) => {
        release();
        throw error;
      });
      if (upload === undefined) {
        release();
        return;
      }
      void scope.begin(async () => {
        if ((await send(run, upload, release, scope.signal)) === 'sent') settled(upload.object);
        else isThere(upload.object);
      });
    }
  });

  return {
    add(files) {
      for (const { file, oid } of files) {
        const object = known.get(oid);
        if (object !== undefined) {
          object.files.push(file);
          meter.expect(0, stored.has(oid) ? 0 : 1);
        } else if (!stored.has(oid)) {
          const added = { oid, size: file.size, source: file, files: [file] };
          known.set(oid, added);
          unasked.push(added);
          meter.expect(file.size, 1);
        }
      }
      unasked = unasked.sort((a, b) => a.size - b.size);
      wake();
    },
    close() {
      closed = true;
      wake();
    },
  };
}

/**
 * LFS files whose content is on this machine, one of them for each object in front. What is not here has to be in the registry, and
 * it is asked about at once: throws a `missingObject` failure that names all files whose content is nowhere, or why one may not be read.
 */
export async function presentObjects(
  run: Run,
  files: readonly LfsFile[],
  signal: AbortSignal,
): Promise<readonly ObjectFile[]> {
  const looked = await allOf(files, LOOKS_AT_ONCE, signal, async (file) => ({
    file,
    oid: file.sha256,
    presence: run.stored.has(file.sha256) ? 'here' : await presenceOf(file),
  }));
  const here = looked.filter(({ presence }) => presence === 'here');
  const oids = new Set(here.map(({ oid }) => oid));
  const absent = looked.filter(({ oid }) => !oids.has(oid));
  const objects = objectsOf(absent.map(({ file }) => file));
  const wanted = new Set<Sha256>();
  await allOf(inChunks(objects, MAX_PER_CALL), CALLS_AT_ONCE, signal, async (chunk) => {
    const answer = await askBatch(run, chunk, signal);
    for (const { oid } of chunk) {
      if (answer.get(oid)?.kind === 'stored') run.stored.add(oid);
      else wanted.add(oid);
    }
  });
  if (wanted.size > 0) {
    const lost = absent.filter(({ oid }) => wanted.has(oid));
    throw refusalAmong(lost) ?? missingObjects(lost.map(({ file }) => file));
  }
  // An object whose file is elsewhere in the snapshot, too, is read from there.
  return [...here, ...looked.filter(({ oid, presence }) => presence !== 'here' && oids.has(oid))];
}

/** What to do for an object; undefined where the server has it. Throws where the server refuses it. */
function instructionsIn(
  { unconfirmed }: Run,
  answer: BatchedObject | undefined,
  object: SharedObject,
): UploadInstructions | undefined {
  if (answer?.kind === 'wanted') return answer.instructions;
  if (answer?.kind === 'leftOut') unconfirmed.add(object.oid);
  if (answer?.kind !== 'refused') return undefined;
  const { path } = object.source;
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

/**
 * Sends one object, if nobody else was faster. Its address is asked for again where it has grown old, or the server does not take it
 * any more.
 *
 * @param release gives a connection back that was taken for the first transfer.
 */
async function send(
  run: Run,
  { object, ...upload }: Upload,
  release: () => void,
  signal: AbortSignal,
): Promise<'sent' | 'there'> {
  const { source, oid } = object;
  const held = [release];
  const watch = watchFile(run.onFile, source, 'upload');
  const inTurn = async <T>(transfer: () => Promise<T>): Promise<T> => {
    const giveBack = held.pop() ?? (await run.budget.take(signal));
    try {
      return await transfer();
    } finally {
      giveBack();
    }
  };
  try {
    let instructions =
      Date.now() < upload.freshUntil ? upload.instructions : await instructionsAnew(run, object, signal);
    for (let attempt = 1; instructions !== undefined; attempt++) {
      const content = checkedObject(source, oid, run.sha256s);
      let counted = 0;
      try {
        await run.hub.upload(content, instructions, {
          subject: l10n.t('the upload of “{0}”', source.path),
          inTurn,
          onSent: (bytes) => {
            counted += bytes;
            run.meter.moved(bytes);
            run.budget.sent(bytes);
            watch.sent(bytes);
          },
          onRetry: ({ kind, status }) => {
            if (kind === 'rateLimit' || kind === 'timeout' || status === 503) run.budget.congested();
          },
          signal,
        });
        return 'sent';
      } catch (error) {
        if (!(error instanceof Failure) || !looksExpired(error)) throw error;
        if (attempt === ATTEMPTS) throw addressRefused(source, error);
        run.log.info(
          `The upload address of ${source.path} was refused (${error.status ?? ''}); asking for another one.`,
        );
        instructions = await instructionsAnew(run, object, signal);
        // Where none is given, the attempt whose answer was lost had reached the server.
        if (instructions === undefined) return 'sent';
        run.meter.moved(-counted);
        watch.sent(-counted);
      } finally {
        await content.close();
      }
    }
    return 'there';
  } finally {
    watch.finished();
    held.pop()?.();
  }
}

async function instructionsAnew(
  run: Run,
  object: SharedObject,
  signal: AbortSignal,
): Promise<UploadInstructions | undefined> {
  const answer = await askBatch(run, [object], signal);
  return instructionsIn(run, answer.get(object.oid), object);
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

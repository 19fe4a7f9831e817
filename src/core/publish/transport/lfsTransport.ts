import * as l10n from '@vscode/l10n';
import { Failure, type FailureKind } from '../../failure.ts';
import type { BatchedObject, UploadInstructions } from '../../hub/lfsBatch.ts';
import type { Sha256 } from '../../objectIds.ts';
import { checkedObject } from '../content.ts';
import { askBatch } from '../leftOut.ts';
import type { Run } from '../run.ts';
import type { ObjectTransport, SendOptions, TransportObject } from './transport.ts';

/** How the server wants an object, as long as it can be trusted. */
interface Address {
  readonly instructions: UploadInstructions;
  /** Milliseconds of the Unix epoch. */
  readonly freshUntil: number;
}

/** How long an upload address is trusted where the server tells no lifetime. */
const ADDRESS_LIFETIME_MS = 5 * 60_000;
const ATTEMPTS = 3;

/** Objects travel as the batch API of Git LFS has it, whole or, as Hugging Face extends it, in parts. */
export class LfsTransport implements ObjectTransport {
  readonly #run: Pick<Run, 'hub' | 'plan' | 'log' | 'unconfirmed' | 'sha256s'>;
  /** Of objects that were asked about and are not being sent yet. */
  readonly #addresses = new Map<Sha256, Address>();

  constructor(run: Pick<Run, 'hub' | 'plan' | 'log' | 'unconfirmed' | 'sha256s'>) {
    this.#run = run;
  }

  async ask(objects: readonly TransportObject[], signal: AbortSignal): Promise<ReadonlySet<Sha256>> {
    const askedAt = Date.now();
    const answer = await askBatch(this.#run, objects, signal);
    const lacking = new Set<Sha256>();
    for (const object of objects) {
      const instructions = this.#instructionsIn(answer.get(object.oid), object);
      if (instructions === undefined) continue;
      const freshUntil = instructions.expiresAt ?? askedAt + ADDRESS_LIFETIME_MS;
      this.#addresses.set(object.oid, { instructions, freshUntil });
      lacking.add(object.oid);
    }
    return lacking;
  }

  /** Its address is asked for again where it has grown old, or the server does not take it any more. */
  async send(object: TransportObject, options: SendOptions): Promise<'sent' | 'stored'> {
    const { signal, onBytes } = options;
    const address = this.#addresses.get(object.oid);
    this.#addresses.delete(object.oid);
    const isFresh = address !== undefined && Date.now() < address.freshUntil;
    let instructions = isFresh ? address.instructions : await this.#askAgain(object, signal);
    for (let attempt = 1; instructions !== undefined; attempt++) {
      let counted = 0;
      const count = (bytes: number): void => {
        counted += bytes;
        onBytes(bytes);
      };
      try {
        await this.#upload(object, instructions, { ...options, onBytes: count });
        return 'sent';
      } catch (error) {
        if (!(error instanceof Failure) || !looksExpired(error)) throw error;
        const { path } = object.source;
        if (attempt === ATTEMPTS) throw addressRefused(path, error);
        this.#run.log.info(
          `The upload address of ${path} was refused (${error.status ?? ''}); asking for another one.`,
        );
        instructions = await this.#askAgain(object, signal);
        // Where none is given, the attempt whose answer was lost had reached the server.
        if (instructions === undefined) return 'sent';
        onBytes(-counted);
      }
    }
    return 'stored';
  }

  /** A commit may name an object as soon as it is stored. */
  settle(): Promise<void> {
    return Promise.resolve();
  }

  async #upload(
    { source, oid }: TransportObject,
    instructions: UploadInstructions,
    { onBytes, ...options }: SendOptions,
  ): Promise<void> {
    const content = checkedObject(source, oid, this.#run.sha256s);
    const subject = l10n.t('the upload of “{0}”', source.path);
    try {
      await this.#run.hub.upload(content, instructions, { ...options, subject, onSent: onBytes });
    } finally {
      await content.close();
    }
  }

  async #askAgain(object: TransportObject, signal: AbortSignal): Promise<UploadInstructions | undefined> {
    const answer = await askBatch(this.#run, [object], signal);
    return this.#instructionsIn(answer.get(object.oid), object);
  }

  /** What to do for an object; undefined where the server has it. Throws where the server refuses it. */
  #instructionsIn(
    answer: BatchedObject | undefined,
    object: TransportObject,
  ): UploadInstructions | undefined {
    if (answer?.kind === 'wanted') return answer.instructions;
    if (answer?.kind === 'leftOut') this.#run.unconfirmed.add(object.oid);
    if (answer?.kind === 'refused') throw objectRefused(answer, object);
    return undefined;
  }
}

function objectRefused(
  { code, message }: Extract<BatchedObject, { kind: 'refused' }>,
  { source, files }: TransportObject,
): Failure {
  return new Failure(
    kindOfRefusal(code),
    l10n.t('The registry refuses “{0}” ({1}): {2}', source.path, code ?? '—', message),
    { status: code, serverMessage: message, paths: files.map(({ path }) => path) },
  );
}

function kindOfRefusal(code = 422): FailureKind {
  if ([402, 413, 507].includes(code)) return 'quota';
  if (code === 429) return 'rateLimit';
  return code >= 500 ? 'server' : 'refused';
}

/** Stores tell an expired or used-up address in these ways; the token has no part in it. */
function looksExpired({ status, source }: Failure): boolean {
  return source === undefined && status !== undefined && [400, 401, 403, 404, 410].includes(status);
}

function addressRefused(path: string, cause: Failure): Failure {
  return new Failure(
    'refused',
    l10n.t(
      'The registry gave addresses for the upload of “{0}” and then refused them. {1}',
      path,
      cause.message,
    ),
    { ...cause.origin, paths: [path] },
  );
}

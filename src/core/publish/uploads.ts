import { Condition } from '../async/condition.ts';
import type { Scope } from '../async/scope.ts';
import type { Sha256 } from '../objectIds.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import { watchFile } from './fileEvents.ts';
import type { Run } from './run.ts';
import {
  closed,
  nextCall,
  nextTransfer,
  NOTHING_TO_SEND,
  withAnswer,
  withObjects,
  type TransferOrder,
} from './transferOrder.ts';
import type { ObjectTransport, TransportObject } from './transport/transport.ts';

/** A file of the snapshot whose content travels as an object. */
export interface ObjectFile {
  readonly file: SnapshotFile;
  readonly oid: Sha256;
}

interface SharedObject extends TransportObject {
  readonly files: SnapshotFile[];
}

/**
 * Sends objects while they become known, in the order that {@link TransferOrder} has; what the registry has is left
 * out. The work belongs to the scope, which ends after {@link close} with the last object, or with the first failure.
 */
export class Uploads {
  readonly #run: Pick<Run, 'budget' | 'meter' | 'stored' | 'onFile'>;
  readonly #scope: Scope;
  readonly #transport: ObjectTransport;
  readonly #known = new Map<Sha256, SharedObject>();
  readonly #condition = new Condition();
  #order: TransferOrder<SharedObject> = NOTHING_TO_SEND;

  constructor(
    run: Pick<Run, 'budget' | 'meter' | 'stored' | 'onFile'>,
    scope: Scope,
    transport: ObjectTransport,
  ) {
    this.#run = run;
    this.#scope = scope;
    this.#transport = transport;
    scope.signal.addEventListener('abort', () => this.#condition.notify(), { once: true });
    void scope.begin(() => this.#sendAll());
  }

  /** More objects. One that is known already is sent once. */
  add(files: readonly ObjectFile[]): void {
    const { meter, stored } = this.#run;
    const objects: SharedObject[] = [];
    for (const { file, oid } of files) {
      const known = this.#known.get(oid);
      if (known !== undefined) {
        known.files.push(file);
        meter.expect(0, stored.has(oid) ? 0 : 1);
      } else if (!stored.has(oid)) {
        const object = { oid, size: file.size, source: file, files: [file] };
        this.#known.set(oid, object);
        objects.push(object);
        meter.expect(file.size, 1);
      }
    }
    this.#become(withObjects(this.#order, objects));
  }

  /** No more will come. */
  close(): void {
    this.#become(closed(this.#order));
  }

  #become(order: TransferOrder<SharedObject>): void {
    this.#order = order;
    this.#condition.notify();
  }

  async #sendAll(): Promise<void> {
    const { budget } = this.#run;
    for (;;) {
      const release = await budget.take(this.#scope.signal);
      let object: SharedObject | undefined;
      try {
        object = await this.#next();
      } finally {
        if (object === undefined) release();
      }
      if (object === undefined) return;
      const next = object;
      void this.#scope.begin(async () => {
        if ((await this.#send(next, release)) === 'stored') this.#isStored(next);
        else this.#isSent(next);
      });
    }
  }

  /** The next object to send; undefined after the last one. */
  async #next(): Promise<SharedObject | undefined> {
    for (;;) {
      this.#scope.signal.throwIfAborted();
      this.#askAhead();
      const next = nextTransfer(this.#order);
      if (next === 'end') return undefined;
      if (next === 'wait') await this.#condition.changed();
      else {
        const [order, object] = next;
        this.#order = order;
        return object;
      }
    }
  }

  #askAhead(): void {
    for (;;) {
      const [order, objects] = nextCall(this.#order, this.#run.budget);
      if (objects.length === 0) return;
      this.#order = order;
      void this.#scope.begin(async () => {
        const lacking = await this.#transport.ask(objects, this.#scope.signal);
        for (const object of objects) if (!lacking.has(object.oid)) this.#isStored(object);
        this.#become(withAnswer(this.#order, objects, ({ oid }) => lacking.has(oid)));
      });
    }
  }

  /** @param release Gives a connection back that was taken for the first transfer. */
  async #send(object: SharedObject, release: () => void): Promise<'sent' | 'stored'> {
    const { budget, meter, onFile } = this.#run;
    const { signal } = this.#scope;
    const connections = [release];
    const watch = watchFile(onFile, object.source, 'upload');
    try {
      return await this.#transport.send(object, {
        inTurn: async (transfer) => {
          const giveBack = connections.pop() ?? (await budget.take(signal));
          try {
            return await transfer();
          } finally {
            giveBack();
          }
        },
        onBytes: (bytes) => {
          meter.moved(bytes);
          budget.moved(bytes);
          watch.sent(bytes);
        },
        onRetry: ({ kind, status }) => {
          if (kind === 'rateLimit' || kind === 'timeout' || status === 503) budget.congested();
        },
        signal,
      });
    } finally {
      watch.finished();
      connections.pop()?.();
    }
  }

  #isSent({ oid, files }: SharedObject): void {
    this.#run.stored.add(oid);
    this.#run.meter.filesDone(files.length);
  }

  /** It does not travel. */
  #isStored({ oid, size, files }: SharedObject): void {
    this.#run.stored.add(oid);
    this.#run.meter.expect(-size, -files.length);
  }
}

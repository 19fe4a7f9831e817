import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { Log } from '../../core/log.ts';
import { type Activity, watchActivity } from '../../core/publish/activity.ts';
import type { FileEvent } from '../../core/publish/fileEvents.ts';
import type { Inspection } from '../../core/publish/inspection.ts';
import type { JournalStore } from '../../core/publish/journals.ts';
import type {
  Publisher,
  PublishEvent,
  PublishOutcome,
  PublishPlan,
  PublishTarget,
} from '../../core/publish/publishing.ts';
import { Lanes } from '../../core/async/lanes.ts';
import type { HashMemory } from '../../core/snapshot/hashMemory.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import type {
  Destination,
  OngoingPublish,
  Publishes,
  PublishHistory,
  RunOptions,
} from '../publishService.ts';
import { publishedAhead } from '../git/gitExtension.ts';
import type { PublishLog, PublishLogs } from './logs.ts';
import { recordOf } from './record.ts';

/** Publishes to one host at once: one takes the whole connection, and two would only be slower. */
const AT_ONCE = 1;

/** Milliseconds between two changes of one publish that are announced. */
const EVERY_MS = 250;

interface PublishesServices {
  readonly http: HttpClient;
  readonly log: Log;
  readonly hashes: HashMemory;
  readonly journals: JournalStore;
  readonly history: PublishHistory;
  readonly logs: PublishLogs;
}

/** The publishes of a window, each host's one after the other. */
export class WindowPublishes implements Publishes {
  readonly #services: PublishesServices;
  readonly #lanes = new Lanes(AT_ONCE);
  readonly #changed = new vscode.EventEmitter<OngoingPublish | undefined>();
  readonly onDidChange = this.#changed.event;
  readonly #ongoing = new Map<string, Ongoing>();
  #publisher: Promise<Publisher> | undefined;

  constructor(services: PublishesServices) {
    this.#services = services;
  }

  get ongoing(): readonly OngoingPublish[] {
    return [...this.#ongoing.values()];
  }

  async plan(snapshot: Snapshot, target: PublishTarget, signal: AbortSignal): Promise<PublishPlan> {
    return (await this.#engine()).plan(snapshot, target, signal);
  }

  async inspect(plan: PublishPlan, signal: AbortSignal): Promise<Inspection> {
    const [ahead, { inspect }] = await Promise.all([
      publishedAhead(plan.snapshot),
      import('../../core/publish/inspection.ts'),
    ]);
    return inspect(plan, this.#services, ahead, signal);
  }

  async run(
    plan: PublishPlan,
    destination: Destination,
    options: RunOptions,
  ): Promise<{ readonly id: string; readonly outcome: PublishOutcome }> {
    refuseTwice(plan.target, this.ongoing);
    const { host } = plan.target.hub.endpoint;
    const waits = this.ongoing.some((other) => other.plan.target.hub.endpoint.host === host);
    const publish = new Ongoing(plan, destination, options.signal, () => {
      if (this.#ongoing.has(publish.id)) this.#changed.fire(publish);
    });
    const { id } = publish;
    this.#ongoing.set(id, publish);
    this.#changed.fire(undefined);
    try {
      if (waits) options.onQueued?.();
      const carryOut = () => this.#carryOut(publish, options);
      return { id, outcome: await this.#lanes.run(host, publish.signal, carryOut) };
    } catch (error) {
      if (!publish.signal.aborted) throw error;
      return { id, outcome: { kind: 'cancelled', sentBytes: 0, unsettled: false } };
    } finally {
      this.#ongoing.delete(id);
      publish.dispose();
      this.#changed.fire(undefined);
    }
  }

  dispose(): void {
    for (const publish of this.#ongoing.values()) publish.dispose();
    this.#changed.dispose();
  }

  /** Loaded with the first plan: it is large, and most windows publish nothing. */
  #engine(): Promise<Publisher> {
    const services = this.#services;
    this.#publisher ??= import('../../core/publish/publisher.ts').then(({ createPublisher }) =>
      createPublisher(services),
    );
    return this.#publisher;
  }

  async #carryOut(publish: Ongoing, { message, agreed, onEvent }: RunOptions): Promise<PublishOutcome> {
    const { id, plan, destination } = publish;
    const { log, logs, history } = this.#services;
    publish.begin();
    this.#changed.fire(undefined);
    const startedAt = Date.now();
    const ownLog = logs.begin(id);
    logPlan(ownLog, plan);
    const engine = await this.#engine();
    const { organization, slug } = destination.place.registry;
    const outcome = await engine.publish(plan, {
      registry: { organization, slug },
      ...(message !== undefined && { message }),
      ...(agreed !== undefined && { agreed }),
      mayFollow: (compared) => agreed === undefined && deletesNothingElse(compared, plan),
      signal: publish.signal,
      log: both(log, ownLog),
      onEvent: (event) => {
        if (event.kind !== 'progress') ownLog.info(`${event.kind} ${event.step}`);
        onEvent?.(event);
        publish.onEvent(event);
      },
      onFile: (event) => {
        if (event.kind === 'fileStarted') ownLog.debug(`${event.doing} ${event.path} (${event.size} bytes)`);
        publish.onFile(event);
      },
    });
    const endedAt = Date.now();
    ownLog.info(
      `Ended after ${endedAt - startedAt} ms with ${outcome.sentBytes} bytes sent: ${outcome.kind}`,
    );
    await ownLog.written();
    await history.add({ id, ...recordOf(plan, destination, outcome, { startedAt, endedAt }) });
    return outcome;
  }
}

/** One publish from the agreement to its end. */
class Ongoing implements OngoingPublish {
  readonly id = randomUUID();
  readonly plan: PublishPlan;
  readonly destination: Destination;
  /** Aborts where the publish is cancelled, here or by whoever began it. */
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #watch = watchActivity(() => performance.now());
  readonly #onChange: () => void;
  #state: OngoingPublish['state'] = 'queued';
  #timer: NodeJS.Timeout | undefined;

  /** @param onChange It got on, told some times a second at most, or is being cancelled. */
  constructor(plan: PublishPlan, destination: Destination, signal: AbortSignal, onChange: () => void) {
    this.plan = plan;
    this.destination = destination;
    this.signal = AbortSignal.any([signal, this.#stop.signal]);
    this.#onChange = onChange;
    this.signal.addEventListener('abort', () => this.#cancelling(), { once: true });
  }

  get state(): OngoingPublish['state'] {
    return this.#state;
  }

  get activity(): Activity {
    return this.#watch.current;
  }

  cancel(): void {
    this.#stop.abort();
  }

  begin(): void {
    this.#state = 'running';
  }

  onEvent(event: PublishEvent): void {
    this.#watch.onEvent(event);
    this.#tellSoon();
  }

  onFile(event: FileEvent): void {
    this.#watch.onFile(event);
    this.#tellSoon();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #cancelling(): void {
    const wasRunning = this.#state === 'running';
    this.#state = 'cancelling';
    // One that waited goes at once.
    if (wasRunning) this.#onChange();
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#onChange();
    }, EVERY_MS);
  }
}

/**
 * Whether what a person saw of `plan` holds for the comparison with what someone else published meanwhile: nothing goes
 * away that they were not shown. That other files are overwritten they were told: what goes are the files of the
 * commit.
 */
function deletesNothingElse(compared: PublishPlan, plan: PublishPlan): boolean {
  const shown = new Set(plan.deleted);
  return compared.deleted.every((path) => shown.has(path));
}

function refuseTwice({ hub, model }: PublishTarget, ongoing: readonly OngoingPublish[]): void {
  const isSame = ({ plan: { target } }: OngoingPublish): boolean =>
    target.model === model &&
    target.hub.endpoint.href === hub.endpoint.href &&
    target.hub.revision === hub.revision;
  if (!ongoing.some(isSame)) return;
  throw new Failure(
    'busy',
    vscode.l10n.t('“{0}” is being published already. Wait until that has ended, or cancel it.', model),
  );
}

function logPlan(
  log: PublishLog,
  { snapshot, target, changed, deleted, unchanged, bytes }: PublishPlan,
): void {
  const folder = snapshot.folder === '' ? '' : `, folder ${snapshot.folder}`;
  log.info(`Publishing ${snapshot.commit} of ${snapshot.repository}${folder}`);
  log.info(`to ${target.model} at ${target.hub.endpoint.href}, revision ${target.hub.revision}`);
  log.info(
    `${changed.length} files changed, ${deleted.length} deleted, ${unchanged.length} unchanged; ${bytes} bytes at most`,
  );
}

function both(one: Log, other: Log): Log {
  const tell = (level: keyof Log) => (message: string) => {
    one[level](message);
    other[level](message);
  };
  return {
    trace: tell('trace'),
    debug: tell('debug'),
    info: tell('info'),
    warn: tell('warn'),
    error: tell('error'),
  };
}

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { Log } from '../../core/log.ts';
import { watchActivity } from '../../core/publish/activity.ts';
import { inspect } from '../../core/publish/inspection.ts';
import type { JournalStore } from '../../core/publish/journals.ts';
import { createPublisher } from '../../core/publish/publisher.ts';
import type { PublishOutcome, PublishPlan, PublishTarget } from '../../core/publish/publishing.ts';
import { createQueue } from '../../core/async/queue.ts';
import type { HashMemory } from '../../core/snapshot/hashMemory.ts';
import type { OngoingPublish, Publishes, PublishHistory } from '../publishService.ts';
import { publishedAhead } from '../git/gitExtension.ts';
import type { PublishLog, PublishLogs } from './logs.ts';
import { recordOf } from './record.ts';

/** Publishes to one host at once: one takes the whole connection, and two would only be slower. */
const AT_ONCE = 1;

interface PublishesServices {
  readonly http: HttpClient;
  readonly log: Log;
  readonly hashes: HashMemory;
  readonly journals: JournalStore;
  readonly history: PublishHistory;
  readonly logs: PublishLogs;
}

/** Milliseconds between two changes of one publish that are told. */
const EVERY_MS = 250;

export function createPublishes(services: PublishesServices): Publishes & { dispose(): void } {
  const { http, log, history, logs } = services;
  const publisher = createPublisher(services);
  const queue = createQueue(AT_ONCE);
  const changed = new vscode.EventEmitter<OngoingPublish | undefined>();
  const ongoing = new Map<string, OngoingPublish>();
  const timers = new Map<string, NodeJS.Timeout>();
  const tellSoon = (publish: OngoingPublish): void => {
    if (timers.has(publish.id)) return;
    const tell = (): void => {
      timers.delete(publish.id);
      if (ongoing.has(publish.id)) changed.fire(publish);
    };
    timers.set(publish.id, setTimeout(tell, EVERY_MS));
  };

  return {
    onDidChange: changed.event,
    get ongoing() {
      return [...ongoing.values()];
    },
    plan: (snapshot, target, signal) => publisher.plan(snapshot, target, signal),
    async inspect(plan, signal) {
      const ahead = await publishedAhead(plan.snapshot);
      return inspect(plan, { http, log }, ahead, signal);
    },
    async run(plan, destination, { message, agreed, signal, onEvent, onQueued }) {
      refuseTwice(plan.target, [...ongoing.values()]);
      const id = randomUUID();
      const stop = new AbortController();
      const either = AbortSignal.any([signal, stop.signal]);
      const watch = watchActivity(() => performance.now());
      let state: OngoingPublish['state'] = 'queued';
      const publish: OngoingPublish = {
        id,
        plan,
        destination,
        get state() {
          return state;
        },
        get activity() {
          return watch.current;
        },
        cancel: () => stop.abort(),
      };
      const cancelling = (): void => {
        const wasRunning = state === 'running';
        state = 'cancelling';
        // One that waited goes at once.
        if (wasRunning) changed.fire(publish);
      };
      either.addEventListener('abort', cancelling, { once: true });
      ongoing.set(id, publish);
      changed.fire(undefined);

      const carryOut = async (): Promise<PublishOutcome> => {
        state = 'running';
        changed.fire(undefined);
        const startedAt = Date.now();
        const ownLog = logs.begin(id);
        logPlan(ownLog, plan);
        const outcome = await publisher.publish(plan, {
          ...(message !== undefined && { message }),
          ...(agreed !== undefined && { agreed }),
          mayFollow: (compared) => agreed === undefined && deletesNothingElse(compared, plan),
          signal: either,
          log: both(log, ownLog),
          onEvent: (event) => {
            watch.onEvent(event);
            if (event.kind !== 'progress') ownLog.info(`${event.kind} ${event.step}`);
            onEvent?.(event);
            tellSoon(publish);
          },
          onFile: (event) => {
            watch.onFile(event);
            if (event.kind === 'fileStarted') {
              ownLog.debug(`${event.doing} ${event.path} (${event.size} bytes)`);
            }
            tellSoon(publish);
          },
        });
        const endedAt = Date.now();
        ownLog.info(
          `Ended after ${endedAt - startedAt} ms with ${outcome.sentBytes} bytes sent: ${outcome.kind}`,
        );
        await ownLog.written();
        await history.add({ id, ...recordOf(plan, destination, outcome, { startedAt, endedAt }) });
        return outcome;
      };
      try {
        const { host } = plan.target.hub.endpoint;
        const waits = [...ongoing.values()].some(
          (other) => other.id !== id && other.plan.target.hub.endpoint.host === host,
        );
        if (waits) onQueued?.();
        return { id, outcome: await queue.run(host, carryOut, either) };
      } catch (error) {
        if (!either.aborted) throw error;
        return { id, outcome: { kind: 'cancelled', sentBytes: 0, unsettled: false } };
      } finally {
        ongoing.delete(id);
        clearTimeout(timers.get(id));
        timers.delete(id);
        changed.fire(undefined);
      }
    },
    dispose() {
      for (const timer of timers.values()) clearTimeout(timer);
      changed.dispose();
    },
  };
}

/**
 * Whether what a person saw of `plan` holds for the comparison with what someone else published meanwhile: nothing goes away that they
 * were not shown. That other files are overwritten they were told: what goes are the files of the commit.
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

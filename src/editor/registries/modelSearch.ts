import { Lane } from '../../core/async/lanes.ts';
import { Failure } from '../../core/failure.ts';
import type { ModelVersion, Registry } from '../../core/hosts/host.ts';
import type { Session } from '../accounts/sessions.ts';
import type { RegistryPlace } from '../places.ts';

/** Registries that are asked for one text, before the person asks for more: a service may grant 50 requests a minute. */
const REGISTRIES_AT_FIRST = 6;

/** Requests under way at the same time. */
const CONCURRENT = 3;

export interface FoundModel {
  /** The newest version seen; undefined where the list of models tells of none. */
  readonly newest: ModelVersion | undefined;
  readonly session: Session;
  readonly registry: Registry;
  /** `namespace/name`. */
  readonly model: string;
}

/** Where to search. */
export interface SearchedPlaces {
  /** The model registries, in the order in which they are asked. */
  readonly places: readonly RegistryPlace[];
  /** Why others are not among them. */
  readonly failures: readonly Failure[];
}

/** What is known of a search so far. */
export interface Found {
  /** In the order of their registries, newest first in each. */
  readonly models: readonly FoundModel[];
  /** Registries with more matches than were listed. */
  readonly cutShort: readonly Registry[];
  /** Registries that were not asked. */
  readonly unasked: number;
  readonly failures: readonly Failure[];
  /** Whether no answer is outstanding. */
  readonly done: boolean;
}

/** A search for models by name; made anew for each time a person searches. */
export interface ModelSearch {
  /** Gives what is known at once, and again with each answer. Nothing is asked for twice. */
  find(text: string, signal: AbortSignal): AsyncIterable<Found>;
  /** From now on as many more registries are asked. */
  widen(): void;
}

/** What one registry told so far. */
interface Memory extends RegistryPlace {
  readonly newest: Map<string, ModelVersion | undefined>;
  /** By text: the models the server named, and whether there are more. */
  readonly answers: Map<string, { readonly models: ReadonlySet<string>; readonly more: boolean }>;
}

/** Why a registry of that account was not searched. */
interface FailedSearch {
  readonly failure: Failure;
  readonly session: Session;
}

/** @param list The model registries to search in; called once, and again as long as some cannot be listed. */
export function createModelSearch(list: (signal: AbortSignal) => Promise<SearchedPlaces>): ModelSearch {
  let memories: readonly Memory[] = [];
  let isListed = false;
  let breadth = REGISTRIES_AT_FIRST;

  const listAll = async (signal: AbortSignal): Promise<readonly Failure[]> => {
    if (isListed) return [];
    const { places, failures } = await orNothing(list(signal));
    const known = new Map(memories.map((memory) => [keyOf(memory), memory]));
    memories = places.map(
      (place) => known.get(keyOf(place)) ?? { ...place, newest: new Map(), answers: new Map() },
    );
    isListed = failures.length === 0;
    return failures;
  };
  const ask = async (memory: Memory, text: string, signal: AbortSignal) => {
    const { session, registry, newest, answers } = memory;
    const name = text === '' ? undefined : text;
    const { items, next } = await session.host.listing.models(registry, { name }, signal);
    for (const { model, newest: version } of items) {
      if (!newest.has(model) || timeOf(version) > timeOf(newest.get(model))) newest.set(model, version);
    }
    answers.set(text, { models: new Set(items.map(({ model }) => model)), more: next !== undefined });
  };

  return {
    async *find(typed, signal) {
      const text = typed.trim();
      const unlisted = await listAll(signal);
      const failures: FailedSearch[] = [];
      const all = memories;
      const asked = all.slice(0, breadth);
      const due = asked.filter((memory) => !isAnswered(memory, text));
      const pending = new Set<Promise<void>>();
      const found = (): Found => ({
        models: all.flatMap((memory) => matches(memory, text)),
        cutShort: asked
          .filter((memory) => !isWhole(memory) && memory.answers.get(text)?.more === true)
          .map(({ registry }) => registry),
        unasked: all.slice(breadth).filter((memory) => !isAnswered(memory, text)).length,
        failures: [...unlisted, ...withoutRepetition(failures)],
        done: pending.size === 0,
      });

      const note = (error: unknown, session: Session) => {
        if (signal.aborted) return;
        if (!(error instanceof Failure)) throw error;
        failures.push({ failure: error, session });
      };
      const lane = new Lane(() => CONCURRENT);
      for (const memory of due) {
        const { session } = memory;
        const answered = lane
          .run(signal, async () => {
            // What fails for one registry of the session fails for the others, and each costs a request.
            const isHopeless = failures.some(
              (one) => one.session === session && concernsAll(one.failure.kind),
            );
            if (!isHopeless) await ask(memory, text, signal);
          })
          .catch((error: unknown) => note(error, session))
          .finally(() => pending.delete(answered));
        pending.add(answered);
      }
      yield found();
      while (pending.size > 0) {
        await Promise.race(pending);
        if (signal.aborted) return;
        yield found();
      }
    },
    widen() {
      breadth += REGISTRIES_AT_FIRST;
    },
  };
}

/** Whether the server has nothing to add for that text: it told so, or it told of every model there is. */
function isAnswered(memory: Memory, text: string): boolean {
  return memory.answers.has(text) || isWhole(memory);
}

function isWhole({ answers }: Memory): boolean {
  return answers.get('')?.more === false;
}

/** The models the server named for that text, and those seen before that hold it in their name or commit. */
function matches({ session, registry, newest, answers }: Memory, text: string): readonly FoundModel[] {
  const named = answers.get(text)?.models;
  const lower = text.toLowerCase();
  return [...newest]
    .filter(
      ([model, version]) =>
        named?.has(model) === true ||
        model.toLowerCase().includes(lower) ||
        version?.commit?.startsWith(lower) === true,
    )
    .sort(([, one], [, other]) => timeOf(other) - timeOf(one))
    .map(([model, version]) => ({ session, registry, model, newest: version }));
}

async function orNothing(listed: Promise<SearchedPlaces>): Promise<SearchedPlaces> {
  try {
    return await listed;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { places: [], failures: [error] };
  }
}

function keyOf({ session, registry }: RegistryPlace): string {
  return JSON.stringify([session.accountId, registry.organization, registry.slug]);
}

function timeOf(version: ModelVersion | undefined): number {
  return version?.createdAt?.getTime() ?? 0;
}

function concernsAll(kind: Failure['kind']): boolean {
  return ['auth', 'network', 'rateLimit', 'timeout', 'tls'].includes(kind);
}

/** One of each kind for each account. */
function withoutRepetition(failures: readonly FailedSearch[]): readonly Failure[] {
  const keyed = failures.map(
    ({ failure, session }) => [`${failure.kind} ${session.accountId}`, failure] as const,
  );
  return [...new Map(keyed).values()];
}

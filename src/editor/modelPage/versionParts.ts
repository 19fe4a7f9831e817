import type { HubConnection } from '../../core/hub/connection.ts';
import type { Log } from '../../core/log.ts';
import type { CommitName } from '../../core/objectIds.ts';
import { changesBetween, type FileChange } from '../../core/publish/fileChanges.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import type { WeightsSummary } from '../../core/weights/summary.ts';
import type { WeightSet } from '../../core/weights/weightSets.ts';
import { isAbort } from '../commands.ts';
import type { VersionAddress } from '../versionFiles/fileAddress.ts';
import type { FileContents, Listing } from '../versionFiles/fileContents.ts';
import { Part } from './part.ts';
import type { Readme } from './readme.ts';
import type { VersionMessages } from './versionMessages.ts';

/** A set of weights, and what its headers tell. */
export interface WeightsPart {
  readonly set: WeightSet;
  readonly summary: Part<WeightsSummary>;
}

/** What changed since another version. */
export interface ChangesPart {
  readonly before: CommitName;
  readonly changes: Part<readonly FileChange<RemoteFile>[]>;
}

/** What a version's parts are loaded with. */
interface PartsContext {
  readonly contents: FileContents;
  readonly hub: () => Promise<HubConnection>;
  readonly messages: VersionMessages;
  readonly log: Log;
}

/** What of a version has changed. */
export type PartOfVersion = 'files' | 'readme' | 'weights' | 'message' | 'changes';

/** What a page loads of one version. */
export class VersionParts {
  readonly commit: CommitName;
  readonly files: Part<Listing>;
  readonly readme: Part<Readme | undefined>;
  readonly weights: Part<readonly WeightsPart[]>;
  /** The commit message, which is then among those of the context. */
  readonly message: Part<void>;
  /** Bytes of the images that the page was given, by path. */
  readonly images = new Map<string, number>();
  readonly #version: VersionAddress;
  readonly #context: PartsContext;
  readonly #onChange: (name: PartOfVersion) => void;
  #since: ChangesPart | undefined;
  #looking = new AbortController();

  /** @param onChange Called with what changed. */
  constructor(version: VersionAddress, context: PartsContext, onChange: (name: PartOfVersion) => void) {
    const { commit } = version;
    const { contents, hub, messages } = context;
    const list = (signal: AbortSignal) => contents.list(version, signal);
    const weightsChanged = () => onChange('weights');
    this.#version = version;
    this.#context = context;
    this.#onChange = onChange;
    this.commit = commit;
    this.files = new Part(list, () => onChange('files'));
    this.readme = new Part(
      async (signal) => {
        const { parseReadme, readmeOf } = await import('./readme.ts');
        const file = readmeOf(await list(signal));
        return file && parseReadme((await contents.read(version, file, signal)).toString());
      },
      () => onChange('readme'),
    );
    this.weights = new Part(async (signal) => {
      const files = [...(await list(signal)).values()];
      const { readWeights, readWeightSets } = await import('../../core/weights/readWeights.ts');
      const sets = await readWeightSets(await hub(), commit, files, signal);
      return sets.map((set) => ({
        set,
        summary: new Part(
          async (reading) => readWeights(await hub(), commit, set, files, reading),
          weightsChanged,
        ),
      }));
    }, weightsChanged);
    this.message = this.#unasked('message', (signal) => messages.load(hub, commit, signal));
  }

  /** What changed since the version before; undefined while it is not known which that is. */
  get since(): ChangesPart | undefined {
    return this.#since;
  }

  /** Every part, those of the sets of weights among them. */
  get all(): readonly Part<unknown>[] {
    return [
      ...this.#first,
      ...this.#sets.map(({ summary }) => summary),
      ...(this.#since ? [this.#since.changes] : []),
    ];
  }

  /** Aborts when the page shows another version, or is hidden. */
  get looking(): AbortSignal {
    return this.#looking.signal;
  }

  get #first(): readonly Part<unknown>[] {
    return [this.files, this.readme, this.weights, this.message];
  }

  get #sets(): readonly WeightsPart[] {
    return this.weights.state.status === 'ready' ? this.weights.state.value : [];
  }

  summaryOf(entry: string): Part<WeightsSummary> | undefined {
    return this.#sets.find(({ set }) => set.entry === entry)?.summary;
  }

  /** Names the version before, now that it is known; what changed since is then loaded with the other parts. */
  compareWith(before: CommitName): void {
    if (this.#since?.before === before) return;
    this.#since?.changes.pause();
    const { contents } = this.#context;
    this.#since = {
      before,
      changes: this.#unasked('changes', async (signal) => {
        const [earlier, later] = await Promise.all([
          contents.list({ ...this.#version, commit: before }, signal),
          contents.list(this.#version, signal),
        ]);
        return changesBetween([...earlier.values()], [...later.values()]);
      }),
    };
  }

  /** Loads what is missing; of the weights only the first, until a person asks for others. */
  begin(): void {
    for (const part of this.#first) part.begin();
    this.#sets[0]?.summary.begin();
    this.#since?.changes.begin();
  }

  /** Gives up what is under way. */
  pause(): void {
    this.#looking.abort();
    this.#looking = new AbortController();
    for (const part of this.all) part.pause();
  }

  /** A part that a page does without where it cannot be had: then only the log tells of it. */
  #unasked<T>(name: 'message' | 'changes', load: (signal: AbortSignal) => Promise<T>): Part<T> {
    const { log } = this.#context;
    return new Part(
      async (signal) => {
        try {
          return await load(signal);
        } catch (error) {
          if (!isAbort(error)) log.warn(`model page: no ${name} of ${this.commit}: ${String(error)}`);
          throw error;
        }
      },
      () => this.#onChange(name),
    );
  }
}

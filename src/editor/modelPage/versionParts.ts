import type { HubConnection } from '../../core/hub/connection.ts';
import type { CommitName } from '../../core/objectIds.ts';
import type { WeightsSummary } from '../../core/weights/summary.ts';
import type { WeightSet } from '../../core/weights/weightSets.ts';
import type { VersionAddress } from '../versionFiles/fileAddress.ts';
import type { FileContents, Listing } from '../versionFiles/fileContents.ts';
import { Part } from './part.ts';
import type { Readme } from './readme.ts';

/** A set of weights, and what its headers tell. */
export interface WeightsPart {
  readonly set: WeightSet;
  readonly summary: Part<WeightsSummary>;
}

/** What a page loads of one version. */
export class VersionParts {
  readonly commit: CommitName;
  readonly files: Part<Listing>;
  readonly readme: Part<Readme | undefined>;
  readonly weights: Part<readonly WeightsPart[]>;
  /** Bytes of the images that the page was given, by path. */
  readonly images = new Map<string, number>();
  #looking = new AbortController();

  /** @param onChange Called with the part that changed. */
  constructor(
    version: VersionAddress,
    contents: FileContents,
    hub: () => Promise<HubConnection>,
    onChange: (name: 'files' | 'readme' | 'weights') => void,
  ) {
    const { commit } = version;
    const list = (signal: AbortSignal) => contents.list(version, signal);
    const weightsChanged = () => onChange('weights');
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
  }

  /** Every part, those of the sets of weights among them. */
  get all(): readonly Part<unknown>[] {
    return [this.files, this.readme, this.weights, ...this.#sets.map(({ summary }) => summary)];
  }

  /** Aborts when the page shows another version, or is hidden. */
  get looking(): AbortSignal {
    return this.#looking.signal;
  }

  get #sets(): readonly WeightsPart[] {
    return this.weights.state.status === 'ready' ? this.weights.state.value : [];
  }

  summaryOf(entry: string): Part<WeightsSummary> | undefined {
    return this.#sets.find(({ set }) => set.entry === entry)?.summary;
  }

  /** Loads what is missing; of the weights only the first, until a person asks for others. */
  begin(): void {
    for (const part of [this.files, this.readme, this.weights]) part.begin();
    this.#sets[0]?.summary.begin();
  }

  /** Gives up what is under way. */
  pause(): void {
    this.#looking.abort();
    this.#looking = new AbortController();
    for (const part of this.all) part.pause();
  }
}

import { STAGES, type Stage, type StageState } from '../../core/publish/activity.ts';
import type { OngoingPublish } from '../publishService.ts';
import type { OngoingRow, PublishesRow, StageRow } from './rows.ts';

/** Rows of publishes and their stages: the same object for the same thing, for VS Code finds rows by it. */
export class OngoingRows {
  readonly #rows = new WeakMap<OngoingPublish, OngoingRow>();
  readonly #stages = new WeakMap<OngoingRow, Map<`${Stage} ${StageState}`, StageRow>>();

  rowOf(publish: OngoingPublish): OngoingRow {
    const row = this.#rows.get(publish) ?? { kind: 'ongoing', publish };
    this.#rows.set(publish, row);
    return row;
  }

  stagesOf(parent: OngoingRow): StageRow[] {
    const known = this.#stages.get(parent) ?? new Map<`${Stage} ${StageState}`, StageRow>();
    this.#stages.set(parent, known);
    return STAGES.map((stage) => {
      const state = parent.publish.activity.stages[stage];
      const row = known.get(`${stage} ${state}`) ?? { kind: 'stage', parent, stage, state };
      known.set(`${stage} ${state}`, row);
      return row;
    });
  }

  childrenOf(row: PublishesRow): PublishesRow[] {
    switch (row.kind) {
      case 'ongoing':
        return this.stagesOf(row);
      case 'stage':
        return row.parent.publish.activity.files
          .filter(({ doing }) => doing === row.stage)
          .map((file) => ({ kind: 'fileInFlight', parent: row.parent, file }));
      case 'fileInFlight':
      case 'build':
      case 'interrupted':
      case 'record':
      case 'older':
        return [];
    }
  }
}

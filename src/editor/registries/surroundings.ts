import type { Publishing } from '../workspace.ts';
import type { Row, VersionRow } from '../rows.ts';
import type { VersionDetails } from './versionDetails.ts';

/** What rows look like besides their own data. */
export interface Surroundings {
  readonly now: Date;
  /** Language tag for times and sizes. */
  readonly locale: string;
  /** Whether organizations say which account they belong to. */
  readonly showAccounts: boolean;
  /** Whether models can be published from this window. */
  readonly publishing: Publishing;
  readonly detailsOf: (row: VersionRow) => VersionDetails;
  /** Whether the row shows its children until a person folds it. */
  readonly startsUnfolded: (row: Row) => boolean;
}

import type { Publishing } from '../workspace.ts';
import type { OrganizationRow, VersionRow } from '../rows.ts';
import type { VersionDetails } from './versionDetails.ts';

/** What rows look like besides their own data. */
export interface Surroundings {
  readonly now: Date;
  /** Language tag for times and sizes. */
  readonly locale: string;
  /** Where the web site is; rows offer no other place to open. undefined offers nothing. */
  readonly webUrl: URL | undefined;
  /** Whether organizations say which account they belong to. */
  readonly showAccounts: boolean;
  /** Host of the server that lists everything above a version's files; undefined where the setting holds no address. */
  readonly apiHost: string | undefined;
  /** Whether models can be published from this window. */
  readonly publishing: Publishing;
  readonly detailsOf: (row: VersionRow) => VersionDetails;
  /** Whether the row shows its children until a person folds it. */
  readonly startsUnfolded: (row: OrganizationRow) => boolean;
}

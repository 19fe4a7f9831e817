import * as z from 'zod/mini';

/** The parts of a page that are loaded by themselves. */
export const PART_NAMES = ['weights', 'readme', 'files', 'versions'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** What a person can copy besides a file's digest. */
const COPIED = ['model', 'commit', 'gitCommit', 'endpoint', 'install'] as const;
export type Copied = (typeof COPIED)[number];

const ACTIONS = ['showCommands', 'copyForTeammate', 'download', 'compare'] as const;
export type PageAction = (typeof ACTIONS)[number];

/** Whatever a registry calls a commit; a test holds it to the longest name that one may have. */
const commit = z.string().check(z.minLength(1), z.maxLength(256));
const path = z.string().check(z.minLength(1), z.maxLength(4096));

/** What the script tells the host. It names what the host knows, and never says what to copy or where a file is. */
export const messageFromPage = z.discriminatedUnion('kind', [
  /** The script runs and wants everything; sent again whenever the page is made anew. */
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('retry'), part: z.enum(PART_NAMES) }),
  /** Reads the headers of weights that were not read, or could not be. */
  z.strictObject({ kind: z.literal('readWeights'), entry: path }),
  z.strictObject({ kind: z.literal('chooseVersion'), commit }),
  z.strictObject({ kind: z.literal('moreVersions') }),
  z.strictObject({ kind: z.literal('openFile'), path }),
  /** Of a link in the README; the host looks where it leads. */
  z.strictObject({ kind: z.literal('openLink'), url: z.string().check(z.maxLength(4096)) }),
  z.strictObject({ kind: z.literal('showImage'), path }),
  z.strictObject({ kind: z.literal('copy'), what: z.enum(COPIED) }),
  z.strictObject({ kind: z.literal('copyDigest'), path }),
  z.strictObject({ kind: z.literal('act'), action: z.enum(ACTIONS) }),
  z.strictObject({ kind: z.literal('signIn') }),
]);

export type MessageFromPage = z.infer<typeof messageFromPage>;

export type MessageToPage =
  /** What is known at once; replaces what was shown before. */
  | { readonly kind: 'page'; readonly page: PageHead }
  | ({ readonly kind: 'part' } & PartContent)
  /** `source` is a data: URI; absent where the image cannot be shown. */
  | { readonly kind: 'image'; readonly path: string; readonly source: string | undefined }
  /** To be announced. */
  | { readonly kind: 'notice'; readonly sentence: string };

/** Every text is localised already. Nothing here is secret. */
export interface PageHead {
  readonly heading: string;
  /** Why nothing more can be loaded until somebody signs in. */
  readonly signedOut: { readonly sentence: string; readonly signIn: string } | undefined;
  /** What is known at a glance; more comes with each part that is loaded. */
  readonly chips: readonly PageChip[];
  /** First line of the version's commit message. */
  readonly subject: string | undefined;
  readonly standing: PageStanding | undefined;
  readonly changes: PageChanges | undefined;
  readonly facts: readonly PageFact[];
  readonly actions: readonly { readonly action: PageAction; readonly label: string; readonly icon: string }[];
  readonly install: PageInstall | undefined;
  readonly titles: Readonly<Record<PartName, string>>;
  readonly texts: PageTexts;
  /** For VS Code to keep until the window is loaded again. */
  readonly saved: unknown;
}

export interface PageChip {
  readonly name: string;
  readonly value: string;
}

/** Whether the version that is shown is the newest. */
export type PageStanding =
  | { readonly kind: 'newest'; readonly text: string }
  | {
      readonly kind: 'older';
      readonly text: string;
      readonly newest: { readonly commit: string; readonly label: string };
    };

/** What changed since the version before. */
export interface PageChanges {
  readonly sentence: string;
  /** The button that compares the two; undefined where there is nothing to compare. */
  readonly compare: string | undefined;
}

/** Words that the page itself puts together. */
interface PageTexts {
  /** What the list of chips is called, for those who hear it. */
  readonly chips: string;
  readonly copy: string;
  /** `{0}` is the path. */
  readonly copyDigest: string;
  /** `{0}` is the alternative text, `{1}` the host. */
  readonly remoteImage: string;
  readonly imageNotShown: string;
  readonly file: string;
  readonly size: string;
  readonly digest: string;
  readonly tensor: string;
  readonly dtype: string;
  readonly shape: string;
  readonly parameters: string;
  readonly version: string;
  readonly message: string;
  readonly published: string;
  readonly shownVersion: string;
  /** `{0}` is a version. */
  readonly showVersion: string;
}

export interface PageFact {
  readonly label: string;
  readonly value: string;
  readonly copy?: { readonly what: Copied; readonly label: string };
}

export interface PageInstall {
  readonly title: string;
  /** undefined where there is none, for the reason that stands in its place. */
  readonly command: string | undefined;
  readonly problem: string | undefined;
  readonly copyLabel: string;
}

export type PartContent =
  | { readonly name: 'weights'; readonly state: ShownState<WeightsContent> }
  | { readonly name: 'readme'; readonly state: ShownState<ReadmeContent> }
  | { readonly name: 'files'; readonly state: ShownState<FilesContent> }
  | { readonly name: 'versions'; readonly state: ShownState<VersionsContent> };

export type ShownState<T> =
  | { readonly status: 'loading'; readonly sentence: string }
  | { readonly status: 'failed'; readonly sentence: string; readonly retry: string }
  /** There is nothing to show, and that is no failure. */
  | { readonly status: 'none'; readonly sentence: string }
  | { readonly status: 'ready'; readonly content: T };

export interface ReadmeContent {
  /** Markdown, without the front matter. */
  readonly text: string;
  /** Folder of the README in the version, empty for the root; relative links start there. */
  readonly folder: string;
  readonly metadata: readonly { readonly label: string; readonly value: string }[];
  readonly metadataTitle: string;
  /** That not all of it is shown. */
  readonly cut: string | undefined;
}

export interface WeightsContent {
  readonly sets: readonly {
    readonly entry: string;
    /** Format, number of files and size. */
    readonly detail: string;
    readonly state: ShownState<SummaryContent> | { readonly status: 'idle'; readonly action: string };
  }[];
}

export interface SummaryContent {
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** `share` is a part of 1. */
  readonly dtypes: readonly { readonly dtype: string; readonly parameters: string; readonly share: number }[];
  readonly tensorsTitle: string;
  readonly tensors: readonly { readonly name: string; readonly dtype: string; readonly shape: string }[];
  readonly tensorsLeft: string | undefined;
}

export interface FilesContent {
  /** Number and size of all. */
  readonly sentence: string;
  readonly files: readonly {
    readonly path: string;
    readonly size: string;
    readonly lfs: boolean;
    /** SHA-256 of an LFS file. */
    readonly sha256: string | undefined;
  }[];
  readonly left: string | undefined;
}

export interface VersionsContent {
  readonly versions: readonly {
    readonly commit: string | undefined;
    /** Short SHA, or the server's id. */
    readonly name: string;
    /** The commit that it was published from, as people name it; undefined where it is not known. */
    readonly git: string | undefined;
    /** First line of its commit message, empty where it is not known. */
    readonly subject: string;
    readonly published: string;
    readonly shown: boolean;
  }[];
  readonly more: ShownState<never> | { readonly status: 'idle'; readonly action: string } | undefined;
}

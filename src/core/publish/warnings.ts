import { posix } from 'node:path';
import type { PlanLimit } from '../hosts/host.ts';
import { isCardFile, isWeightsFile } from '../localModels/fileNames.ts';
import type { Snapshot, SnapshotFile } from '../snapshot/snapshot.ts';
import type { CodeFormat } from '../weights/codeFormats.ts';
import type { FileLook } from './fileLooks.ts';
import { SERVER_EDITED } from './compare.ts';
import type { PublishPlan } from './publishing.ts';
import { isSecretFile } from './secretNames.ts';

/** Something that a person should know before they publish. Paths are relative to the published folder. */
export type PublishWarning =
  /** No file of the registry's head stays as it is: the model may be another one. */
  | { readonly kind: 'nothingKept'; readonly model: string }
  /** Changes of the work tree that the commit lacks. */
  | { readonly kind: 'uncommitted'; readonly paths: readonly string[] }
  /** Whether the work tree has such changes could not be found out; `reason` is a sentence that says why. */
  | { readonly kind: 'notCompared'; readonly reason: string }
  /** Commits that the branch's upstream lacks. */
  | { readonly kind: 'unpushed'; readonly commits: number }
  | { readonly kind: 'noCard' }
  /** The card has no front matter, or none that can be read. */
  | { readonly kind: 'noFrontMatter'; readonly paths: readonly string[] }
  /** Files that are likely to hold secrets, by their names or by what stands in them. */
  | { readonly kind: 'secret'; readonly paths: readonly string[] }
  /**
   * Texts that are too long to be read whole, and files that cannot be read: whether they hold secrets is not known.
   */
  | { readonly kind: 'unseen'; readonly paths: readonly string[] }
  /** Pickles, and archives of them: loading them runs what they name. `safe`: safetensors lie beside each of them. */
  | { readonly kind: 'pickle'; readonly paths: readonly string[]; readonly safe: boolean }
  /** Other formats that can run code when they are loaded, such as Keras. */
  | { readonly kind: 'code'; readonly paths: readonly string[] }
  /** Python, or what names it, that runs where remote code is trusted. */
  | { readonly kind: 'python'; readonly paths: readonly string[] }
  /** Programs, scripts and shared libraries. */
  | { readonly kind: 'program'; readonly paths: readonly string[] }
  /** Weights that are text, and files that are encrypted or hold a pointer to a content elsewhere. */
  | { readonly kind: 'standIn'; readonly paths: readonly string[] }
  /** Large files that are in Git itself. */
  | { readonly kind: 'notInLfs'; readonly paths: readonly string[] }
  /** The registry does not take the objects of the plan: by Git LFS, or at all; `reason` is a sentence that says why. */
  | { readonly kind: 'notTaken'; readonly reason: string }
  /** More than the smallest plan of the service, which is named so, takes in a month. */
  | { readonly kind: 'overPlan'; readonly bytes: number; readonly plan: string };

/** From this size on, in bytes, weights belong into Git LFS; and everything else from the second one on. */
const WEIGHTS_BYTES = 100_000;
const LARGE_BYTES = 10 * 1024 * 1024;

const SAFE = /\.(?:safetensors|gguf)$/i;

/** What a format is warned of as. */
const CODE_WARNINGS: Readonly<Record<CodeFormat, 'pickle' | 'code' | 'python' | 'program'>> = {
  pickle: 'pickle',
  torchScript: 'pickle',
  nemo: 'pickle',
  torchArchive: 'pickle',
  keras: 'code',
  savedModel: 'code',
  tensorRt: 'code',
  pythonYaml: 'code',
  rData: 'code',
  python: 'python',
  pythonReference: 'python',
  sharedLibrary: 'program',
  program: 'program',
};

/** What warnings are made of. */
export interface WarningFacts {
  readonly snapshot: Pick<Snapshot, 'files' | 'uncommitted' | 'notCompared' | 'origin'>;
  /** The files that the registry would get. What is there already is not warned of again. */
  readonly changed: readonly SnapshotFile[];
  /** Bytes that travel at most. */
  readonly bytes: number;
  readonly smallestPlan: PlanLimit | undefined;
  /** Whether the model card says something to machines; undefined where there is none, or it was not read. */
  readonly described: boolean | undefined;
  /** What was seen of the changed files, in their order. */
  readonly looks: readonly FileLook[];
  /** Commits that the upstream lacks; undefined where there is no upstream, or it is not known. */
  readonly ahead: number | undefined;
  /** Why the registry would not take the objects, as a sentence, where it was asked and says so. */
  readonly notTaken?: string | undefined;
  /** The model, where nothing of its head is kept: {@link replacedModel}. */
  readonly replaced?: string | undefined;
}

/**
 * The model of a plan whose head keeps no file as it is; undefined where one is kept. Of a head with a single file, that
 * it changes says nothing; and attributes are alike in many models.
 */
export function replacedModel({
  unchanged,
  remote,
  target,
}: Pick<PublishPlan, 'unchanged' | 'remote' | 'target'>): string | undefined {
  const isOwn = (path: string): boolean => path !== SERVER_EDITED;
  const files = [...remote.keys()].filter(isOwn).length;
  return files > 1 && !unchanged.some(({ path }) => isOwn(path)) ? target.model : undefined;
}

/** What a person should know before they publish, the gravest first. */
export function warningsOf(facts: WarningFacts): readonly PublishWarning[] {
  return [
    ...ofSecrets(facts),
    ...ofHead(facts),
    ...ofRefusal(facts),
    ...ofStandIns(facts),
    ...ofGit(facts),
    ...ofCode(facts),
    ...ofSizes(facts),
    ...ofCard(facts),
    ...ofPlan(facts),
  ];
}

function* ofSecrets({ looks }: WarningFacts): Iterable<PublishWarning> {
  const secret = looks.filter(({ path, holdsSecret }) => holdsSecret || isSecretFile(path));
  if (secret.length > 0) yield { kind: 'secret', paths: pathsOf(secret) };
  // Nobody looks for secrets in weights.
  const unseen = looks.filter(
    (look) => look.seen !== 'all' && !secret.includes(look) && !look.code && !isWeightsFile(look.path),
  );
  if (unseen.length > 0) yield { kind: 'unseen', paths: pathsOf(unseen) };
}

function* ofHead({ replaced }: WarningFacts): Iterable<PublishWarning> {
  if (replaced !== undefined) yield { kind: 'nothingKept', model: replaced };
}

function* ofRefusal({ notTaken }: WarningFacts): Iterable<PublishWarning> {
  if (notTaken !== undefined) yield { kind: 'notTaken', reason: notTaken };
}

function* ofStandIns({ looks }: WarningFacts): Iterable<PublishWarning> {
  const paths = pathsOf(looks.filter(({ standIn }) => standIn !== undefined));
  if (paths.length > 0) yield { kind: 'standIn', paths };
}

function* ofGit({ snapshot, ahead }: WarningFacts): Iterable<PublishWarning> {
  // What was merely touched is most likely the same.
  const paths = snapshot.uncommitted.filter(({ kind }) => kind !== 'touched').map(({ path }) => path);
  if (paths.length > 0) yield { kind: 'uncommitted', paths };
  if (snapshot.notCompared !== undefined) {
    yield { kind: 'notCompared', reason: snapshot.notCompared.message };
  }
  if (ahead !== undefined && ahead > 0) yield { kind: 'unpushed', commits: ahead };
}

function* ofCode({ snapshot, looks }: WarningFacts): Iterable<PublishWarning> {
  const safeFolders = new Set(
    snapshot.files.filter(({ path }) => SAFE.test(path)).map(({ path }) => posix.dirname(path)),
  );
  for (const kind of ['pickle', 'code', 'program', 'python'] as const) {
    const paths = pathsOf(looks.filter(({ code }) => code !== undefined && CODE_WARNINGS[code] === kind));
    if (paths.length === 0) continue;
    if (kind === 'pickle')
      yield { kind, paths, safe: paths.every((path) => safeFolders.has(posix.dirname(path))) };
    else yield { kind, paths };
  }
}

function* ofSizes({ snapshot, changed }: WarningFacts): Iterable<PublishWarning> {
  // What was downloaded, or comes from another hub, is as it is there.
  const isForeign = ['download', 'hub'].includes(snapshot.origin.kind);
  const inGit = isForeign ? [] : changed.filter(({ kind }) => kind === 'blob');
  const large = inGit.filter(
    ({ path, size }) => size >= LARGE_BYTES || (size >= WEIGHTS_BYTES && isWeightsFile(path)),
  );
  if (large.length > 0) yield { kind: 'notInLfs', paths: large.map(({ path }) => path) };
}

function* ofCard({ snapshot, described }: WarningFacts): Iterable<PublishWarning> {
  const found = cardOf(snapshot);
  if (found === undefined) yield { kind: 'noCard' };
  else if (described === false) {
    yield { kind: 'noFrontMatter', paths: [found.path] };
  }
}

function* ofPlan({ bytes, smallestPlan }: WarningFacts): Iterable<PublishWarning> {
  if (smallestPlan && bytes > smallestPlan.bytes) yield { kind: 'overPlan', bytes, plan: smallestPlan.name };
}

/** The model card: `README.md` at the top. */
export function cardOf({ files }: Pick<Snapshot, 'files'>): SnapshotFile | undefined {
  return files.find(({ path }) => path === 'README.md') ?? files.find(({ path }) => isCardFile(path));
}

/** Whether a warning should make a person hesitate; the others only tell. */
export function isGrave({ kind }: PublishWarning): boolean {
  return GRAVE.has(kind);
}

const GRAVE: ReadonlySet<PublishWarning['kind']> = new Set([
  ...([
    'secret',
    'nothingKept',
    'notTaken',
    'standIn',
    'uncommitted',
    'notCompared',
    'pickle',
    'code',
    'program',
    'notInLfs',
  ] as const),
]);

function pathsOf(looks: readonly FileLook[]): readonly string[] {
  return looks.map(({ path }) => path);
}

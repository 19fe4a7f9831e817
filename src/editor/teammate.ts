import { Failure } from '../core/failure.ts';
import { listCommits } from '../core/hub/commitList.ts';
import { connectionTo } from '../core/hub/connection.ts';
import type { Registry } from '../core/hosts/host.ts';
import { teammateText } from '../core/instructions/teammate.ts';
import type { CommitName } from '../core/objectIds.ts';
import type { Session } from './accounts/sessions.ts';
import { endpointText } from './endpointText.ts';
import { lookAtFiles } from './lookAtFiles.ts';
import type { Services } from './services.ts';
import { registryName, sizeText } from './wording.ts';

/** What a colleague is to get: a version, or the newest where the commit is undefined. */
export interface Shared {
  readonly session: Session;
  readonly registry: Registry;
  /** `namespace/name`. */
  readonly model: string;
  readonly commit: CommitName | undefined;
  /** Its page on the web site of its service. */
  readonly page?: URL | undefined;
}

/** Milliseconds for what is nice to know. */
const LONGEST_LOOK_MS = 10_000;

type TeammateServices = Pick<Services, 'http' | 'log' | 'prompts'>;

/** Copies the texts, one after the other, and gives whether there was any; says why where there is none for one. */
export async function copyForTeammate(
  services: TeammateServices,
  shared: readonly Shared[],
): Promise<boolean> {
  const made = await Promise.all(shared.map((one) => textFor(services, one)));
  const texts = made.flatMap((one) => (one.kind === 'written' ? [one.text] : []));
  if (texts.length > 0) await services.prompts.copy(texts.join('\n'));
  const unwritten = made.find((one) => one.kind === 'unwritable');
  if (unwritten) {
    await services.prompts.notify({
      id: 'teammate.unwritten',
      severity: 'warning',
      message: unwritten.sentence,
    });
  }
  return texts.length > 0;
}

async function textFor(services: TeammateServices, { session, registry, model, commit, page }: Shared) {
  const target = session.host.hub(registry);
  const hub = connectionTo(target, model, services.http);
  const revision = commit ?? target.revision;
  const signal = AbortSignal.timeout(LONGEST_LOOK_MS);
  const [files, commits] = await Promise.all([
    known(services, lookAtFiles(hub, revision, signal)),
    known(services, listCommits(hub, revision, signal)),
  ]);
  const [newest] = commits ?? [];
  return teammateText({
    endpoint: endpointText(target.endpoint),
    traits: target.traits,
    registry: `${session.service.name}, ${registryName(registry)}`,
    model,
    commit,
    message: commit === undefined || newest?.id === commit ? newest?.message : undefined,
    size: files?.bytes === undefined ? undefined : sizeText(files.bytes),
    page,
    uses: files?.uses ?? [],
    wayToToken: session.service.words.wayToReadToken,
  });
}

/** What is nice to know, and no reason to copy nothing where it cannot be had. */
async function known<T>({ log }: TeammateServices, looked: Promise<T>): Promise<T | undefined> {
  try {
    return await looked;
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === 'TimeoutError';
    if (!(error instanceof Failure) && !isTimeout) throw error;
    log.warn(`text for a teammate: ${error.message}`);
    return undefined;
  }
}

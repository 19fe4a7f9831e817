import * as l10n from '@vscode/l10n';
import { shortName } from '../../core/objectIds.ts';
import { bytes } from '../texts.ts';
import type { FileEvent, PlanEvent } from './events.ts';

/** "acme/gpt2 at 1a2b3c4 from https://… → /home/ada/gpt2". */
export function planHeading({ model, commit, hub, path }: PlanEvent): string {
  return l10n.t('{0} at {1} from {2} → {3}', model, shortName(commit), hub, path);
}

const marks: Record<FileEvent['state'], string> = { missing: '+', differing: '~' };

/** "+ model.safetensors (98 MB)". */
export function fileLine({ state, path, size }: FileEvent): string {
  return `${marks[state]} ${path} (${bytes(size)})`;
}

import type { BuildTarget } from '../../core/hosts/service.ts';
import type { InstructionTarget } from '../../core/instructions/snippets.ts';
import { endpointText } from '../endpointText.ts';
import type { PanelContent } from './content.ts';
import { namedModel } from './hubModel.ts';
import type { FieldId } from './messages.ts';

/** What the snippets of a tab are about. */
export function targetOf({ subject, inputs }: PanelContent): InstructionTarget {
  const typed = (id: FieldId) => orNothing(inputs[id]);
  const name = (id: FieldId) => orNothing(inputs[id].trim());
  const source = namedModel(inputs.source);
  return {
    endpoint: endpointText(subject.endpoint),
    traits: subject.traits,
    model: name('model'),
    revision: name('revision'),
    localFolder: typed('folder'),
    branch: name('branch'),
    message: typed('message'),
    installFolder: typed('into'),
    source: source.kind === 'model' ? source.source : undefined,
  };
}

/** What the snippets for a pipeline are about. */
export function buildTargetOf(content: PanelContent): BuildTarget {
  const { inputs, subject } = content;
  return {
    ...targetOf(content),
    organization: subject.registry.organization,
    registry: subject.registry.slug,
    pipeline: orNothing(inputs.pipeline.trim()),
    buildBranch: orNothing(inputs.buildBranch.trim()),
  };
}

function orNothing(value: string): string | undefined {
  return value === '' ? undefined : value;
}

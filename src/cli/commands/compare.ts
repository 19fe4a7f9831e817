import * as l10n from '@vscode/l10n';
import { isWeightsPath } from '../../core/weights/weightSets.ts';
import type { Side } from '../browse/compare.ts';
import type { CliCommand } from '../command.ts';
import { WrongUse } from '../exitCodes.ts';
import { addExamples, hubAddressOption, modelVersionAt, verboseOption } from '../options.ts';

interface CompareOptions {
  readonly hub?: URL;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** A side as it is written: the other one may tell the model of a revision. */
type WrittenSide = Side | { readonly kind: 'revision'; readonly revision: string };

const HUB = '--hub https://packages.buildkite.com/acme/models/huggingface';

/** Tells which files differ between two versions, or a version and HEAD. What it does is in `browse/compare.ts`. */
export const compare: CliCommand = {
  name: 'compare',
  declare(command, decide) {
    command
      .description(
        l10n.t(
          'Tells which files and tensors came, went or changed between two versions, between a version and HEAD of a folder, or between two files of weights.',
        ),
      )
      .argument(
        '<before>',
        l10n.t('namespace/name[@revision], a folder (./ or absolute), or a .safetensors or .gguf file'),
      )
      .argument('<after>', l10n.t('the same, or @revision of the same model'))
      .addOption(hubAddressOption())
      .option('--json', l10n.t('write one JSON object a line'))
      .addOption(verboseOption())
      .action((one: string, other: string, { hub, json = false, verbose = false }: CompareOptions) => {
        if (isWeightsPath(one) && isWeightsPath(other)) {
          decide(async (context) => {
            const { carryOutCompareFiles } = await import('../browse/compareFiles.ts');
            return carryOutCompareFiles({ before: one, after: other, json, verbose }, context);
          });
          return;
        }
        if (hub === undefined) throw new WrongUse(l10n.t('Give the address of the hub with --hub.'));
        const [before, after] = [sideAt(hub, one), sideAt(hub, other)];
        const sides = { before: whole(before, after), after: whole(after, before) };
        if (sides.before.kind === 'folder' && sides.after.kind === 'folder') {
          throw new WrongUse(l10n.t('One of both has to be a version of a model. Git compares two folders.'));
        }
        decide(async (context) => {
          const { carryOutCompare } = await import('../browse/compare.ts');
          return carryOutCompare({ hub, ...sides, json, verbose }, context);
        });
      });
    addExamples(command, [
      `compare acme/gpt2@v1.0 @main ${HUB}`,
      `compare acme/gpt2 . ${HUB}`,
      `compare acme/gpt2@v1.0 ./gpt2 ${HUB} --json`,
      'compare old/model.safetensors new/model.safetensors',
    ]);
  },
};

/** A folder is written so that it cannot be the name of a model; so is a file, but for models that no `@` follows. */
function sideAt(hub: URL, text: string): WrittenSide {
  if (isWeightsPath(text)) {
    throw new WrongUse(
      l10n.t('“{0}” is a file of weights, which is compared with another one: both have to be files.', text),
    );
  }
  if (/^(?:\.{1,2}$|\.{0,2}[/\\]|[A-Za-z]:[/\\])/.test(text)) return { kind: 'folder', path: text };
  if (text.startsWith('@')) return { kind: 'revision', revision: revision(text.slice(1)) };
  return { kind: 'version', ...modelVersionAt(hub, text) };
}

function revision(text: string): string {
  if (/^[^\s\p{C}]+$/u.test(text)) return text;
  throw new WrongUse(l10n.t('After “@” comes a branch, a tag or a commit, such as @main.'));
}

function whole(written: WrittenSide, other: WrittenSide): Side {
  if (written.kind !== 'revision') return written;
  if (other.kind === 'version') return { kind: 'version', model: other.model, revision: written.revision };
  throw new WrongUse(
    l10n.t('“@{0}” is a revision of the model that is named beside it, and none is.', written.revision),
  );
}

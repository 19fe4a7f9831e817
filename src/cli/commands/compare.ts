import * as l10n from '@vscode/l10n';
import type { Side } from '../browse/compare.ts';
import type { CliCommand } from '../command.ts';
import { WrongUse } from '../exitCodes.ts';
import { addExamples, hubOption, modelVersionAt, verboseOption } from '../options.ts';

interface CompareOptions {
  readonly hub: URL;
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
          'Tells which files came, went or changed between two versions, or between a version and HEAD of a folder.',
        ),
      )
      .argument('<before>', l10n.t('namespace/name[@revision], or a folder: ./ or absolute'))
      .argument('<after>', l10n.t('the same, or @revision of the same model'))
      .addOption(hubOption())
      .option('--json', l10n.t('write one JSON object a line'))
      .addOption(verboseOption())
      .action((one: string, other: string, options: CompareOptions) => {
        const { hub, json = false, verbose = false } = options;
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
    ]);
  },
};

/** A folder is written so that it cannot be the name of a model. */
function sideAt(hub: URL, text: string): WrittenSide {
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

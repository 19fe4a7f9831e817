import * as vscode from 'vscode';
import type { PolicyCompletion, PolicyProblem } from '../../core/hosts/policies.ts';
import type { Log } from '../../core/log.ts';
import { type PolicyAddress, policyAddressOf, POLICY_LANGUAGE, POLICY_SCHEME } from './policyAddress.ts';
import type { PolicyFiles } from './policyFiles.ts';

/** Milliseconds without typing after which a policy is looked at. */
const TYPING_PAUSE_MS = 200;

/** Completion and diagnostics for policies that are edited, in the language of their service. */
export function registerPolicyLanguage(files: Pick<PolicyFiles, 'languageOf'>, log: Log): vscode.Disposable {
  const diagnostics = vscode.languages.createDiagnosticCollection('modelRegistries.oidcPolicy');
  const pauses = new Map<string, NodeJS.Timeout>();

  const look = async (document: vscode.TextDocument, address: PolicyAddress) => {
    const { version } = document;
    const language = await files.languageOf(address);
    if (document.version !== version || document.isClosed) return;
    const problems = language.problems(document.getText());
    diagnostics.set(
      document.uri,
      problems.map((problem) => diagnosticOf(document, problem, language.documentation)),
    );
  };
  const lookSoon = (document: vscode.TextDocument, ms: number) => {
    const address = editedAddressOf(document);
    if (!address) return;
    const key = document.uri.toString();
    clearTimeout(pauses.get(key));
    const pause = setTimeout(() => {
      pauses.delete(key);
      look(document, address).catch((error: unknown) => log.warn(`OIDC policy: ${String(error)}`));
    }, ms);
    pauses.set(key, pause);
  };
  const meet = (document: vscode.TextDocument) => {
    lookSoon(document, 0);
    if (document.uri.scheme !== POLICY_SCHEME || document.languageId === POLICY_LANGUAGE) return;
    // No pattern of the manifest means a scheme. The document is closed and opened again.
    vscode.languages
      .setTextDocumentLanguage(document, POLICY_LANGUAGE)
      .then(undefined, (error: unknown) => log.warn(`OIDC policy: ${String(error)}`));
  };
  for (const document of vscode.workspace.textDocuments) meet(document);

  return vscode.Disposable.from(
    diagnostics,
    vscode.workspace.onDidOpenTextDocument(meet),
    vscode.workspace.onDidChangeTextDocument(({ document }) => lookSoon(document, TYPING_PAUSE_MS)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => diagnostics.delete(uri)),
    vscode.languages.registerCompletionItemProvider(
      { scheme: POLICY_SCHEME },
      {
        async provideCompletionItems(document, position) {
          const address = editedAddressOf(document);
          if (!address) return [];
          const language = await files.languageOf(address);
          const offers = language.completions(document.getText(), document.offsetAt(position));
          return offers.map((offer, index) => completionOf(document, offer, index));
        },
      },
      ...[' ', '-', ':'],
    ),
    new vscode.Disposable(() => {
      for (const pause of pauses.values()) clearTimeout(pause);
    }),
  );
}

function editedAddressOf({ uri }: vscode.TextDocument): PolicyAddress | undefined {
  const address = policyAddressOf(uri);
  return address?.side === 'edited' ? address : undefined;
}

function diagnosticOf(
  document: vscode.TextDocument,
  { severity, message, start, end }: PolicyProblem,
  documentation: URL,
): vscode.Diagnostic {
  const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
  const level = severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(range, message, level);
  diagnostic.source = vscode.l10n.t('OIDC policy');
  diagnostic.code = {
    value: vscode.l10n.t('Documentation'),
    target: vscode.Uri.parse(documentation.href, true),
  };
  return diagnostic;
}

const KINDS: Readonly<Record<PolicyCompletion['kind'], vscode.CompletionItemKind>> = {
  statement: vscode.CompletionItemKind.Snippet,
  key: vscode.CompletionItemKind.Property,
  value: vscode.CompletionItemKind.Value,
};

function completionOf(
  document: vscode.TextDocument,
  { kind, label, insert, detail, start, end }: PolicyCompletion,
  index: number,
): vscode.CompletionItem {
  const item = new vscode.CompletionItem(label, KINDS[kind]);
  item.insertText = insert;
  item.range = new vscode.Range(document.positionAt(start), document.positionAt(end));
  if (detail !== undefined) item.detail = detail;
  // In the order in which the service lists them.
  item.sortText = String(index).padStart(3, '0');
  return item;
}

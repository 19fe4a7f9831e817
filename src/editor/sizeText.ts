import prettyBytes from 'pretty-bytes';
import * as vscode from 'vscode';

/** "12.3 MB", in the editor's language; powers of ten, as Hugging Face and Buildkite show sizes. */
export function sizeText(bytes: number): string {
  return prettyBytes(bytes, { locale: vscode.env.language });
}

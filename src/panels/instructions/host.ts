import type { MessageFromPanel } from '../../editor/instructions/messages.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: MessageFromPanel): void;
  setState(state: unknown): void;
};

/** The extension's side of the panel, which a page may take hold of once. */
export const host = acquireVsCodeApi();

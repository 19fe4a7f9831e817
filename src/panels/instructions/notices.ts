import type { NoticeSubject } from '../../editor/instructions/messages.ts';
import { element, icon } from '../elements.ts';

/** Where it is shown how something went, empty until then: beside the button that was pressed. */
export function noticePlace(about: NoticeSubject): HTMLElement {
  return element('p', { class: 'notice', 'data-about': nameOf(about), hidden: '' });
}

export function showNotice(about: NoticeSubject, outcome: 'done' | 'failed', sentence: string): void {
  const place = document.querySelector(`[data-about="${CSS.escape(nameOf(about))}"]`);
  // The button may be gone by now: what is said is heard all the same.
  if (!place) return;
  place.replaceChildren(icon(outcome === 'done' ? 'pass' : 'error'), element('span', {}, sentence));
  place.className = `notice ${outcome}`;
  place.removeAttribute('hidden');
}

function nameOf(about: NoticeSubject): string {
  return about.kind === 'snippet' ? `snippet ${about.id}` : about.kind;
}

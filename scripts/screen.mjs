/**
 * What a person reads while jobs run: lines that stay, and below them, where standard output is a terminal, one that changes.
 * @returns {Promise<{ say(text: string): void, show(line: string): void }>}
 */
export async function openScreen() {
  if (!process.stdout.isTTY) return { say: (text) => console.log(text), show: () => undefined };
  const { default: logUpdate } = await import('log-update');
  let shown = '';
  return {
    say(text) {
      logUpdate.clear();
      console.log(text);
      logUpdate(shown);
    },
    show(line) {
      shown = line;
      logUpdate(line);
    },
  };
}

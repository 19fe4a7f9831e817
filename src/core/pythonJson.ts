/** What begins or ends a text, what in one does neither, and a number that only Python writes. */
const MARKS = /\\[^]|"|-?\b(?:NaN|Infinity)\b/g;

/**
 * JSON as Python writes it, with numbers such as `Infinity`, which configurations of Mamba's kin have
 * (https://docs.python.org/3/library/json.html#infinite-and-nan-number-values). They are null here: nobody asks for them.
 *
 * @throws SyntaxError where it is none.
 */
export function parsePythonJson(text: string): unknown {
  const json = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(json);
  } catch (error) {
    if (!/\b(?:NaN|Infinity)\b/.test(json)) throw error;
    let isInText = false;
    const strict = json.replace(MARKS, (mark) => {
      if (mark === '"') isInText = !isInText;
      return isInText || mark === '"' || mark.startsWith('\\') ? mark : 'null';
    });
    return JSON.parse(strict);
  }
}

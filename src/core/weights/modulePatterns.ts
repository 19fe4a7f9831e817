/** Whether a name is meant. */
export type NamePattern = (name: string) => boolean;

/**
 * What `modules_to_not_convert` of a configuration names: a part of the names of tensors, or with `*` in it the whole
 * of them (https://huggingface.co/docs/transformers/main_classes/quantization).
 */
export function excludedName(pattern: string): NamePattern {
  return pattern.includes('*') ? glob(pattern) : (name) => name.includes(pattern);
}

/**
 * A target of compressed-tensors: the name of a module, or after `re:` an expression of Python's that has to match from
 * its beginning (https://github.com/vllm-project/compressed-tensors, `match_name`). An expression is a stranger's, and
 * may take without end: of its language only `^`, `$`, `.*` and `\.` are known, and any other matches nothing. So do
 * classes of modules, which the names of tensors do not tell.
 */
export function moduleTarget(target: string): NamePattern {
  if (!target.startsWith('re:')) return (name) => name === target;
  const expression = target.slice('re:'.length).replace(/^\^/, '');
  const whole = expression.endsWith('$') ? expression.slice(0, -1) : `${expression}.*`;
  const pattern = whole.replaceAll('.*', '*').replaceAll('\\.', '.');
  return /[\\+?()[\]{}|^$]/.test(pattern) ? () => false : glob(pattern);
}

/** `*` stands for any characters. */
function glob(pattern: string): NamePattern {
  const [first = '', ...parts] = pattern.split(/\*+/);
  const last = parts.pop();
  if (last === undefined) return (name) => name === pattern;
  return (name) => {
    const end = name.length - last.length;
    let at = first.length;
    if (at > end || !name.startsWith(first) || !name.endsWith(last)) return false;
    for (const part of parts) {
      const found = name.indexOf(part, at);
      if (found === -1 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

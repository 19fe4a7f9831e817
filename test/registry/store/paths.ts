/**
 * Why a path cannot be in a repository; undefined when it can. Paths are relative, with `/` between their segments.
 */
export function pathProblem(file: string): string | undefined {
  if (file === '') return 'a path is empty';
  if (file.includes('\0')) return `the path ${JSON.stringify(file)} holds a NUL character`;
  if (Buffer.byteLength(file) > 4096) return `the path ${file.slice(0, 60)}… is longer than 4096 bytes`;
  for (const segment of file.split('/')) {
    if (segment === '') return `the path ${file} starts or ends with a slash or has two in a row`;
    if (segment === '.' || segment === '..') return `the path ${file} has a segment ${segment}`;
    if (segment.toLowerCase() === '.git') return `the path ${file} has a segment .git`;
  }
  return undefined;
}

/** Why `namespace/name` cannot name a model; undefined when it can. The Hub's rule for repository ids. */
export function modelNameProblem(model: string): string | undefined {
  const shape = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
  const segments = model.split('/');
  if (segments.length !== 2) return 'A model is named “namespace/name”.';
  for (const segment of segments) {
    if (!shape.test(segment) || segment.includes('--') || segment.includes('..') || segment.length > 96) {
      return `“${segment}” cannot name a model: letters, digits, “-”, “_” and “.” are allowed, no “--” or “..”, and neither “-” nor “.” first or last.`;
    }
    if (segment.endsWith('.git')) return `“${segment}” cannot name a model: it ends in “.git”.`;
  }
  return undefined;
}

/** What `git check-ref-format` allows below `refs/`, so that the name cannot be an expression such as `main~1`. */
export function canBeReference(name: string): boolean {
  return (
    // eslint-disable-next-line no-control-regex
    !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|^[-/]|\/$|\/\/|\.$/.test(name) &&
    name
      .split('/')
      .every((segment) => segment !== '' && !segment.startsWith('.') && !segment.endsWith('.lock'))
  );
}

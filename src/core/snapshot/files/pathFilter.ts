import picomatch from 'picomatch';

/**
 * Whether a path of a model (forward slashes) matches any of `patterns`, which have no `patternProblem`. They mean
 * what they mean to `hf download --include` (huggingface_hub, `filter_repo_objects`): a pattern is held against the whole
 * path, `*` stands for any text, slashes included, and a folder with its `/` for all that is in it; `{a,b}` besides.
 */
export function pathFilter(patterns: readonly string[]): (path: string) => boolean {
  return picomatch(
    patterns.map((pattern) => (pattern.endsWith('/') ? `${pattern}*` : pattern)),
    // `bash`: a single star crosses slashes. The same on every system, as the paths are.
    { dot: true, bash: true, nonegate: true, noextglob: true, windows: false },
  );
}

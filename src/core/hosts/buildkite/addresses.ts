/** Where a Buildkite lives; none of them ends with a slash or has a query. */
export interface BuildkiteEndpoints {
  /** The REST API with its version, such as `https://api.buildkite.com/v2`. */
  readonly apiUrl: URL;
  /** Where packages are published to and installed from, such as `https://packages.buildkite.com`. */
  readonly packagesUrl: URL;
  /** The site for people, such as `https://buildkite.com`. */
  readonly webUrl: URL;
}

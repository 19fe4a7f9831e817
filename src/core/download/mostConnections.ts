/** Connections of a download at once, at most: as many as the HTTP client keeps to one server. */
export const MOST_CONNECTIONS = 24;

/** Connections at once, at most: more bring nothing, and a client may have few to one server. */
export const MOST_TRANSFERS = 16;

/** The values used last, as many as their weights allow. */
export interface Recent<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
}

/** @param most Sum of the weights kept; a value that weighs more than that is not kept at all. */
export function createRecent<T>(most: number, weightOf: (value: T) => number): Recent<T> {
  const values = new Map<string, T>();
  let weight = 0;

  function drop(key: string): void {
    const value = values.get(key);
    if (value === undefined) return;
    values.delete(key);
    weight -= weightOf(value);
  }

  return {
    get(key) {
      const value = values.get(key);
      if (value === undefined) return undefined;
      // To the end, among the newest.
      values.delete(key);
      values.set(key, value);
      return value;
    },
    set(key, value) {
      drop(key);
      values.set(key, value);
      weight += weightOf(value);
      for (const oldest of values.keys()) {
        if (weight <= most) break;
        drop(oldest);
      }
    },
  };
}

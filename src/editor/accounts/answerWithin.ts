/** What `task` gives, or undefined where it fails or takes longer than `ms` milliseconds: another extension may never answer. */
export async function answerWithin<T>(ms: number, task: () => Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([task(), patience]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

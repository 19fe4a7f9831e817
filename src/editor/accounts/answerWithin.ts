/**
 * What `task` gives, or undefined where it fails or takes longer than `ms` milliseconds: another extension may never answer.
 *
 * @param onNothing Gets why there is nothing.
 */
export async function answerWithin<T>(
  ms: number,
  task: () => Promise<T>,
  onNothing: (reason: string) => void,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} milliseconds`)), ms);
  });
  try {
    return await Promise.race([task(), patience]);
  } catch (error) {
    onNothing(String(error));
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

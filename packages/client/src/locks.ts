/** One tab at a time, where the browser can do that. */

/** Runs `work` while no other tab of this origin runs work of the same name; without Web Locks it just runs. */
export async function exclusively<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
  if (locks === undefined) return work();
  return (await locks.request(name, work)) as Result;
}

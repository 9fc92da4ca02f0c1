import type { PlanProgress } from '@ingot/loader'

/** What takes no longer is not talked about, and not more often than this. */
const quietMs = 1000

/** Says how far a plan is, once it takes a while. On standard error: standard output is for the result. */
export function showPlanProgress(): (progress: PlanProgress) => void {
  const counts = { reading: 0, fetching: 0 }
  let last = performance.now()
  return ({ state, module }) => {
    counts[state]++
    if (performance.now() - last < quietMs) return
    last = performance.now()
    process.stderr.write(`ingot: ${state} ${module} (${counts.reading} read, ${counts.fetching} fetched)\n`)
  }
}

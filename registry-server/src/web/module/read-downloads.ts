import type { DownloadStore } from '../../storage/meta/download-store.ts'

/** As long as a month is at least, so that every weekday counts four times. */
const days = 30
const dayMs = 24 * 3_600_000

/** How often all versions of a module were downloaded on each of the last days, the oldest first. */
export interface Downloads {
  readonly days: number
  readonly counts: readonly number[]
}

export async function readDownloads(store: DownloadStore, module: string, now: Date): Promise<Downloads> {
  const dates = Array.from({ length: days }, (_, place) =>
    new Date(now.getTime() - (days - 1 - place) * dayMs).toISOString().slice(0, 10),
  )
  const rows = await store.ofModule(module, { from: dates[0]!, to: dates.at(-1)! })
  const byDay = new Map<string, number>()
  for (const { day, count } of rows) byDay.set(day, (byDay.get(day) ?? 0) + count)
  return { days, counts: dates.map((date) => byDay.get(date) ?? 0) }
}

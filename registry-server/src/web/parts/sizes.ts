/** `12 KiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 2 ** 20) return `${Math.round(bytes / 1024)} KiB`
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

/** `1,234`. */
export function countText(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? singular : plural}`
}

import type { FileReader, Logger } from '@ingot/sdk'

const fileBytesMax = 16 * 2 ** 20

/**
 * Offsets by path of a positions file of Promtail or Grafana Agent: YAML with one map `positions` of path to decimal
 * text. No file, or none that can be read, gives none.
 */
export async function readLegacyPositions(
  fs: FileReader,
  path: string,
  log: Logger,
): Promise<ReadonlyMap<string, number>> {
  if (path === '') return new Map()
  try {
    return parseLegacyPositions(await fs.readText(path, { bytesMax: fileBytesMax }))
  } catch (error) {
    log.warn('legacy positions file cannot be read', { path, error: String(error) })
    return new Map()
  }
}

export function parseLegacyPositions(text: string): Map<string, number> {
  const positions = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = /^\s+(?:"([^"]+)"|'([^']+)'|(\S.*?)):\s*["']?(\d+)["']?\s*$/.exec(line)
    const path = match?.[1] ?? match?.[2] ?? match?.[3]
    // Cursors of other sources stand in the same map; only plain paths are files.
    if (path?.startsWith('/')) positions.set(path, Number(match![4]))
  }
  return positions
}

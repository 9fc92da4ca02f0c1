import type { ComponentManifest } from '@ingot/manifest'
import { createHash } from 'node:crypto'

/**
 * The lanes that a component runs in: all of them when it is replicated, otherwise one that its id alone decides, so
 * that a restart and a reload find it where its state was. A runner is fed by one lane.
 */
export function placeComponent(
  id: string,
  manifest: ComponentManifest,
  room: 'lane' | 'runner',
  laneCount: number,
): readonly number[] {
  if (manifest.scaling === 'replicate' && room === 'lane') return Array.from({ length: laneCount }, (_, lane) => lane)
  return [createHash('sha256').update(id).digest().readUInt32BE(0) % laneCount]
}

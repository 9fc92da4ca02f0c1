import type { ComponentManifest } from '@ingot/manifest'

export type Stability = ComponentManifest['stability']

const levels: readonly string[] = ['experimental', 'public-preview', 'generally-available'] satisfies Stability[]

/** Whether what is as stable as `level` may be used where `least` is the least stable level allowed. */
export function isStableEnough(level: string, least: Stability): boolean {
  return levels.indexOf(level) >= levels.indexOf(least)
}

import type { ComponentDetail } from './view.ts'

/** What only Ingot tells of a component: its module, what that may do and did, and what became of its runners. */
export function instanceJson({ name, module, room, lanes, health, warnings, capabilities, runner }: ComponentDetail) {
  return {
    component: name,
    module,
    room,
    lanes,
    health: { ...health, updatedTime: health.updatedTime.toISOString() },
    warnings,
    capabilities,
    ...(runner && { runner }),
  }
}

/** As a client reads it. */
export type InstanceJson = ReturnType<typeof instanceJson>

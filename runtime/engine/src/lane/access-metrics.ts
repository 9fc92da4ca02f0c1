import type { FamilySnapshot } from '@ingot/capabilities'
import type { AccessCounts } from './protocol.ts'

/** What components were granted, used and were denied, as metrics. */
export function accessMetrics(byComponent: ReadonlyMap<string, AccessCounts>): FamilySnapshot[] {
  const series = (count: 'granted' | 'used' | 'denied') =>
    [...byComponent].flatMap(([component_id, counts]) =>
      Object.entries(counts).map(([capability, one]) => ({ labels: { component_id, capability }, value: one[count] })),
    )
  return [
    {
      name: 'ingot_capability_targets',
      type: 'gauge',
      help: 'Targets that arguments and grants allow a component; 1 for a capability that has none.',
      series: series('granted'),
    },
    {
      name: 'ingot_capability_uses_total',
      type: 'counter',
      help: 'Calls of a capability that were allowed.',
      series: series('used'),
    },
    {
      name: 'ingot_capability_denials_total',
      type: 'counter',
      help: 'Calls of a capability that were denied.',
      series: series('denied'),
    },
  ]
}
